import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clientOf, expectData } from '../support/client.ts';
import { noConnectors } from '../support/connectors.ts';
import { type NodeProcess, startNode } from '../support/node-process.ts';
import { secretsIn } from '../support/planted-secrets.ts';
import {
  encryptionKey,
  onBothStores,
  openRedis,
  openSqlite,
  startServer,
  startWorld,
  type World,
} from '../support/server.ts';

/** Starts a server that must refuse to start; what it said on standard error. */
async function refusedStart(env: Record<string, string>): Promise<string> {
  const child = startNode('src/main.ts', [], { CORBEL_PORT: '0', ...env });
  const ending = await child.ended;
  expect(ending).toEqual({ code: 1, signal: null });
  expect(child.stdout()).not.toMatch(/ck_|listening/);
  expect(child.stderr()).not.toMatch(/\n {4}at /);
  return child.stderr();
}

onBothStores('encryption keys', (open) => {
  let world: World;
  const further: NodeProcess[] = [];
  beforeAll(async () => {
    world = await startWorld(open, { manyHubCalls: true });
  });
  afterAll(async () => {
    await Promise.all(further.map((one) => one.stop('SIGKILL')));
    await world?.stop();
  });

  it('that are not the store’s are refused at the start, and named, not shown', async () => {
    const other = encryptionKey('k1');
    const [said, missing] = await Promise.all(
      [other, encryptionKey('k9')].map((keys) => refusedStart({ ...world.env, CORBEL_ENCRYPTION_KEYS: keys })),
    );
    expect(said).toMatch(/^The encryption keys are refused: .*"k1"/);
    expect(secretsIn(said ?? '', { other: other.slice(3) })).toEqual([]);
    expect(missing).toMatch(/"k1".*k9/);
    // Trying did no harm.
    expectData(await world.backend.act('list_hubs', world.account));
  });

  it('are rotated while the server serves, and then the old one can go', async () => {
    const k1 = world.env.CORBEL_ENCRYPTION_KEYS ?? '';
    const k2 = encryptionKey('k2');
    const { operator, account, backend } = world;
    const tenant = await operator.post('/projects', { name: 'Other' });
    expect(tenant.status).toBe(201);
    expectData(await backend.act('list_hubs', account));
    const first = await backend.act('list_projects', account, { hub_id: world.hub, page_size: 5 });
    await world.server.stop();

    const both = { ...world.env, CORBEL_ENCRYPTION_KEYS: `${k2},${k1}` };
    const server = await startAnother(both);
    expect(server.operatorKey).toBeUndefined();
    const caller = clientOf(server.origin, backend.key);
    const statuses: number[] = [];
    let going = true;
    const traffic = Array.from({ length: 4 }, async () => {
      while (going) {
        statuses.push((await caller.act('list_hubs', account)).status);
        // Not all that the machine can do: it is to rotate as well.
        await delay(20);
      }
    });
    const rotating = startNode('src/cli/corbel.ts', ['rotate'], both);
    further.push(rotating);
    const { code } = await rotating.ended;
    going = false;
    await Promise.all(traffic);
    expect(rotating.stderr()).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(rotating.stdout())).toMatchObject({ remaining: 0, failed: 0, resealed: expect.any(Number) });
    expect(JSON.parse(rotating.stdout()).resealed).toBeGreaterThan(0);
    expect(statuses.length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([200]));
    // Cursors of before still open as long as the old key is there.
    const next = { hub_id: world.hub, next: first.json.next };
    expectData(await caller.act('list_projects', account, next));
    await server.stop();

    const only = await startAnother({ ...world.env, CORBEL_ENCRYPTION_KEYS: k2 });
    const after = clientOf(only.origin, backend.key);
    expectData(await after.act('list_hubs', account));
    const test = await clientOf(only.origin, operator.key).post(`/connector_profiles/${world.profile}/test`);
    expect(test.json.ok).toBe(true);
    expect((await after.act('list_projects', account, next)).json.code).toBe('cursor_invalid');
    expect(await refusedStart({ ...world.env, CORBEL_ENCRYPTION_KEYS: k1 })).toMatch(
      /^The encryption keys are refused/,
    );
  });

  async function startAnother(env: Record<string, string>) {
    const server = await startServer(env);
    further.push(server);
    return server;
  }
});

describe('encryption keys that are malformed or missing', () => {
  it('malformed ones are refused without being shown', async () => {
    const store = await openSqlite();
    const wrong = ['k1:c2hvcnQ=', 'k1:not base64 at all!', `${encryptionKey('k1')},${encryptionKey('k1')}`];
    await Promise.all(
      wrong.map(async (keys) => {
        const said = await refusedStart({ ...store.env, CORBEL_ENCRYPTION_KEYS: keys });
        expect(said).toMatch(/^The encryption keys are refused/);
        expect(said).not.toContain(keys.split(':').at(-1));
      }),
    );
    await store.remove();
  });

  it.skipIf(!inject('redis').canStartServers)('a shared store without any is refused', async () => {
    const store = await openRedis();
    const { CORBEL_ENCRYPTION_KEYS: _keys, ...env } = store.env;
    expect(await refusedStart(env)).toMatch(/CORBEL_ENCRYPTION_KEYS must be set/);
    await store.remove();
  });

  it('the embedded store without any makes one in a file of the owner’s, and refuses to start without it', async () => {
    const store = await openSqlite();
    const { CORBEL_ENCRYPTION_KEYS: _keys, ...kept } = store.env;
    const env: Record<string, string> = { ...kept, CORBEL_CONNECTORS_DIR: await noConnectors() };
    const first = await startServer(env);
    const file = join(env.CORBEL_DATA_DIR ?? '', 'encryption.key');
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await stat(env.CORBEL_DATA_DIR ?? '')).mode & 0o077).toBe(0);
    const key = (await readFile(file, 'utf8')).trim();
    expect(secretsIn(first.stdout() + first.stderr(), { key: key.split(':').at(-1) ?? key })).toEqual([]);
    await first.stop();
    const second = await startServer(env);
    expect(second.operatorKey).toBeUndefined();
    await second.stop();
    await rm(file);
    expect(await refusedStart(env)).toMatch(/^The encryption keys are refused/);
    await store.remove();
  });
});
