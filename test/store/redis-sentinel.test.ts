import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { type RecordKey, WATCH_DELAY_MS } from '../../src/store/store.ts';
import { startRedis, startSentinel, until } from '../support/redis.ts';

const FAILOVER_MS = 15_000;

describe.skipIf(!inject('redis').canStartServers)('a Redis behind a Sentinel', () => {
  it('is found by the name of its group, and followed when another master is named', async () => {
    const key: RecordKey = { partition: 'prj_x', kind: 'thing', id: 'one' };
    const master = await startRedis();
    onTestFinished(() => master.stop({ kill: true }));
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
    onTestFinished(() => replica.stop({ kill: true }));
    const raw = new Redis(master.url);
    await until(FAILOVER_MS, 'no replica', async () => /state=online/.test(await raw.info('replication')));
    const sentinel = await startSentinel(master, replica);
    onTestFinished(() => sentinel.stop());

    const url = sentinel.url;
    const store = await openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: false });
    onTestFinished(() => store.close());
    const told: (string | undefined)[] = [];
    const watching = await store.watch((changed) => told.push(changed?.id));
    await store.put(key, 'before');
    await until(WATCH_DELAY_MS, 'not told', () => told.includes('one'));
    expect(watching.live()).toBe(true);
    // Replication is asynchronous: without waiting, the write may rightly be lost with its master.
    await raw.wait(1, 1_000);
    raw.disconnect();

    told.length = 0;
    await master.stop({ kill: true });
    await until(WATCH_DELAY_MS + 500, 'still live', () => !watching.live());
    await until(
      FAILOVER_MS,
      'no new master',
      async () => (await store.put(key, 'after').catch(() => undefined))?.ok === true,
    );
    await until(FAILOVER_MS, 'not live again', () => watching.live());
    expect(told).toContain(undefined);
    told.length = 0;
    await store.put(key, 'later');
    await until(WATCH_DELAY_MS, 'not told', () => told.includes('one'));

    await watching.close();
  });
});
