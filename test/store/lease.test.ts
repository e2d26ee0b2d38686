import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Problem } from '../../src/problems.ts';
import { systemRandom } from '../../src/random.ts';
import { LeaseLost, type LeaseOptions, withLease } from '../../src/store/lease.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Lease, RecordKey, Store } from '../../src/store/store.ts';
import { until } from '../support/redis.ts';
import { type TemporarySqlite, temporarySqlite } from '../support/sqlite.ts';

// Far more than the lease's time to live, for a busy machine.
const TOLD_MS = 5_000;

const key: RecordKey = { partition: 'prj_x', kind: 'refresh', id: 'acc_1' };

describe('work under a lease', () => {
  let file: TemporarySqlite;
  let store: Store;
  const held = <T>(
    options: Omit<LeaseOptions, 'key'>,
    work: (lease: Lease, signal: AbortSignal) => Promise<T>,
    at = store,
  ) => withLease(at, systemClock, systemRandom, { key, ...options }, work);

  beforeEach(async () => {
    file = await temporarySqlite();
    store = await openSqliteStore({ path: file.path, clock: systemClock, random: systemRandom });
  });

  afterEach(async () => {
    await store.close();
    await file.remove();
  });

  it('is done by one at a time, the others being told so', async () => {
    let running = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        held({ ttlMs: 5_000 }, async () => {
          expect(++running).toBe(1);
          await delay(30);
          running--;
        }),
      ),
    );
    expect(outcomes.filter(({ acquired }) => acquired)).toHaveLength(1);
  });

  it('is waited for as long as asked, and done one after the other', async () => {
    let running = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () =>
        held({ ttlMs: 5_000, waitMs: 5_000 }, async (lease) => {
          expect(++running).toBe(1);
          await delay(20);
          running--;
          return lease.fence;
        }),
      ),
    );
    const fences = outcomes.map((outcome) => (outcome.acquired ? outcome.value : 0));
    expect(new Set(fences).size).toBe(4);
    expect(fences).not.toContain(0);
  });

  it('keeps the lease for longer than its time to live, and gives it back', async () => {
    await held({ ttlMs: 1_000 }, async (_lease, signal) => {
      await delay(1_800);
      expect(signal.aborted).toBe(false);
      expect(await store.acquireLease(key, { owner: 'other', ttlMs: 100 })).toBeUndefined();
    });
    expect(await store.acquireLease(key, { owner: 'other', ttlMs: 100 })).toBeDefined();
  });

  it('gives the lease back when the work fails, and passes the failure on', async () => {
    const failing = held({ ttlMs: 5_000 }, async () => {
      throw new Error('work failed');
    });
    await expect(failing).rejects.toThrow('work failed');
    expect(await store.acquireLease(key, { owner: 'other', ttlMs: 100 })).toBeDefined();
  });

  it('is told by the signal when somebody else took the lease away', async () => {
    await held({ ttlMs: 300 }, async (lease, signal) => {
      await store.releaseLease(lease);
      const thief = await store.acquireLease(key, { owner: 'thief', ttlMs: 5_000 });
      await until(TOLD_MS, 'not told', () => signal.aborted);
      expect(signal.reason).toBeInstanceOf(LeaseLost);
      expect(thief && (await store.renewLease(thief, 5_000))).toBe(true);
    });
    // The loser must not have released what is now the thief's.
    expect(await store.acquireLease(key, { owner: 'other', ttlMs: 100 })).toBeUndefined();
  });

  it.each([
    ['fails', async () => Promise.reject(new Problem('store_unavailable', 'gone'))],
    ['hangs', () => new Promise<boolean>(() => {})],
  ])('is told by the signal when the store %s until the lease is over', async (_what, renewLease) => {
    const broken: Store = Object.assign(Object.create(store) as Store, {
      acquireLease: store.acquireLease.bind(store),
      releaseLease: store.releaseLease.bind(store),
      renewLease,
    });
    const work = async (_lease: Lease, signal: AbortSignal) => {
      await delay(250);
      expect(signal.aborted).toBe(false);
      await until(TOLD_MS, 'not told', () => signal.aborted);
      expect(signal.reason).toBeInstanceOf(LeaseLost);
    };
    await held({ ttlMs: 800 }, work, broken);
  });
});
