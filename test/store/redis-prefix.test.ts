import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { type RecordKey, WATCH_DELAY_MS } from '../../src/store/store.ts';
import { startRedis } from '../support/redis.ts';

describe.skipIf(!inject('redis').canStartServers)('two prefixes in one Redis', () => {
  it('share no record, lease, counter or notice, and every key begins with its prefix', async () => {
    const server = await startRedis();
    const options = { url: server.url, clock: systemClock, random: systemRandom, allowVolatile: false };
    const one = await openStore({ ...options, prefix: 'one' });
    const other = await openStore({ ...options, prefix: 'other' });
    const raw = new Redis(server.url);
    try {
      const key: RecordKey = { partition: 'prj_a', kind: 'k', id: 'x' };
      const heard: unknown[] = [];
      const watch = await other.watch((changed) => heard.push(changed));
      await delay(WATCH_DELAY_MS);
      heard.length = 0;
      await one.put(key, 'mine');
      await one.increment(key, 5);
      expect(await one.acquireLease(key, { owner: 'a', ttlMs: 60_000 })).toBeDefined();
      expect(await other.get(key)).toBeUndefined();
      expect(await other.increment(key, 1)).toBe(1);
      expect(await other.acquireLease(key, { owner: 'b', ttlMs: 60_000 })).toBeDefined();
      await delay(WATCH_DELAY_MS);
      expect(heard).toEqual([]);
      for (const name of await raw.keys('*')) expect(name).toMatch(/^(one|other):\{prj_a\}:/);
      await watch.close();
    } finally {
      raw.disconnect();
      await one.close();
      await other.close();
      await server.stop({ kill: true });
    }
  });
});
