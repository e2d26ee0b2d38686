import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import type { RecordKey, Store } from '../../src/store/store.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

describe.skipIf(!inject('redis').canStartServers)('what the store leaves in Redis', () => {
  let server: RedisServer;
  let store: Store;
  let raw: Redis;

  beforeAll(async () => {
    server = await startRedis();
    store = await openStore({ url: server.url, clock: systemClock, random: systemRandom, allowVolatile: false });
    raw = new Redis(server.url);
  });

  afterAll(async () => {
    raw?.disconnect();
    await store?.close();
    await server?.stop({ kill: true });
  });

  it('does not grow by records that have expired, even when nobody lists them', async () => {
    const key = (id: string): RecordKey => ({ partition: 'prj_a', kind: 'session', id });
    for (let index = 0; index < 40; index++) await store.put(key(`s${index}`), 'x', { ttlMs: 20 });
    await delay(60);
    for (let index = 0; index < 20; index++) await store.put(key('again'), 'x', { ttlMs: 60_000 });
    expect(await raw.zrange('corbel:{prj_a}:i:session', '0', '-1')).toEqual(['again']);
    expect(await raw.zrange('corbel:{prj_a}:expiries', '0', '-1')).toEqual(['session:again']);
    await store.delete(key('again'));
    expect(await raw.keys('corbel:{prj_a}:*')).toEqual(['corbel:{prj_a}:versions']);
  });

  it('does not grow when many are written at once either', async () => {
    const entries = (ttlMs: number) =>
      Array.from({ length: 150 }, (_, index) => ({
        key: { partition: 'prj_c', kind: 'log', id: `${ttlMs}-${index}` },
        value: 'x',
        ttlMs,
      }));
    await store.putAll(entries(20));
    await delay(60);
    await store.putAll(entries(60_000));
    expect(await raw.zcard('corbel:{prj_c}:i:log')).toBe(150);
    expect(await raw.zcard('corbel:{prj_c}:expiries')).toBe(150);
    expect(await raw.pttl('corbel:{prj_c}:r:log:60000-0')).toBeGreaterThan(50_000);
  });

  it('has the partition as hash tag in every key, whatever it is called', async () => {
    await raw.flushall();
    for (const partition of ['prj_b', '', '{}', '}{', 'a:b']) {
      const key = { partition, kind: 'k{', id: '{id}' };
      await store.put(key, 'x', { ttlMs: 60_000 });
      await store.increment(key, 1);
      await store.acquireLease(key, { owner: 'o', ttlMs: 60_000 });
      const keys = await raw.keys('corbel:*');
      expect(keys).toHaveLength(6);
      expect(new Set(keys.map((name) => /^corbel:\{([^{}]+)\}:/.exec(name)?.[1])).size).toBe(1);
      await raw.flushall();
    }
  });

  it('works on after its scripts were flushed', async () => {
    const key: RecordKey = { partition: 'prj_c', kind: 'thing', id: 'one' };
    await store.put(key, 'x');
    await raw.script('FLUSH');
    const results = await Promise.all(Array.from({ length: 20 }, () => store.increment(key, 1)));
    expect([...results].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});
