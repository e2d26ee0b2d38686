import type { Clock } from '../clock.ts';
import type { RateLimit } from '../connector/connector.ts';
import type { Problem } from '../problems.ts';
import { createFairQueue } from './fair-queue.ts';
import { comesTooLate, usedUp } from './rate-refusal.ts';
import { createRateShares } from './rate-shares.ts';
import { NOTHING_SENT, room, SLOTS_PER_WINDOW, slotsLater, slotsUntilRoom } from './rate-window.ts';

// Taken from the shared counter at once, as a share of the limit: large enough that most calls ask nobody, small enough that
// what a process leaves unused is no loss.
const CHUNK_SHARE = 0.1;

// A store that hangs takes seconds to fail, and would take them from every call anew.
const ON_ITS_OWN_MS = 5_000;

/** The counter that all processes share: adds to the count of a slot and gives what it then is. */
export type SharedCount = (slot: number, by: number) => Promise<number>;

/** The budget of one client under one limit. */
export interface RateBudget {
  take(account: string, options: { deadlineAt: number; signal?: AbortSignal }): Promise<void>;
  block(untilMs: number): void;
  /** Nobody waits, and what was counted matters no more. */
  idle(nowMs: number): boolean;
}

interface Waiter {
  account: string;
  deadlineAt: number;
  grant(): void;
  refuse(problem: unknown): void;
}

/** `onStoreFailure` is told when the shared count could not be had; the process then keeps to the limit on its own. */
export function createRateBudget(
  limit: RateLimit,
  count: SharedCount,
  clock: Clock,
  onStoreFailure: (error: unknown) => void,
): RateBudget {
  const { requests, windowMs } = limit;
  const largestChunk = Math.max(1, Math.floor(requests * CHUNK_SHARE));
  const queue = createFairQueue<Waiter>();
  const slotMs = windowMs / SLOTS_PER_WINDOW;
  let slot = 0;
  /** What all processes sent, as far as known; slots over since the last look may have grown. */
  let sent: number[] = [...NOTHING_SENT];
  let unread = SLOTS_PER_WINDOW;
  /** What this process sent. */
  let ownSent: number[] = [...NOTHING_SENT];
  /** Counted in the shared counter already, not used yet. */
  let inHand = 0;
  let chunk = 1;
  let window = 0;
  const shares = createRateShares(requests);
  let blockedUntil = 0;
  /** Before these times asking the shared counter is of no use: for accounts in general, and for the light ones. */
  const notBefore = { common: 0, light: 0 };
  /** Until then the shared counter is not asked, because it failed. */
  let aloneUntil = 0;
  let serving = false;
  /** Somebody came since the queue was looked at. */
  let arrived = false;
  /** Those who wait, wait until then. */
  let restingUntil = 0;
  let wake = () => {};

  function turnSlot(nowMs: number): void {
    const now = Math.floor(nowMs / slotMs);
    if (now === slot) return;
    if (now < slot) setBack((slot - now) * slotMs);
    // A clock set back starts anew: the counts of other slots mean nothing then.
    const passed = now > slot ? now - slot : NOTHING_SENT.length;
    sent = [...slotsLater(sent, passed)];
    ownSent = [...slotsLater(ownSent, passed)];
    unread = Math.min(SLOTS_PER_WINDOW, unread + passed);
    slot = now;
    inHand = 0;
    chunk = 1;
    const turned = Math.floor(nowMs / windowMs) - window;
    if (turned === 0) return;
    window += turned;
    shares.turned(turned, queue.holders());
  }

  /** What was to last until some time by the clock lasts no longer for its having been set back. */
  function setBack(byMs: number): void {
    blockedUntil -= byMs;
    notBefore.common = 0;
    notBefore.light = 0;
    aloneUntil = 0;
  }

  function note(account: string): void {
    shares.took(account);
    ownSent[0] = (ownSent[0] ?? 0) + 1;
  }

  /** Gives one turn to the next who can still use it; false when there is none. */
  function serveNext(mayBeServed: (account: string) => boolean): boolean {
    for (;;) {
      const waiter = queue.next(mayBeServed);
      if (!waiter) return false;
      if (waiter.deadlineAt > clock.now()) {
        note(waiter.account);
        waiter.grant();
        return true;
      }
      waiter.refuse(usedUp(limit, 0));
    }
  }

  function serveInHand(): void {
    while (inHand > 0 && serveNext(() => true)) inHand -= 1;
  }

  /** Takes up to `want` from the shared counter under a ceiling; what does not fit is given back. */
  async function reserve(want: number, ceiling: number): Promise<number> {
    const at = slot;
    if (clock.now() < aloneUntil) return reserveAlone(want, ceiling);
    try {
      await readEarlierSlots(at);
      const total = await count(at, want);
      turnSlot(clock.now());
      const others = total - want;
      // What was counted in one slot may not be sent in the next: a window could hold it without its count.
      const fits = at === slot ? Math.max(0, Math.min(want, room(ceiling, [others, ...sent.slice(1)]))) : 0;
      if (at === slot) sent[0] = others + fits;
      if (fits < want) count(at, fits - want).catch(onStoreFailure);
      return fits;
    } catch (error) {
      onStoreFailure(error);
      turnSlot(clock.now());
      aloneUntil = clock.now() + ON_ITS_OWN_MS;
      return reserveAlone(want, ceiling);
    }
  }

  function reserveAlone(want: number, ceiling: number): number {
    sent = [...ownSent];
    unread = SLOTS_PER_WINDOW;
    return Math.max(0, Math.min(want, room(ceiling, sent)));
  }

  async function readEarlierSlots(at: number): Promise<void> {
    if (unread === 0) return;
    const wanted = unread;
    const totals = await Promise.all(Array.from({ length: wanted }, (_, index) => count(at - 1 - index, 0)));
    if (at !== slot) return;
    sent.splice(1, wanted, ...totals);
    unread = 0;
  }

  function waitFor(ceiling: number): number {
    return (slot + Math.max(1, slotsUntilRoom(ceiling, sent))) * slotMs;
  }

  /** Serves whom it can; gives the time at which to go on. */
  async function serveSome(): Promise<number | undefined> {
    const now = clock.now();
    turnSlot(now);
    if (now < blockedUntil) return blockedUntil;
    if (inHand > 0) {
      serveInHand();
      return undefined;
    }
    const { ceiling, isLight } = shares.standing();
    if (now >= notBefore.common) {
      const want = Math.min(chunk, largestChunk);
      chunk = Math.min(chunk * 2, largestChunk);
      const at = slot;
      const got = await reserve(want, ceiling);
      inHand = got;
      // At once: with the slot, which may be over by now, what is in hand would be lost.
      if (clock.now() >= blockedUntil) serveInHand();
      // Nothing got, and another slot: that says nothing about this one.
      if (got > 0 || at !== slot) return undefined;
      notBefore.common = waitFor(ceiling);
    }
    if (![...queue.holders()].some(isLight)) return notBefore.common;
    if (clock.now() >= notBefore.light) {
      const at = slot;
      const got = await reserve(1, requests);
      if (got > 0 && !serveNext(isLight)) inHand += 1;
      if (got > 0 || at !== slot) return undefined;
      notBefore.light = waitFor(requests);
    }
    return Math.min(notBefore.common, notBefore.light);
  }

  /** Tells when the turn of one comes that has so many before it, as far as one can tell. */
  function turnTeller(): (account: string, ahead: number) => number {
    const { ceiling, isLight } = shares.standing();
    const intervalMs = windowMs / ceiling;
    const [common, light] = [notBefore.common, notBefore.light].map((time) => {
      const from = Math.max(blockedUntil, time);
      const free = room(ceiling, slotsLater(sent, Math.floor(from / slotMs) - slot));
      return (ahead: number) => from + Math.max(0, ahead - Math.max(0, free - 1)) * intervalMs;
    }) as [(ahead: number) => number, (ahead: number) => number];
    return (account, ahead) => (isLight(account) ? light : common)(ahead);
  }

  function refuseHopeless(): void {
    const turnOf = turnTeller();
    for (const [ahead, waiter] of queue.inOrder().entries()) {
      const turn = turnOf(waiter.account, ahead);
      if (!comesTooLate(turn, waiter.deadlineAt)) continue;
      queue.remove(waiter.account, waiter);
      waiter.refuse(usedUp(limit, turn - clock.now()));
    }
  }

  /**
   * Looks at one who comes while all wait: gives the refusal where there is no hope, and wakes whoever serves only when the
   * newcomer can be served sooner. To look at all of them each time would cost the square of their number.
   */
  function receive(account: string, deadlineAt: number): Problem | undefined {
    shares.arrived(account);
    arrived = true;
    if (!serving || restingUntil === 0) return undefined;
    const turnOf = turnTeller();
    if (turnOf(account, 0) < restingUntil) {
      wake();
      return undefined;
    }
    const turn = turnOf(account, queue.ahead(account));
    return comesTooLate(turn, deadlineAt) ? usedUp(limit, turn - clock.now()) : undefined;
  }

  async function serveAll(): Promise<void> {
    serving = true;
    try {
      while (queue.size > 0) {
        arrived = false;
        const goOnAt = await serveSome();
        if (goOnAt === undefined || arrived) continue;
        refuseHopeless();
        if (queue.size === 0) break;
        const woken = new AbortController();
        wake = () => woken.abort();
        restingUntil = goOnAt;
        await clock.sleep(Math.max(1, goOnAt - clock.now()), woken.signal).catch(() => {});
        restingUntil = 0;
      }
    } finally {
      serving = false;
      wake = () => {};
    }
  }

  return {
    take(account, { deadlineAt, signal }) {
      const now = clock.now();
      turnSlot(now);
      if (inHand > 0 && queue.size === 0 && now >= blockedUntil) {
        inHand -= 1;
        note(account);
        return Promise.resolve();
      }
      if (signal?.aborted) return Promise.reject(signal.reason);
      const refusal = receive(account, deadlineAt);
      if (refusal) return Promise.reject(refusal);
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          queue.remove(account, waiter);
          reject(signal?.reason);
        };
        const settled = () => signal?.removeEventListener('abort', onAbort);
        const waiter: Waiter = {
          account,
          deadlineAt,
          grant: () => {
            settled();
            resolve();
          },
          refuse: (problem) => {
            settled();
            reject(problem);
          },
        };
        signal?.addEventListener('abort', onAbort);
        queue.add(account, waiter);
        if (!serving) void serveAll();
      });
    },

    block(untilMs) {
      blockedUntil = Math.max(blockedUntil, untilMs);
      wake();
    },

    idle: (nowMs) => queue.size === 0 && nowMs >= blockedUntil && nowMs / slotMs > slot + SLOTS_PER_WINDOW + 1,
  };
}
