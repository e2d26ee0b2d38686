import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf } from '../support/client.ts';
import { noConnectors } from '../support/connectors.ts';
import { until } from '../support/redis.ts';
import { openSqlite, type Server, type StoreOfTest, startServer } from '../support/server.ts';
import { corbel } from './support/corbel.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('corbel keys, beside a running server', () => {
  let store: StoreOfTest;
  let server: Server;
  beforeAll(async () => {
    store = await openSqlite();
    server = await startServer({ ...store.env, CORBEL_CONNECTORS_DIR: await noConnectors() });
  });
  afterAll(async () => {
    await server?.stop();
    await store?.remove();
  });

  it('makes a key that works, shows its token once, and revokes it', async () => {
    const made = await corbel(
      ['keys', 'create', '--name', 'nightly', '--action', 'acme_a', '--expires', '90d'],
      store.env,
    );
    expect(made.code).toBe(0);
    // The token alone, so that a script can take it.
    const token = made.stdout.trim();
    expect(token).toMatch(/^ck_\w+$/);
    const [, id = ''] = /(key_\w+)/.exec(made.stderr) ?? [];
    const caller = clientOf(server.origin, token);
    expect((await caller.get('/actions')).status).toBe(200);

    const listed = await corbel(['keys', 'list', '--json'], store.env);
    const key = JSON.parse(listed.stdout).keys.find((one: { id: string }) => one.id === id);
    expect(key).toMatchObject({
      name: 'nightly',
      role: 'backend',
      actions: ['acme_a'],
      accounts: null,
      revoked_at: null,
    });
    const days = (Date.parse(key.expires_at) - Date.now()) / DAY_MS;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThan(90.1);
    const table = await corbel(['keys', 'list'], store.env);
    expect(table.stdout).toMatch(new RegExp(`${id} +backend +active .* nightly\\n +only actions: acme_a`));
    for (const { stdout, stderr } of [listed, table]) {
      expect(stdout + stderr).not.toContain(token.split('_').at(-1));
      expect(stdout + stderr).not.toContain('digest');
    }

    const narrowed = await corbel(['keys', 'narrow', id, '--expires', '7d', '--name', 'weekly', '--json'], store.env);
    expect(JSON.parse(narrowed.stdout).key).toMatchObject({ id, name: 'weekly', actions: ['acme_a'] });
    const wider = await corbel(['keys', 'narrow', id, '--action', 'acme_a', 'acme_b'], store.env);
    expect([wider.code, wider.stdout]).toEqual([1, '']);
    expect(wider.stderr).toContain('actions has "acme_b"');

    expect((await corbel(['keys', 'revoke', id], store.env)).code).toBe(0);
    await until(30_000, 'the key still works', async () => (await caller.get('/actions')).json.code === 'key_revoked');
  });

  it.each([
    [['create', '--name', 'x', '--role', 'operator', '--account', 'acc_1'], 1, 'only a backend key can be narrowed'],
    [['create', '--name', 'x', '--expires', '2020-01-01'], 1, 'must be a time to come'],
    [['create', '--name', 'x', '--role', 'boss'], 2, 'Allowed choices'],
    [['revoke', 'key_nothing'], 1, 'no such API key'],
    [['narrow', 'key_nothing', '--name', 'x'], 1, 'no such API key'],
    [['narrow', 'key_nothing'], 2, 'Nothing to change'],
  ])('refuses what the API refuses: %j', async (args, code, message) => {
    const refused = await corbel(['keys', ...args], store.env);
    expect([refused.code, refused.stdout]).toEqual([code, '']);
    expect(refused.stderr).toContain(message);
    expect(refused.stderr).not.toMatch(/\n {4}at /);
  });
});
