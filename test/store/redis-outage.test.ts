import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { connectRedis } from '../../src/store/redis-connection.ts';
import { parseRedisUrl } from '../../src/store/redis-url.ts';
import { type RecordKey, type Store, WATCH_DELAY_MS } from '../../src/store/store.ts';
import { freePort, type RedisServer, startRedis, startRedisCluster, until } from '../support/redis.ts';

const { canStartServers } = inject('redis');

// What a caller may be kept waiting at most, with room for a busy machine.
const BOUND_MS = 3_500;
const RECOVERY_MS = 5_000;

const key: RecordKey = { partition: 'prj_outage', kind: 'thing', id: 'one' };
const open = (url: string) => openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: false });

describe.skipIf(!canStartServers)('a Redis that goes away', () => {
  let server: RedisServer;
  let store: Store;
  const told: (string | undefined)[] = [];

  beforeAll(async () => {
    server = await startRedis();
    store = await open(server.url);
  });

  afterAll(async () => {
    await store?.close();
    await server?.stop({ kill: true });
  });

  it('is store_unavailable in bounded time when killed, not live, and recovers with its data', async () => {
    const watching = await store.watch((changed) => told.push(changed?.id));
    await store.put(key, 'before');
    await until(WATCH_DELAY_MS, 'not told', () => told.includes('one'));
    expect(watching.live()).toBe(true);

    const inFlight = Promise.allSettled(Array.from({ length: 20 }, () => store.increment(key, 1)));
    await server.stop({ kill: true, keepData: true });
    await inFlight;
    await until(WATCH_DELAY_MS + 500, 'still live', () => !watching.live());
    const started = performance.now();
    const operations = [
      () => store.get(key),
      () => store.put(key, 'x'),
      () => store.delete(key),
      () => store.list('prj_outage', 'thing', { limit: 1 }),
      () => store.acquireLease(key, { owner: 'o', ttlMs: 1_000 }),
      () => store.renewLease({ key, owner: 'o', fence: 1 }, 1_000),
      () => store.releaseLease({ key, owner: 'o', fence: 1 }),
      () => store.increment(key, 1),
      () => store.watch(() => {}),
      () => store.check(),
    ];
    await Promise.all(
      operations.map((operation) => expect(operation()).rejects.toMatchObject({ code: 'store_unavailable' })),
    );
    expect(performance.now() - started).toBeLessThan(BOUND_MS);
    expect(watching.live()).toBe(false);

    told.length = 0;
    server = await startRedis({ port: server.port, dir: server.dir });
    await until(
      RECOVERY_MS,
      'did not recover',
      async () => (await store.get(key).catch(() => undefined))?.value === 'before',
    );
    await until(RECOVERY_MS, 'not live again', () => watching.live());
    // Before it calls itself live again, it must have said that something may have been missed.
    expect(told[0]).toBeUndefined();
    expect(told).toHaveLength(1);
    await store.put(key, 'after');
    await until(WATCH_DELAY_MS, 'not told', () => told.includes('one'));
    await watching.close();
  });

  it('is store_unavailable in bounded time when it hangs, not live, and recovers', async () => {
    const watching = await store.watch(() => {});
    process.kill(server.pid, 'SIGSTOP');
    try {
      const started = performance.now();
      await expect(store.get(key)).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(store.put(key, 'x')).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(performance.now() - started).toBeLessThan(2 * BOUND_MS);
      expect(watching.live()).toBe(false);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await until(
      RECOVERY_MS,
      'did not recover',
      async () => (await store.get(key).catch(() => undefined)) !== undefined,
    );
    await until(RECOVERY_MS, 'not live again', () => watching.live());
    await watching.close();
  });

  it('is connected again when the client has given up', async () => {
    const { client, close } = await connectRedis(parseRedisUrl(server.url), undefined);
    client.disconnect();
    await until(1_000, 'not ended', () => client.status === 'end');
    await until(RECOVERY_MS, 'not revived', () => client.status === 'ready');
    await close();
    await delay(700);
    expect(client.status).toBe('end');
  });

  it('never carries values or passwords in what it throws', async () => {
    const other = await startRedis({ args: ['--maxmemory', '1mb'] });
    const full = await open(other.url);
    const secret = 'planted-secret-value';
    const failure = await fill(full, secret);
    expect(failure).toMatchObject({ code: 'store_unavailable' });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(secret);
    await full.close();
    await other.stop({ kill: true });
  });
});

describe.skipIf(!canStartServers)('a Redis that is not there at start', () => {
  it('is waited for', async () => {
    const port = await freePort();
    const opening = open(`redis://127.0.0.1:${port}`);
    await delay(300);
    const server = await startRedis({ port });
    const store = await opening;
    await expect(store.check()).resolves.toBeUndefined();
    await store.close();
    await server.stop({ kill: true });
  });
});

describe.skipIf(!canStartServers)('a Redis Cluster of which one master goes away', () => {
  it('is not live, serves what the other masters hold, and recovers', async () => {
    const cluster = await startRedisCluster();
    onTestFinished(() => cluster.stop());
    const store = await open(cluster.url);
    const partitions = Array.from({ length: 30 }, (_, index) => `prj_${index}`);
    const record = (partition: string): RecordKey => ({ partition, kind: 'thing', id: 'one' });
    for (const partition of partitions) await store.put(record(partition), partition);
    const told: (string | undefined)[] = [];
    const watching = await store.watch((changed) => told.push(changed?.partition));
    expect(watching.live()).toBe(true);

    const [victim] = cluster.nodes;
    if (victim === undefined) throw new Error('no node');
    await victim.stop({ kill: true, keepData: true });
    await until(WATCH_DELAY_MS + 500, 'still live', () => !watching.live());
    const reads = await Promise.allSettled(partitions.map((partition) => store.get(record(partition))));
    for (const read of reads) {
      if (read.status === 'rejected') expect(read.reason).toMatchObject({ code: 'store_unavailable' });
    }
    expect(reads.some((read) => read.status === 'rejected')).toBe(true);
    await delay(2_100);
    expect(watching.live()).toBe(false);

    told.length = 0;
    const back = await startRedis({
      port: victim.port,
      dir: victim.dir,
      args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'],
    });
    onTestFinished(() => back.stop({ kill: true }));
    await until(2 * RECOVERY_MS, 'did not recover', async () => {
      const again = await Promise.allSettled(partitions.map((partition) => store.get(record(partition))));
      return again.every((read) => read.status === 'fulfilled' && read.value !== undefined);
    });
    await until(RECOVERY_MS, 'not live again', () => watching.live());
    expect(told).toContain(undefined);
    for (const partition of partitions) await store.put(record(partition), 'new');
    await until(WATCH_DELAY_MS, 'not told of all', () => partitions.every((partition) => told.includes(partition)));
    await watching.close();
    await store.close();
  });
});

async function fill(store: Store, secret: string): Promise<unknown> {
  try {
    for (let index = 0; index < 50; index++) {
      await store.put({ ...key, id: `${index}` }, secret + 'x'.repeat(100_000));
    }
  } catch (error) {
    return error;
  }
  return undefined;
}
