import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import type { AuditEntry } from '../domain/audit-record.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { serverEntry } from './entries.ts';
import type { Trail } from './trail.ts';

export interface LateEntriesOptions {
  trail: Trail;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
  /** Entries that wait for a store that does not answer. */
  capacity?: number;
}

interface Late {
  project: string;
  entry: AuditEntry;
  /** It may have its place already: the store did not answer. */
  doubtful: boolean;
  written: (() => void) | undefined;
}

// About 1 KB each.
const CAPACITY = 5_000;
const BATCH = 100;
const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 5_000;
const CLOSE_DEADLINE_MS = 5_000;
// Clocks of processes differ.
const SKEW_MS = 10 * 60_000;

/** Entries that nobody waits for. They are tried until they are written; what is too much is counted in the trail. */
export class LateEntries {
  readonly #options: LateEntriesOptions;
  readonly #lost = new Map<string, number>();
  #waiting: Late[] = [];
  #working: Promise<void> | undefined;
  readonly #closed = new AbortController();

  constructor(options: LateEntriesOptions) {
    this.#options = options;
  }

  add(project: string, entry: AuditEntry, options: { doubtful?: boolean; written?: () => void } = {}): void {
    const { capacity = CAPACITY } = this.#options;
    if (this.#waiting.length >= capacity) this.#lose(this.#waiting.splice(0, 1));
    this.#waiting.push({ project, entry, doubtful: options.doubtful ?? false, written: options.written });
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Writes what is there, within five seconds; says what could not be. */
  async close(): Promise<void> {
    const { clock, logger } = this.#options;
    const done = new AbortController();
    const late = clock.sleep(CLOSE_DEADLINE_MS, done.signal).catch(() => {});
    await Promise.race([this.#working, late]);
    done.abort();
    this.#closed.abort();
    await this.#working;
    const lost = this.#waiting.length + [...this.#lost.values()].reduce((sum, count) => sum + count, 0);
    if (lost > 0) logger.error({ lost }, 'audit entries lost: the store does not take them');
  }

  async #work(): Promise<void> {
    const { clock, logger } = this.#options;
    let backoffMs = 0;
    while (this.#waiting.length > 0 || this.#lost.size > 0) {
      if (backoffMs > 0) await clock.sleep(backoffMs, this.#closed.signal).catch(() => {});
      if (this.#closed.signal.aborted) return;
      const batch = this.#waiting.splice(0, BATCH);
      const outcomes = await Promise.all(batch.map((late) => this.#write(late)));
      const failed = batch.filter((_late, index) => outcomes[index] === false);
      this.#waiting.unshift(...failed);
      if (failed.length === 0 && (await this.#tellLosses())) backoffMs = 0;
      else {
        backoffMs = Math.min(Math.max(BACKOFF_MIN_MS, backoffMs * 2), BACKOFF_MAX_MS);
        logger.warn({ waiting: this.#waiting.length }, 'audit entries wait for the store');
      }
    }
  }

  /** False when it is to be tried again. */
  async #write(late: Late): Promise<boolean> {
    const { trail, logger } = this.#options;
    const { project, entry } = late;
    try {
      if (!(late.doubtful && (await trail.has(project, entry.id, Date.parse(entry.at) - SKEW_MS))))
        await trail.append(project, entry);
      late.written?.();
      return true;
    } catch (error) {
      late.doubtful = true;
      if (error instanceof Problem && error.code === 'store_unavailable') return false;
      // Would fail again for ever, and keep all others from being written.
      logger.error({ err: error, project, action: entry.action }, 'audit entry could not be written');
      return true;
    }
  }

  #lose(entries: readonly Late[]): void {
    for (const { project } of entries) this.#lost.set(project, (this.#lost.get(project) ?? 0) + 1);
  }

  async #tellLosses(): Promise<boolean> {
    for (const [project, count] of this.#lost) {
      const details = { count: String(count) };
      const entry = serverEntry(this.#options, {
        action: 'audit.entries_lost',
        target: null,
        details,
        outcome: 'failed',
      });
      try {
        await this.#options.trail.append(project, entry);
      } catch {
        return false;
      }
      this.#lost.delete(project);
    }
    return true;
  }
}
