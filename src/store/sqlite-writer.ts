import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { isBusy } from './sqlite-file.ts';

// A write may wait for other processes this long. They hold the lock for one commit (a flush to disk, milliseconds), so
// that this is only reached when a disk hangs; then a clear refusal is better than a queue that grows.
const LOCK_DEADLINE_MS = 5_000;
const LOCK_RETRY_MIN_MS = 1;
const LOCK_RETRY_MAX_MS = 20;
// Bounds how long one commit keeps the event loop.
const BATCH_MAX = 256;

interface Job {
  work: () => unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** `committed` is called after each commit, before the writes in it resolve. */
export interface TransactionHooks {
  committed(): void;
  rolledBack(): void;
}

/**
 * Runs writes one after the other, those that wait together in one transaction: 100 concurrent writes then cost one flush
 * to disk, not 100. A write resolves when its transaction is durable.
 */
export class SqliteWriter {
  readonly #clock: Clock;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #hooks: TransactionHooks;
  #waiting: Job[] = [];
  #running: Promise<void> | undefined;

  constructor(database: DatabaseSync, clock: Clock, hooks: TransactionHooks) {
    this.#database = database;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
  }

  /** Runs `work` (synchronous, any statements) inside a transaction. */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: (result) => resolve(result as T), reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when no write is waiting. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    do {
      // One turn of the event loop gathers what concurrent requests want to write.
      await nextTurn();
      const batch = this.#waiting.splice(0, BATCH_MAX);
      if (await this.#transact(batch)) continue;
      // One write that cannot be done must not take its neighbours with it.
      for (const job of batch) await this.#transact([job], job.reject);
    } while (this.#waiting.length > 0);
    this.#running = undefined;
  }

  async #transact(batch: Job[], onFailure?: (error: unknown) => void): Promise<boolean> {
    let results: unknown[];
    try {
      await this.#lock();
      results = batch.map((job) => job.work());
      this.#commit.run();
    } catch (error) {
      this.#undo();
      onFailure?.(error);
      return false;
    }
    this.#hooks.committed();
    for (const [index, job] of batch.entries()) job.resolve(results[index]);
    return true;
  }

  #undo(): void {
    try {
      // A failed commit may have rolled back by itself.
      if (this.#database.isTransaction) this.#rollback.run();
    } catch {
      // The next BEGIN says so, if the connection is beyond use.
    }
    this.#hooks.rolledBack();
  }

  async #lock(): Promise<void> {
    const deadline = performance.now() + LOCK_DEADLINE_MS;
    for (let pauseMs = LOCK_RETRY_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, LOCK_RETRY_MAX_MS)) {
      try {
        this.#begin.run();
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        await this.#clock.sleep(pauseMs);
      }
    }
  }
}
