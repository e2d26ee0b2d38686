import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import type { Store } from '../../src/store/store.ts';
import { newKey } from '../vault/support/fixture.ts';
import { callMany } from './support/fixture.ts';
import {
  type GrantNode,
  type GrantNodeOptions,
  offsetClock,
  PROJECT,
  startGrantNode,
  userRequest,
} from './support/grant-node.ts';
import { onBothGrantStores, type StoreOfGrants } from './support/grant-processes.ts';
import { type GrantServer, startGrantServer } from './support/grant-server.ts';

const RING = newKey('k1');
const TWO_HOURS_MS = 2 * 3_600_000;
const COMMANDS = ['get', 'put', 'acquireLease', 'renewLease', 'releaseLease'] as const;
/** More than a refresh has. */
const BOUNDARIES = 14;

/** Whether the command numbered `number` fails, before it is carried out or after. */
type Fault = (number: number) => 'before' | 'after' | undefined;

function faulty(store: Store, fault: { decide: Fault; count: number }): Store {
  for (const command of COMMANDS) {
    const original = store[command].bind(store) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(store, {
      [command]: async (...args: unknown[]) => {
        const when = fault.decide(++fault.count);
        if (when === 'before') throw new Problem('store_unavailable', 'away');
        const result = await original(...args);
        if (when === 'after') throw new Problem('store_unavailable', 'away');
        return result;
      },
    });
  }
  return store;
}

onBothGrantStores('a store that fails', (open) => {
  let server: GrantServer;
  let files: StoreOfGrants;
  let nodes: GrantNode[];
  const clock = offsetClock(TWO_HOURS_MS);

  beforeEach(async () => {
    [server, files] = await Promise.all([startGrantServer(), open()]);
    nodes = [];
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await server.close();
    await files.remove();
  });

  async function start(options: Partial<GrantNodeOptions> = {}): Promise<GrantNode> {
    const node = await startGrantNode({ ...files, ring: RING, clock, ...options });
    nodes.push(node);
    return node;
  }

  it('at any command of a refresh: a retryable 503 at most, no grant lost, none called dead, no token sent twice', async () => {
    const fault: { decide: Fault; count: number } = { decide: () => undefined, count: 0 };
    const node = await start({ wrapStore: (store) => faulty(store, fault), leaseTtlMs: 1_000 });
    const client = server.client();
    const outcomes: string[] = [];
    const check = async (boundary: number, when: 'before' | 'after') => {
      const account = `acc_${boundary}_${when}`;
      fault.decide = () => undefined;
      await node.grants.install(PROJECT, account, client, server.consent(account));
      fault.count = 0;
      fault.decide = (number) => (number === boundary ? when : undefined);
      const ask = () => node.grants.userToken(userRequest(client, account, clock));
      const error = await ask().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error !== undefined) {
        expect(error).toMatchObject({ code: 'store_unavailable', status: 503, retryable: true });
        outcomes.push(account);
      }
      fault.decide = () => undefined;
      await ask();
      expect(server.families.get(account), account).toMatchObject({ reuses: 0, rotations: 1 });
    };
    for (let boundary = 1; boundary <= BOUNDARIES; boundary++)
      for (const when of ['before', 'after'] as const) await check(boundary, when);
    expect(node.deaths).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(2);
    // What was served from memory came to the store as well.
    await delay(300);
    const other = await start();
    for (const account of server.families.keys()) {
      const [mine, theirs] = await Promise.all(
        [node, other].map(({ grants }) => grants.userToken(userRequest(client, account, clock))),
      );
      expect(theirs?.token.reveal()).toBe(mine?.token.reveal());
    }
  });

  it('right after the provider answered: callers are served from memory, the store gets it when it is back', async () => {
    const fault: { decide: Fault; count: number } = { decide: () => undefined, count: 0 };
    const node = await start({ wrapStore: (store) => faulty(store, fault) });
    const client = server.client();
    await node.grants.install(PROJECT, 'acc_1', client, server.consent('acc_1'));
    server.twist = () => {
      fault.decide = () => 'before';
      return undefined;
    };
    const ask = () => node.grants.userToken(userRequest(client, 'acc_1', clock));
    expect(await callMany(100, ask)).toMatchObject({ ok: 100, codes: [] });
    expect(await callMany(100, ask)).toMatchObject({ ok: 100, codes: [] });
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({ generation: 2 });
    const given = await ask();
    fault.decide = () => undefined;
    const other = await start();
    await expect.poll(async () => (await other.grants.inspect(PROJECT, 'acc_1'))?.generation).toBe(2);
    const theirs = await other.grants.userToken(userRequest(client, 'acc_1', clock));
    expect(theirs.token.reveal()).toBe(given.token.reveal());
    expect(server.requests).toHaveLength(1);
  });

  it('when a link is finished: the grant is kept on the disk and comes to the store', async () => {
    const fault: { decide: Fault; count: number } = { decide: () => 'before', count: 0 };
    const node = await start({ wrapStore: (store) => faulty(store, fault) });
    const client = server.client();
    await node.grants.install(
      PROJECT,
      'acc_1',
      client,
      server.consent('acc_1', { accessExpiresAt: clock.now() + 9e5 }),
    );
    await node.grants.userToken(userRequest(client, 'acc_1', clock));
    fault.decide = () => undefined;
    const other = await start();
    await expect.poll(async () => (await other.grants.inspect(PROJECT, 'acc_1'))?.generation).toBe(1);
  });

  it('and a disk that fails too: the grant is served from memory, and told', async () => {
    const fault: { decide: Fault; count: number } = { decide: () => undefined, count: 0 };
    const node = await start({ wrapStore: (store) => faulty(store, fault), dataDirectory: '/dev/null/nowhere' });
    const client = server.client();
    await node.grants.install(PROJECT, 'acc_1', client, server.consent('acc_1'));
    server.twist = () => {
      fault.decide = () => 'before';
      return undefined;
    };
    const given = await node.grants.userToken(userRequest(client, 'acc_1', clock));
    expect(given.generation).toBe(2);
    expect(node.log).toContainEqual(expect.objectContaining({ durable: false, failure: 'store_unavailable' }));
    const unsaved = node.grants.install(PROJECT, 'acc_2', client, server.consent('acc_2'));
    await expect(unsaved).rejects.toMatchObject({ code: 'store_unavailable' });
    fault.decide = () => undefined;
    const other = await start();
    await expect.poll(async () => (await other.grants.inspect(PROJECT, 'acc_1'))?.generation).toBe(2);
  });

  it('while a grant is refused: nobody is told to link again, and later it is', async () => {
    const fault: { decide: Fault; count: number } = { decide: () => undefined, count: 0 };
    const node = await start({ wrapStore: (store) => faulty(store, fault), leaseTtlMs: 600 });
    const client = server.client();
    await node.grants.install(PROJECT, 'acc_1', client, server.consent('acc_1'));
    server.twist = () => {
      fault.decide = () => 'before';
      return { rotate: false, status: 400, body: '{"error":"invalid_grant"}' };
    };
    const ask = () => node.grants.userToken(userRequest(client, 'acc_1', clock));
    await expect(ask()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(node.deaths).toEqual([]);
    server.twist = () => undefined;
    fault.decide = () => undefined;
    await ask();
  });
});
