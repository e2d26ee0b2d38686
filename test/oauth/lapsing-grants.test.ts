import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { newId } from '../../src/domain/ids.ts';
import { insertProject } from '../../src/domain/project.ts';
import { createGrantRecords, type GrantRecord, grantKey } from '../../src/oauth/grant-record.ts';
import { indexGrants, lapsingGrants } from '../../src/oauth/lapsing-grants.ts';
import { systemRandom } from '../../src/random.ts';
import { Secret } from '../../src/secret.ts';
import { openStore } from '../../src/store/open.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { temporarySqlite } from '../support/sqlite.ts';

const PROJECT = 'prj_p';
const HOUR_MS = 3_600_000;

it('grants are found by the end of their refresh tokens, the next first, until they die or are removed', async () => {
  const sqlite = await temporarySqlite();
  const store = await openStore({ url: sqlite.url, clock: systemClock, random: systemRandom, allowVolatile: false });
  const vault = createVault(parseKeyRing(`k1:${randomBytes(32).toString('base64')}`), systemRandom);
  const records = createGrantRecords({ store, vault });
  const record = (more: Partial<GrantRecord>): GrantRecord => ({
    ...{ generation: 1, link: 'l', client_id: 'c', access_token: new Secret('a'), refresh_token: new Secret('r') },
    ...{ candidate_refresh_token: null, obtained_at: 0, linked_at: 0, access_expires_at: 0, refresh_expires_at: null },
    ...{ scopes: null, forced_at: null, refresh_intent: null, dead: null },
    ...more,
  });
  const key = (id: string) => grantKey(PROJECT, id);
  const write = async (id: string, more: Partial<GrantRecord>, version = 0) =>
    (await records.write(key(id), record(more), version)) ?? expect.fail('not written');
  const lapsing = async (limit = 10) =>
    (await lapsingGrants(store, PROJECT, { from: HOUR_MS, until: 10 * HOUR_MS, limit })).map(({ account }) => account);

  await write('over', { refresh_expires_at: 0 });
  await write('far', { refresh_expires_at: 11 * HOUR_MS });
  await write('unknown', {});
  await write('without', { refresh_token: null, refresh_expires_at: 2 * HOUR_MS });
  const late = await write('late', { refresh_expires_at: 9 * HOUR_MS });
  const soon = await write('soon', { refresh_expires_at: 2 * HOUR_MS });
  const gone = await write('gone', { refresh_expires_at: 3 * HOUR_MS });
  expect(await lapsing()).toEqual(['soon', 'gone', 'late']);
  expect(await lapsing(1)).toEqual(['soon']);

  await records.bury(key('gone'), { generation: 2, removedAt: 0 }, gone);
  await write('late', { refresh_expires_at: 9 * HOUR_MS, dead: { death: 'grant_refused', at: 0 } }, late);
  await write('soon', { refresh_expires_at: 4 * HOUR_MS }, soon);
  expect(await lapsingGrants(store, PROJECT, { from: 0, until: 10 * HOUR_MS, limit: 10 })).toEqual([
    { account: 'over', at: 0 },
    { account: 'soon', at: 4 * HOUR_MS },
  ]);
  await store.close();
  await sqlite.remove();
});

it('grants that a release without terms wrote are found after a start, and what was removed stays so', async () => {
  const sqlite = await temporarySqlite();
  const store = await openStore({ url: sqlite.url, clock: systemClock, random: systemRandom, allowVolatile: false });
  const project = newId(systemRandom, 'prj');
  await insertProject(store, { id: project, name: 'Old', root: false, created_at: '' });
  const put = (id: string, value: string, ttlMs?: number) =>
    store.put(grantKey(project, id), value, { ...(ttlMs && { ttlMs }) });
  await put('soon', JSON.stringify({ generation: 1, refresh_token: 'cv1.x', refresh_expires_at: HOUR_MS, dead: null }));
  await put('dead', JSON.stringify({ generation: 1, refresh_token: 'cv1.x', refresh_expires_at: HOUR_MS, dead: {} }));
  await put('wreck', 'no JSON');
  await put('gone', JSON.stringify({ generation: 2, removed_at: 0 }), 50);
  const lapsing = () => lapsingGrants(store, project, { from: 0, until: 2 * HOUR_MS, limit: 10 });
  expect(await lapsing()).toEqual([]);
  await indexGrants(store);
  expect(await lapsing()).toEqual([{ account: 'soon', at: HOUR_MS }]);
  await delay(60);
  expect(await store.get(grantKey(project, 'gone'))).toBeUndefined();
  const version = (await store.get(grantKey(project, 'soon')))?.version;
  await indexGrants(store);
  expect((await store.get(grantKey(project, 'soon')))?.version).toBe(version);
  await store.close();
  await sqlite.remove();
});
