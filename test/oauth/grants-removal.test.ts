import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grantKey } from '../../src/oauth/grant-record.ts';
import { Problem } from '../../src/problems.ts';
import type { RecordKey, Store } from '../../src/store/store.ts';
import { seededFractions } from '../long/rounds.ts';
import { newKey } from '../vault/support/fixture.ts';
import {
  type GrantNode,
  type GrantNodeOptions,
  offsetClock,
  PROJECT,
  startGrantNode,
  userRequest,
} from './support/grant-node.ts';
import { openSqlite, type StoreOfGrants } from './support/grant-processes.ts';
import { type GrantServer, startGrantServer } from './support/grant-server.ts';

const RING = newKey('k1');
const TWO_HOURS_MS = 2 * 3_600_000;
const INTERLEAVINGS = 1_000;
const AT_ONCE = 100;
const MAX_DELAY_MS = 12;

let server: GrantServer;
let files: StoreOfGrants;
let nodes: GrantNode[];

beforeEach(async () => {
  [server, files] = await Promise.all([startGrantServer(), openSqlite()]);
  nodes = [];
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await server.close();
  await files.remove();
});

async function start(options: Partial<GrantNodeOptions> = {}): Promise<GrantNode> {
  const node = await startGrantNode({ ...files, ring: RING, clock: offsetClock(TWO_HOURS_MS), ...options });
  nodes.push(node);
  return node;
}

const clock = offsetClock(TWO_HOURS_MS);

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'given',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
}

describe('removing a grant', () => {
  it('tells what became of it at the provider, with the refresh token where there is one', async () => {
    const node = await start();
    const client = server.client();
    const grant = server.consent('acc_1');
    await node.grants.install(PROJECT, 'acc_1', client, grant);
    await node.grants.install(PROJECT, 'acc_2', client, server.consent('acc_2', { refreshToken: null }));
    await node.grants.install(PROJECT, 'acc_3', client, server.consent('acc_3'));
    await node.grants.install(PROJECT, 'acc_4', client, server.consent('acc_4'));
    await node.grants.install(PROJECT, 'acc_5', client, server.consent('acc_5'));
    const nowhere = new URL('http://127.0.0.1:1/revoke');
    const dead = server.client({ allowedOrigins: new Set([nowhere.origin]) }, { revocationEndpoint: nowhere });
    const remove = async (account: string, by: typeof client | undefined) =>
      (await node.grants.remove(PROJECT, account, by)).revoked;
    expect(await remove('acc_1', client)).toBe('revoked');
    expect(await remove('acc_1', client)).toBe('nothing');
    expect(await remove('acc_2', client)).toBe('revoked');
    expect(await remove('acc_3', server.client({}, { revocationEndpoint: undefined }))).toBe('not_supported');
    expect(await remove('acc_4', undefined)).toBe('failed');
    expect(await remove('acc_5', dead)).toBe('failed');
    expect(await remove('acc_6', client)).toBe('nothing');
    expect(server.revoked.map(({ hint }) => hint)).toEqual(['refresh_token', 'access_token']);
    expect(server.revoked[0]?.token).toBe(grant.refreshToken?.reveal());
    for (const account of ['acc_1', 'acc_3', 'acc_5']) {
      expect(await codeOf(node.grants.userToken(userRequest(client, account, clock)))).toBe('account_reauth_required');
      expect(await node.grants.inspect(PROJECT, account)).toBeUndefined();
    }
    const stored = await node.store.get(grantKey(PROJECT, 'acc_1'));
    expect(Object.keys(JSON.parse(stored?.value ?? '{}')).sort()).toEqual(['generation', 'removed_at']);
  });

  it('and linking the account again gives a new grant', async () => {
    const node = await start();
    const client = server.client();
    await node.grants.install(PROJECT, 'acc_1', client, server.consent('acc_1'));
    await node.grants.remove(PROJECT, 'acc_1', client);
    await node.grants.install(PROJECT, 'acc_1', client, server.consent('acc_1'));
    await node.grants.userToken(userRequest(client, 'acc_1', clock));
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({ generation: 4 });
  });

  it(`during a refresh, ${INTERLEAVINGS} interleavings: it is never resurrected, and nothing stays valid at the provider`, async () => {
    const fraction = seededFractions('grant removal');
    const randomly = () => delay(Math.floor(fraction() * MAX_DELAY_MS));
    // Some accounts' answers do not reach the store, as if the process died with them in its journal.
    const lost = (key: RecordKey) => Number(key.id.slice('acc_'.length)) % 5 === 0;
    const slowly = (store: Store, dies: boolean): Store => {
      const { get, put } = store;
      return Object.assign(store, {
        get: async (...args: Parameters<Store['get']>) => {
          await randomly();
          return get.apply(store, args);
        },
        put: async (...args: Parameters<Store['put']>) => {
          await randomly();
          const [key, value] = args;
          const answer = key.kind === 'grant' && JSON.parse(value).refresh_intent === null;
          if (dies && answer && lost(key)) throw new Problem('store_unavailable', 'away');
          return put.apply(store, args);
        },
      });
    };
    const a = await start({ wrapStore: (store) => slowly(store, true) });
    const b = await start({ wrapStore: (store) => slowly(store, false) });
    const setter = await start();
    const client = server.client();
    server.twist = () => ({ delayMs: Math.floor(fraction() * MAX_DELAY_MS) });
    const accounts = Array.from({ length: INTERLEAVINGS }, (_, index) => `acc_${index}`);
    await Promise.all(
      accounts.map((account) => setter.grants.install(PROJECT, account, client, server.consent(account))),
    );

    const givenAfter: string[] = [];
    const interleave = async (account: string) => {
      const [refresher, remover] = fraction() < 0.7 ? [a, b] : [a, a];
      const ask = () => refresher.grants.userToken(userRequest(client, account, clock));
      const early = codeOf(ask());
      await delay(Math.floor(fraction() * 8 * MAX_DELAY_MS));
      await remover.grants.remove(PROJECT, account, client);
      if (remover === refresher && (await codeOf(ask())) === 'given') givenAfter.push(account);
      await early;
    };
    for (let from = 0; from < accounts.length; from += AT_ONCE)
      await Promise.all(accounts.slice(from, from + AT_ONCE).map(interleave));

    // The journal of the process that could not save is replayed by another.
    const c = await start();
    await c.grants.replayJournal();
    expect(givenAfter).toEqual([]);
    const alive: string[] = [];
    for (const account of accounts) {
      if ((await codeOf(c.grants.userToken(userRequest(client, account, clock)))) === 'given') alive.push(account);
      if ((await c.grants.inspect(PROJECT, account)) !== undefined) alive.push(account);
    }
    expect(alive).toEqual([]);
    expect(server.requests.length).toBeGreaterThan(INTERLEAVINGS / 4);
    const kept = [...server.families.values()].filter(({ killed }) => !killed);
    expect(kept.map(({ account }) => account).filter((account) => !lost(grantKey(PROJECT, account)))).toEqual([]);
  });
});
