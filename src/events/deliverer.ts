import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { withLease } from '../store/lease.ts';
import type { Store } from '../store/store.ts';
import type { DueWork, WorkQueue } from './work-queue.ts';

export interface Deliverer {
  /** There may be something to do: looked for at once instead of in two seconds. */
  wake(): void;
  /** Begins no more work; resolves when that under way is over, which takes no longer than a delivery. */
  close(): Promise<void>;
}

export interface DelivererDependencies {
  store: Store;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
  queue: WorkQueue;
  /** Does the work and takes it off the queue; one that it leaves there is done again. */
  work: (due: DueWork) => Promise<void>;
}

const LEASE = { partition: 'global', kind: 'event_lease', id: 'deliverer' };
// So long nobody delivers after a process was killed while it did.
const LEASE_TTL_MS = 6_000;
// Work of other processes, and work that became due, is seen so late at most.
const POLL_MS = 2_000;
// While something is under way, what became due is looked for so often.
const ROUND_MS = 1_000;
// Most of the time is waiting for receivers.
const MAX_AT_ONCE = 16;
// A receiver that does not answer holds up nobody but itself.
const MAX_AT_ONCE_EACH = 4;
// Work that failed in a way that is not foreseen would fail in a circle.
const POSTPONED_MS = 60_000;

/**
 * Does what is due, in one process at a time: whoever finds something due takes the lease, keeps it until nothing is left, and
 * gives it back. A lease is advice (see `withLease`), so that work must bear to be done twice.
 */
export function createDeliverer(dependencies: DelivererDependencies): Deliverer {
  const { store, clock, random, logger, queue } = dependencies;
  const closing = new AbortController();
  let alarm = Promise.withResolvers<void>();

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      await pause(POLL_MS * (0.75 + random.fraction() / 2));
      alarm = Promise.withResolvers<void>();
      try {
        if (await queue.anyDue(clock.now()))
          await withLease(store, clock, random, { key: LEASE, ttlMs: LEASE_TTL_MS }, (_lease, lost) =>
            drain(AbortSignal.any([lost, closing.signal])),
          );
      } catch (error) {
        if (!isOutage(error)) logger.error({ err: error }, 'events are not delivered');
      }
    }
  }

  /** Until nothing is due; rejects with what makes going on useless, once all that was begun is over. */
  async function drain(stop: AbortSignal): Promise<void> {
    const active = new Map<string, { work: DueWork; done: Promise<void> }>();
    let outage: unknown;
    const begin = (work: DueWork) => {
      const done = perform(work)
        .catch((error: unknown) => {
          outage = error;
        })
        .finally(() => active.delete(work.id));
      active.set(work.id, { work, done });
    };
    try {
      while (!stop.aborted && outage === undefined) {
        alarm = Promise.withResolvers<void>();
        for (const work of await next(active)) begin(work);
        if (active.size === 0) return;
        await Promise.race([...[...active.values()].map(({ done }) => done), pause(ROUND_MS)]);
      }
    } finally {
      await Promise.all([...active.values()].map(({ done }) => done));
    }
    if (outage !== undefined) throw outage;
  }

  /** What can be begun beside what is under way. */
  async function next(active: ReadonlyMap<string, { work: DueWork }>): Promise<DueWork[]> {
    const room = MAX_AT_ONCE - active.size;
    const busy = new Map<string | null, number>();
    const count = ({ endpoint }: DueWork) => busy.set(endpoint, (busy.get(endpoint) ?? 0) + 1);
    for (const { work } of active.values()) count(work);
    const chosen: DueWork[] = [];
    for await (const page of queue.due(clock.now())) {
      for (const work of page) {
        if (chosen.length >= room) return chosen;
        if (active.has(work.id) || (busy.get(work.endpoint) ?? 0) >= MAX_AT_ONCE_EACH) continue;
        chosen.push(work);
        count(work);
      }
    }
    return chosen;
  }

  /** Rejects only when the store does not answer. */
  async function perform(work: DueWork): Promise<void> {
    try {
      await dependencies.work(work);
    } catch (error) {
      if (isOutage(error)) throw error;
      const { project, event, endpoint } = work;
      logger.error({ project, event, endpoint, err: error }, 'event postponed');
      await queue.add(clock.now() + POSTPONED_MS, { project, event, endpoint });
      await queue.remove(work);
    }
  }

  async function pause(ms: number): Promise<void> {
    const done = new AbortController();
    const over = AbortSignal.any([done.signal, closing.signal]);
    await Promise.race([clock.sleep(ms, over).catch(() => {}), alarm.promise]);
    done.abort();
  }

  const running = loop();
  return {
    wake: () => alarm.resolve(),
    async close() {
      closing.abort();
      await running;
    },
  };
}

function isOutage(error: unknown): boolean {
  return error instanceof Problem && error.code === 'store_unavailable';
}
