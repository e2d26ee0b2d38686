import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { RateLimit } from '../../src/connector/connector.ts';
import { Problem } from '../../src/problems.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { type Store, WATCH_DELAY_MS } from '../../src/store/store.ts';
import { createFairQueue } from '../../src/upstream/fair-queue.ts';
import { createRateBudgets, type RateBudgets } from '../../src/upstream/rate-budgets.ts';
import { NOTHING_SENT, room, slotsLater, slotsUntilRoom } from '../../src/upstream/rate-window.ts';
import { temporarySqlite } from '../support/sqlite.ts';

const redis = inject('redis');
const WINDOW_MS = 1_000;

const limitOf = (requests: number): RateLimit => ({
  id: `test.api.${randomBytes(6).toString('hex')}`,
  requests,
  windowMs: WINDOW_MS,
});
const soon = (ms: number) => ({ deadlineAt: Date.now() + ms });

describe('a window of a rate limit', () => {
  const counts = fc.array(fc.nat(30), { minLength: NOTHING_SENT.length, maxLength: NOTHING_SENT.length });

  it('has room in the first slot in which one more fits, and always once everything has passed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), counts, (ceiling, sent) => {
        const slots = slotsUntilRoom(ceiling, sent);
        expect(room(ceiling, slotsLater(sent, slots))).toBeGreaterThanOrEqual(1);
        if (slots > 0) expect(room(ceiling, slotsLater(sent, slots - 1))).toBeLessThan(1);
      }),
    );
  });
});

describe('a fair queue', () => {
  it('serves in turn by holder, each holder in order, and tells that order beforehand', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 }), (holders) => {
        const queue = createFairQueue<string>();
        for (const [index, holder] of holders.entries()) queue.add(`h${holder}`, `h${holder} ${index}`);
        const told = queue.inOrder();
        const served = told.map(() => queue.next(() => true));
        expect(served).toEqual(told);
        expect(queue.size).toBe(0);
        for (let at = 0; at + 1 < served.length; at += 1) {
          const [one, other] = [served[at], served[at + 1]].map((item) => item?.split(' ')[0]);
          // The same holder twice in a row only when nobody else is left.
          if (one === other) expect(new Set(served.slice(at).map((item) => item?.split(' ')[0])).size).toBe(1);
        }
      }),
    );
  });

  it('counts those before another item of a holder', () => {
    const queue = createFairQueue<number>();
    for (let item = 0; item < 100; item += 1) queue.add('flood', item);
    expect(queue.ahead('other')).toBe(1);
    expect(queue.ahead('flood')).toBe(100);
  });
});

budgetsOn('SQLite', false, async () => {
  const { url, remove } = await temporarySqlite();
  return { url, stop: remove };
});
budgetsOn('Redis', redis.url === undefined, async () => ({ url: redis.url ?? '', stop: async () => {} }));

function budgetsOn(name: string, skip: boolean, start: () => Promise<{ url: string; stop(): Promise<unknown> }>): void {
  describe.skipIf(skip)(`rate budgets shared over ${name}`, () => {
    let backend: { url: string; stop(): Promise<unknown> };
    const stores: Store[] = [];
    const processes: RateBudgets[] = [];
    let increments = 0;

    beforeAll(async () => {
      backend = await start();
      for (let index = 0; index < 2; index += 1) {
        const store = await openStore({
          url: backend.url,
          clock: systemClock,
          random: systemRandom,
          allowVolatile: true,
        });
        const counting: Pick<Store, 'get' | 'put' | 'increment' | 'watch'> = {
          get: (key) => store.get(key),
          put: (...parameters) => store.put(...parameters),
          watch: (onChange) => store.watch(onChange),
          increment: (...parameters) => {
            increments += 1;
            return store.increment(...parameters);
          },
        };
        stores.push(store);
        processes.push(await createRateBudgets({ store: counting, clock: systemClock }));
      }
    });

    afterAll(async () => {
      for (const budgets of processes) await budgets.close();
      for (const store of stores) await store.close();
      await backend?.stop();
    });

    const budgets = (index: number): RateBudgets => {
      const found = processes[index];
      if (!found) throw new Error('not started');
      return found;
    };

    it('lets no more through in any window than the limit, however many processes and accounts ask', async () => {
      const limit = limitOf(20);
      const sent: number[] = [];
      const ask = async (index: number) => {
        await budgets(index % 2).take(limit, { clientId: 'client', account: `acc_${index % 3}` }, soon(30_000));
        sent.push(Date.now());
      };
      await Promise.all(Array.from({ length: 60 }, (_, index) => ask(index)));
      expect(sent).toHaveLength(60);
      sent.sort((one, other) => one - other);
      // Noted after the grant, at times late: shorter windows, so that a slow machine does not look like a broken limit.
      const most = Math.max(
        ...sent.map((from) => sent.filter((at) => at >= from && at < from + 0.7 * WINDOW_MS).length),
      );
      expect(most).toBeLessThanOrEqual(20);
    }, 20_000);

    it('asks nobody for most calls', async () => {
      const limit = limitOf(1_000);
      const before = increments;
      for (let call = 0; call < 300; call += 1)
        await budgets(0).take(limit, { clientId: 'client', account: 'acc_1' }, soon(5_000));
      expect(increments - before).toBeLessThan(60);
    });

    it('counts each client id and each limit for itself', async () => {
      const [one, other] = [limitOf(1), limitOf(1)];
      const first = { clientId: 'one', account: 'acc_1' };
      await budgets(0).take(one, first, soon(100));
      await budgets(0).take(one, { ...first, clientId: 'two' }, soon(400));
      await budgets(0).take(other, first, soon(400));
      const refusal = await budgets(1)
        .take(one, first, soon(200))
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Problem);
    });

    it('refuses at once, with the time to come back, when the turn would come after the deadline', async () => {
      const limit = { ...limitOf(5), windowMs: 60_000 };
      const holder = { clientId: 'client', account: 'acc_1' };
      for (let call = 0; call < 5; call += 1) await budgets(0).take(limit, holder, soon(1_000));
      const started = Date.now();
      const refusal = await budgets(1)
        .take(limit, holder, soon(1_000))
        .catch((error: unknown) => error);
      expect(Date.now() - started).toBeLessThan(900);
      expect(refusal).toMatchObject({ code: 'rate_budget_exhausted' });
      const retryAfterS = refusal instanceof Problem ? refusal.options.retryAfterS : undefined;
      expect(retryAfterS).toBeGreaterThanOrEqual(1);
      expect(retryAfterS).toBeLessThanOrEqual(75);
    });

    it('gives an account its turn soon although another one has a thousand calls waiting', async () => {
      const limit = limitOf(20);
      const away = new AbortController();
      const flood = Array.from({ length: 1_000 }, () =>
        budgets(0)
          .take(limit, { clientId: 'client', account: 'acc_flood' }, { ...soon(120_000), signal: away.signal })
          .then(() => true)
          .catch(() => false),
      );
      await delay(100);
      const started = Date.now();
      await budgets(0).take(limit, { clientId: 'client', account: 'acc_quiet' }, soon(10_000));
      expect(Date.now() - started).toBeLessThan(2 * WINDOW_MS + 500);
      // From then on something is kept for the quiet one: it does not wait for a window.
      await delay(WINDOW_MS);
      const again = Date.now();
      await budgets(0).take(limit, { clientId: 'client', account: 'acc_quiet' }, soon(10_000));
      expect(Date.now() - again).toBeLessThan(WINDOW_MS / 2);
      away.abort(new Error('gone'));
      expect((await Promise.all(flood)).filter(Boolean).length).toBeLessThan(100);
    }, 15_000);

    it('stops every process when the provider said that it had enough', async () => {
      const limit = limitOf(100);
      const holder = { clientId: 'client', account: 'acc_1' };
      await budgets(0).take(limit, holder, soon(1_000));
      await budgets(1).take(limit, holder, soon(1_000));
      const until = Date.now() + WATCH_DELAY_MS + 1_500;
      budgets(0).exhausted(limit, holder, until);
      await delay(WATCH_DELAY_MS);
      await Promise.all([0, 1].map((index) => budgets(index).take(limit, holder, soon(10_000))));
      expect(Date.now()).toBeGreaterThanOrEqual(until);
    }, 10_000);

    it('lets a caller that goes away leave its place', async () => {
      const limit = { ...limitOf(1), windowMs: 60_000 };
      const holder = { clientId: 'client', account: 'acc_1' };
      await budgets(0).take(limit, holder, soon(1_000));
      const away = new AbortController();
      const waiting = budgets(0).take(limit, holder, { ...soon(600_000), signal: away.signal });
      away.abort(new Error('gone'));
      await expect(waiting).rejects.toThrow('gone');
    });
  });
}

describe('rate budgets without a store', () => {
  it('keep to the limit on their own', async () => {
    const { url, remove } = await temporarySqlite();
    const store = await openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: true });
    const budgets = await createRateBudgets({ store, clock: systemClock });
    await store.close();
    const limit = { ...limitOf(10), windowMs: 60_000 };
    const taken = await Promise.allSettled(
      Array.from({ length: 15 }, () =>
        budgets.take(limit, { clientId: 'client', account: 'acc_1' }, { deadlineAt: Date.now() + 1_000 }),
      ),
    );
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    await remove();
  });
});
