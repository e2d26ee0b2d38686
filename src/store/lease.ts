import type { Clock } from '../clock.ts';
import { type Random, randomBase62 } from '../random.ts';
import type { Lease, RecordKey, Store } from './store.ts';

const OWNER_LENGTH = 22;
// Waiting for somebody else's lease: short at first (a token refresh takes some 200 ms), then gentler on the store.
const WAIT_MIN_MS = 25;
const WAIT_MAX_MS = 250;
// Two further attempts fit in when one heartbeat gets lost.
const HEARTBEATS_PER_TTL = 3;

export interface LeaseOptions {
  key: RecordKey;
  ttlMs: number;
  /** How long to wait for a lease that somebody else holds; 0 when not given. */
  waitMs?: number;
}

export type LeaseOutcome<T> = { acquired: true; value: T } | { acquired: false };

/** The reason of the signal when a lease was lost. */
export class LeaseLost extends Error {
  constructor() {
    super('the lease was lost');
    this.name = 'LeaseLost';
  }
}

/**
 * Runs `work` while holding a lease, which is extended every third of `ttlMs` and given back at the end, whatever happens.
 *
 * The signal is aborted (reason {@link LeaseLost}) as soon as the lease is known to be lost or can no longer be known to be
 * held. That is advice, not safety: a process that was stopped notices late, so that writes must carry `lease.fence`.
 *
 * Rejects with what `work` rejects with, and with `store_unavailable` when the lease cannot be asked for.
 */
export async function withLease<T>(
  store: Store,
  clock: Clock,
  random: Random,
  options: LeaseOptions,
  work: (lease: Lease, signal: AbortSignal) => Promise<T>,
): Promise<LeaseOutcome<T>> {
  const taken = await acquire(store, clock, random, options);
  if (taken === undefined) return { acquired: false };
  const { lease, heldUntil } = taken;
  const lost = new AbortController();
  const done = new AbortController();
  void keep({ store, clock, lease, ttlMs: options.ttlMs, heldUntil, lost, done: done.signal });
  try {
    return { acquired: true, value: await work(lease, lost.signal) };
  } finally {
    done.abort();
    // When it cannot be given back, it ends by itself after ttlMs.
    await store.releaseLease(lease).catch(() => false);
  }
}

interface Taken {
  lease: Lease;
  heldUntil: number;
}

async function acquire(store: Store, clock: Clock, random: Random, options: LeaseOptions): Promise<Taken | undefined> {
  const { key, ttlMs, waitMs = 0 } = options;
  const owner = randomBase62(random, OWNER_LENGTH);
  const giveUpAt = clock.now() + waitMs;
  for (let pauseMs = WAIT_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, WAIT_MAX_MS)) {
    // Counted from before the question: the store counts from its answer, which is later.
    const heldUntil = clock.now() + ttlMs;
    const lease = await store.acquireLease(key, { owner, ttlMs });
    if (lease !== undefined) return { lease, heldUntil };
    const remainingMs = giveUpAt - clock.now();
    if (remainingMs <= 0) return undefined;
    // Jitter, or all who wait would ask at the same moment.
    await clock.sleep(Math.min(remainingMs, pauseMs * (0.5 + random.fraction() / 2)));
  }
}

interface Keeping {
  store: Store;
  clock: Clock;
  lease: Lease;
  ttlMs: number;
  heldUntil: number;
  lost: AbortController;
  done: AbortSignal;
}

/** Extends the lease until done or lost. Never rejects. */
async function keep(keeping: Keeping): Promise<void> {
  const { clock, lost, done } = keeping;
  const ended = AbortSignal.any([lost.signal, done]);
  const pause = async (ms: number) => {
    await clock.sleep(ms, ended).catch(() => {});
  };
  const heartbeats = async () => {
    while (!ended.aborted) {
      await pause(keeping.ttlMs / HEARTBEATS_PER_TTL);
      if (!ended.aborted) await heartbeat(keeping);
    }
  };
  // Apart from the heartbeats, because one of them may hang while the time runs out.
  const watchdog = async () => {
    while (!ended.aborted) {
      const remainingMs = keeping.heldUntil - clock.now();
      if (remainingMs <= 0) lost.abort(new LeaseLost());
      else await pause(remainingMs);
    }
  };
  await Promise.all([heartbeats(), watchdog()]);
}

async function heartbeat(keeping: Keeping): Promise<void> {
  const { store, clock, lease, ttlMs, lost } = keeping;
  const heldUntil = clock.now() + ttlMs;
  try {
    if (await store.renewLease(lease, ttlMs)) keeping.heldUntil = heldUntil;
    else lost.abort(new LeaseLost());
  } catch {
    // The store may be back before the lease ends; the watchdog gives up when it is not.
  }
}
