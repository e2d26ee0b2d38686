import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { RecordKey, Store } from '../store/store.ts';

const KIND = 'request_log_dropped';
// Drops come by the thousand; a line each would be the next outage.
const WARN_EVERY_MS = 10_000;

/** Counts the calls that are missing in the request log, by project, and brings the counts to the store. */
export class DroppedRecords {
  readonly #store: Pick<Store, 'increment'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Not yet in the store. */
  readonly #counts = new Map<string, number>();
  #unwarned = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor({ store, clock, logger }: { store: Pick<Store, 'increment'>; clock: Clock; logger: Logger }) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  add(project: string): void {
    this.#counts.set(project, (this.#counts.get(project) ?? 0) + 1);
    this.#unwarned += 1;
  }

  /** All that were ever dropped, by any process, and those of this one that the store does not know of yet. */
  async total(project: string): Promise<number> {
    // The port has no reading of counters; adding nothing gives the value.
    return (await this.#store.increment(keyOf(project), 0)) + (this.#counts.get(project) ?? 0);
  }

  /** Whether the store has them all. After a lost answer a number is added twice: rather too many than silence. */
  async persist(): Promise<boolean> {
    for (const [project, count] of this.#counts) {
      try {
        await this.#store.increment(keyOf(project), count);
      } catch {
        return false;
      }
      const rest = (this.#counts.get(project) ?? 0) - count;
      if (rest === 0) this.#counts.delete(project);
      else this.#counts.set(project, rest);
    }
    return true;
  }

  /** Says how many were dropped since it was said last, at most every ten seconds. */
  warn(): void {
    if (this.#clock.now() - this.#warnedAt >= WARN_EVERY_MS) this.warnNow();
  }

  warnNow(): void {
    if (this.#unwarned === 0) return;
    this.#logger.warn({ dropped: this.#unwarned }, 'request log records dropped: the store does not take them');
    this.#unwarned = 0;
    this.#warnedAt = this.#clock.now();
  }
}

function keyOf(project: string): RecordKey {
  return { partition: project, kind: KIND, id: 'total' };
}
