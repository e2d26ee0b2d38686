import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyJson, expectData, expectProblem } from '../support/client.ts';
import { type ConnectorsCopy, copyConnectors, FEW_ACTIONS, withoutRateLimit } from '../support/connectors.ts';
import { startNode } from '../support/node-process.ts';
import { openSqlite, seedAccount, startWorld, type World } from '../support/server.ts';

const HUBS = 'autodesk/actions/hubs.yaml';

describe('a reload of the connectors', () => {
  let world: World;
  let connectors: ConnectorsCopy;
  beforeAll(async () => {
    connectors = await copyConnectors([...FEW_ACTIONS, 'items']);
    await connectors.edit('autodesk/connector.yaml', (text) => withoutRateLimit(text, 'hubs'));
    world = await startWorld(openSqlite, { env: { CORBEL_CONNECTORS_DIR: connectors.directory } });
  });
  afterAll(async () => {
    await world?.stop();
    await connectors?.remove();
  });

  /** Sends SIGHUP and waits for the log line that tells the outcome. */
  async function reload(): Promise<AnyJson> {
    const from = world.server.records().length;
    world.server.signal('SIGHUP');
    return world.server.record(({ msg }) => /^(connectors reloaded|reload refused)/.test(String(msg)), { from });
  }
  const label = async () => (await world.backend.get('/actions/autodesk_list_hubs')).json.label;
  const hash = async () => (await world.backend.get('/healthz')).json.registry.hash;

  it('makes changed files live', async () => {
    const before = await hash();
    expect(await label()).toBe('List Hubs');
    await connectors.edit(HUBS, (text) => text.replace('label: List Hubs', 'label: Hubs of the account'));
    expect(await label()).toBe('List Hubs');
    expect(await reload()).toMatchObject({ level: 'info', outcome: 'swapped' });
    expect(await label()).toBe('Hubs of the account');
    expect(await hash()).not.toBe(before);
  });

  it('of unchanged files changes nothing', async () => {
    const before = await hash();
    expect(await reload()).toMatchObject({ outcome: 'unchanged' });
    expect(await hash()).toBe(before);
  });

  it('of broken files keeps the old ones and logs every fault with its place', async () => {
    const before = await hash();
    await connectors.edit(HUBS, (text) => text.replace('effect: read', 'effekt: read'));
    const { level, faults, registry } = await reload();
    expect(level).toBe('error');
    expect(registry).toBe(before);
    expect(faults.length).toBeGreaterThanOrEqual(1);
    for (const fault of faults) {
      expect(fault).toMatchObject({
        file: expect.stringMatching(/hubs\.yaml$/),
        line: expect.any(Number),
        column: expect.any(Number),
        rule: expect.stringMatching(/^[A-Z]{3}\d{3}$/),
        message: expect.stringMatching(/\S/),
      });
    }
    expect(JSON.stringify(faults)).toContain('effekt');
    expectData(await world.backend.act('list_hubs', world.account));
    expect(await label()).toBe('Hubs of the account');
    const { json } = await world.operator.get('/connectors/autodesk/status');
    expect(json).toMatchObject({
      registry_hash: before,
      last_reload: { outcome: 'refused', fault_count: faults.length },
    });
    // Where the directory is on the machine is not told.
    expect(json.last_reload.faults[0]).toMatchObject({ file: HUBS, frame: expect.stringContaining('effekt: read') });
    const source = await world.operator.get('/actions/autodesk_list_hubs/source');
    expect([source.status, source.json.code]).toEqual([409, 'version_conflict']);
  });

  it('of a folder that went away keeps the old ones', async () => {
    const connector = join(connectors.directory, 'autodesk/connector.yaml');
    await copyFile(connector, `${connector}.kept`);
    await rm(connector);
    expect(await reload()).toMatchObject({ level: 'error' });
    expectData(await world.backend.act('list_hubs', world.account));
    await copyFile(`${connector}.kept`, connector);
  });

  it('works again once the files are mended', async () => {
    await connectors.edit(HUBS, (text) =>
      text.replace('effekt: read', 'effect: read').replace('Hubs of the account', 'Mended'),
    );
    expect(await reload()).toMatchObject({ outcome: 'swapped' });
    expect(await label()).toBe('Mended');
  });

  it('fails no call, however many are under way', async () => {
    const statuses: number[] = [];
    let going = true;
    const traffic = Array.from({ length: 8 }, async () => {
      while (going) statuses.push((await world.backend.act('list_hubs', world.account)).status);
    });
    for (let round = 0; round < 8; round += 1) {
      await connectors.edit(HUBS, (text) =>
        text.replace(/label: .* hubs?$|label: (Mended|Round \d)$/im, `label: Round ${round}`),
      );
      expect(await reload()).toMatchObject({ outcome: 'swapped' });
      expect(await label()).toBe(`Round ${round}`);
    }
    going = false;
    await Promise.all(traffic);
    expect(statuses.length).toBeGreaterThan(8);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('may take an action away that a profile names: that one can still be disabled', async () => {
    const { profile } = await seedAccount(world.operator, world.sandbox, {
      profile: { actions: ['autodesk_get_item'] },
    });
    const items = join(connectors.directory, 'autodesk/actions/items.yaml');
    await rename(items, `${items}.kept`);
    expect(await reload()).toMatchObject({ outcome: 'swapped' });
    const change = (body: unknown) => world.operator.patch(`/connector_profiles/${profile}`, body);
    expectProblem(await change({ scopes: [] }), 'request_invalid');
    expect((await change({ enabled: false, name: 'Off' })).json).toMatchObject({ enabled: false, name: 'Off' });
    await rename(`${items}.kept`, items);
    expect(await reload()).toMatchObject({ outcome: 'swapped' });
  });

  it('is not what a start does: with broken files the server does not start, and says where', async () => {
    await connectors.edit('autodesk/actions/items.yaml', (text) =>
      text.replace('scopes: [data:read]', 'scopes: [data:raed]'),
    );
    const child = startNode('src/main.ts', [], { ...world.env, CORBEL_PORT: '0' });
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expect(child.stderr()).toMatch(/items\.yaml:\d+:\d+ [A-Z]{3}\d{3} .*data:raed/);
    expect(child.stderr()).not.toMatch(/\n {4}at /);
  });

  it('needs a folder: without one the server does not start, and says which', async () => {
    const missing = join(connectors.directory, 'nowhere');
    const child = startNode('src/main.ts', [], { ...world.env, CORBEL_PORT: '0', CORBEL_CONNECTORS_DIR: missing });
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expect(child.stderr()).toMatch(/\/nowhere\b.* cannot be read: .*\(ENOENT\)/);
    expect(child.stderr()).not.toMatch(/\n {4}at /);
  });
});
