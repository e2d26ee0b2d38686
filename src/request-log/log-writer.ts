import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { requestKey } from '../domain/request-record.ts';
import { Problem } from '../problems.ts';
import type { NewRecord, Store } from '../store/store.ts';
import { DroppedRecords } from './dropped-records.ts';
import type { RecordedCall } from './recorded-call.ts';

/** Finished calls that wait for a store that does not answer. A call takes some KB: 5,000 stay within tens of MB. */
export const BUFFER_RECORDS = 5_000;

// Few writes for many calls, and yet a finished call is in the store before a person can look for it.
const FLUSH_DELAY_MS = 200;
// One commit of the embedded store, which keeps the event loop for about 10 µs a record.
const BATCH_RECORDS = 200;
// Calls that are over sooner are written once, when they are.
const SNAPSHOT_AFTER_MS = 1_000;
const SNAPSHOT_EVERY_MS = 1_000;
const BACKOFF_MAX_MS = 5_000;
const CLOSE_DEADLINE_MS = 5_000;

export interface LogWriterOptions {
  store: Pick<Store, 'putAll' | 'increment'>;
  clock: Clock;
  logger: Logger;
  /** How long records are kept. */
  retentionMs: number;
  /** Calls that are not over yet. */
  running: () => Iterable<RecordedCall>;
  capacity: number;
  onDropped?: ((count: number) => void) | undefined;
}

/**
 * Writes calls to the store behind the callers' backs: finished ones soon, running ones every second. While the store does
 * not answer it keeps the newest and counts what it cannot keep.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #dropped: DroppedRecords;
  readonly #snapshots: NodeJS.Timeout;
  #waiting: RecordedCall[] = [];
  #inFlight: RecordedCall[] = [];
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<boolean> | undefined;
  #snapshotDue = false;
  #backoffMs = 0;
  #closing: Promise<void> | undefined;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#dropped = new DroppedRecords(options);
    this.#snapshots = setInterval(() => {
      this.#snapshotDue = true;
      // While the store does not answer, the attempts go on at their own pace.
      if (this.#backoffMs === 0) void this.#work();
    }, SNAPSHOT_EVERY_MS).unref();
  }

  /** Takes a finished call. */
  add(call: RecordedCall): void {
    this.#waiting.push(call);
    this.#trim();
    if (this.#backoffMs > 0 || this.#closing) return;
    if (this.#waiting.length === BATCH_RECORDS) this.#schedule(0);
    else if (this.#timer === undefined) this.#schedule(FLUSH_DELAY_MS);
  }

  /** Finished calls that may not be in the store yet. */
  pending(): RecordedCall[] {
    return [...this.#inFlight, ...this.#waiting];
  }

  /** How many calls of a project are missing in the log, ever, as far as this process knows. */
  dropped(project: string): Promise<number> {
    return this.#dropped.total(project);
  }

  /** Writes what is there; what cannot be written within five seconds is dropped, with a warning. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    clearInterval(this.#snapshots);
    clearTimeout(this.#timer);
    const { clock } = this.#options;
    const late = new AbortController();
    const deadline = clock.sleep(CLOSE_DEADLINE_MS, late.signal).catch(() => {});
    const emptied = async () => {
      while (!late.signal.aborted && !(await this.#work())) {
        await clock.sleep(FLUSH_DELAY_MS, late.signal).catch(() => {});
      }
    };
    await Promise.race([emptied(), deadline]);
    late.abort(new Error('closed'));
    this.#drop(this.pending());
    this.#dropped.warnNow();
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#work(), delayMs).unref();
  }

  /** One at a time, so that a call's last word is also the last one written. True when nothing is left to write. */
  #work(): Promise<boolean> {
    this.#working ??= this.#drain().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async #drain(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let answering = await this.#writeSnapshots();
    while (answering && this.#waiting.length > 0) answering = await this.#writeFinished();
    answering &&= await this.#dropped.persist();
    this.#dropped.warn();
    if (answering) {
      this.#backoffMs = 0;
      // Came while the drops were being counted.
      if (this.#waiting.length > 0 && !this.#closing) this.#schedule(FLUSH_DELAY_MS);
    } else {
      this.#backoffMs = Math.min(Math.max(FLUSH_DELAY_MS, this.#backoffMs * 2), BACKOFF_MAX_MS);
      if (!this.#closing) this.#schedule(this.#backoffMs);
    }
    return answering && this.#waiting.length === 0;
  }

  /** Whether the store took them. */
  async #writeFinished(): Promise<boolean> {
    this.#inFlight = this.#waiting.splice(0, BATCH_RECORDS);
    const outcome = await this.#write(this.#inFlight);
    if (outcome === 'unavailable') this.#waiting = this.pending();
    if (outcome === 'refused') this.#drop(this.#inFlight);
    this.#inFlight = [];
    this.#trim();
    return outcome !== 'unavailable';
  }

  async #writeSnapshots(): Promise<boolean> {
    if (!this.#snapshotDue) return true;
    this.#snapshotDue = false;
    const { clock, running } = this.#options;
    const since = clock.now() - SNAPSHOT_AFTER_MS;
    const slow = [...running()].filter((call) => call.startedAt <= since);
    for (let at = 0; at < slow.length; at += BATCH_RECORDS) {
      // Those that ended meanwhile come as finished ones.
      const batch = slow.slice(at, at + BATCH_RECORDS).filter((call) => call.running);
      if ((await this.#write(batch)) === 'unavailable') return false;
    }
    return true;
  }

  async #write(calls: readonly RecordedCall[]): Promise<'written' | 'unavailable' | 'refused'> {
    const { store, clock, logger, retentionMs } = this.#options;
    const now = clock.now();
    try {
      const entries = calls.map(
        (call): NewRecord => ({
          key: requestKey(call.about.project, call.about.id),
          value: JSON.stringify(call.record(now)),
          ttlMs: retentionMs,
        }),
      );
      await store.putAll(entries);
      return 'written';
    } catch (error) {
      if (error instanceof Problem && error.code === 'store_unavailable') return 'unavailable';
      // Would be refused again for ever, and keep all others from being written.
      logger.error({ err: error, records: calls.length }, 'request log records could not be written');
      return 'refused';
    }
  }

  #trim(): void {
    const excess = this.#waiting.length - this.#options.capacity;
    if (excess > 0) this.#drop(this.#waiting.splice(0, excess));
  }

  #drop(calls: readonly RecordedCall[]): void {
    for (const call of calls) this.#dropped.add(call.about.project);
    if (calls.length === 0) return;
    this.#options.onDropped?.(calls.length);
    this.#dropped.warn();
  }
}
