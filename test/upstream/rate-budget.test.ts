import { setMaxListeners } from 'node:events';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.ts';
import { createRateBudget, type SharedCount } from '../../src/upstream/rate-budget.ts';

const HOUR_MS = 3_600_000;
const limitOf = (requests: number, windowMs: number) => ({ id: 'test.api.all', requests, windowMs });
const soon = (ms: number) => ({ deadlineAt: Date.now() + ms });

function counter(): SharedCount {
  const counts = new Map<number, number>();
  return async (slot, by) => {
    const count = (counts.get(slot) ?? 0) + by;
    counts.set(slot, count);
    return count;
  };
}

it.each([3, 10_000])(
  'ten thousand calls of %d accounts that come one after the other cost no more than each its own',
  async (accounts) => {
    const budget = createRateBudget(limitOf(300, 60_000), counter(), systemClock, () => {});
    const away = new AbortController();
    setMaxListeners(0, away.signal);
    const before = process.cpuUsage();
    const calls: Promise<unknown>[] = [];
    for (let call = 0; call < 10_000; call += 1) {
      const options = { ...soon(24 * HOUR_MS), signal: away.signal };
      calls.push(budget.take(`acc_${call % accounts}`, options).catch(() => {}));
      await nextTurn();
    }
    const { user, system } = process.cpuUsage(before);
    away.abort(new Error('gone'));
    await Promise.all(calls);
    expect((user + system) / 1_000).toBeLessThan(4_000);
  },
  60_000,
);

it('refuses one who comes while others wait at once, when the turn would come after the deadline', async () => {
  const budget = createRateBudget(limitOf(1, 60_000), counter(), systemClock, () => {});
  await budget.take('acc_1', soon(1_000));
  const away = new AbortController();
  const waiting = budget.take('acc_1', { ...soon(HOUR_MS), signal: away.signal }).catch(() => 'gone');
  await delay(20);
  await expect(budget.take('acc_2', soon(1_000))).rejects.toMatchObject({ code: 'rate_budget_exhausted' });
  away.abort(new Error('gone'));
  expect(await waiting).toBe('gone');
});

it('goes on when the clock is set back', async () => {
  let aheadMs = HOUR_MS;
  const clock: Clock = { ...systemClock, now: () => Date.now() + aheadMs };
  const budget = createRateBudget(limitOf(1, 500), counter(), clock, () => {});
  const patient = { deadlineAt: Number.POSITIVE_INFINITY };
  await budget.take('acc_1', patient);
  const waiting = budget.take('acc_1', patient);
  budget.block(clock.now() + 300);
  await delay(20);
  aheadMs = 0;
  const outcome = await Promise.race([waiting.then(() => budget.take('acc_1', patient)), delay(4_000, 'stuck')]);
  expect(outcome).toBeUndefined();
}, 10_000);

it('gives no turn to one whose deadline passed while the shared count was asked', async () => {
  const count = counter();
  const slow: SharedCount = async (slot, by) => {
    await delay(150);
    return count(slot, by);
  };
  const budget = createRateBudget(limitOf(1, 60_000), slow, systemClock, () => {});
  await expect(budget.take('acc_1', soon(50))).rejects.toMatchObject({ code: 'rate_budget_exhausted' });
  await budget.take('acc_1', soon(5_000));
});

it('does not lose a turn because the shared count was asked over the end of a slot', async () => {
  const count = counter();
  const slow: SharedCount = async (slot, by) => {
    await delay(30);
    return count(slot, by);
  };
  const budget = createRateBudget(limitOf(1, 5_000), slow, systemClock, () => {});
  const slotMs = 500;
  await delay(slotMs - (Date.now() % slotMs) + slotMs - 20);
  await budget.take('acc_1', soon(1_000));
});

it('waits once, not with every call, for a shared count that hangs', async () => {
  let failures = 0;
  const hanging: SharedCount = async () => {
    await delay(400);
    throw new Error('hung');
  };
  const budget = createRateBudget(limitOf(1_000, 60_000), hanging, systemClock, () => {
    failures += 1;
  });
  for (let call = 0; call < 200; call += 1) await budget.take('acc_1', soon(5_000));
  expect(failures).toBe(1);
});
