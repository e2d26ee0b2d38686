import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import { ChangeListeners, type OnChange } from './change-listeners.ts';
import { Freshness } from './freshness.ts';
import type { StoreLogger } from './logger.ts';
import type { RecordKey, Watch } from './store.ts';

// Asking whether anything changed reads one number from shared memory (4 microseconds measured), so it can be asked often:
// six polls fit into WATCH_DELAY_MS before the watch calls itself late.
const POLL_INTERVAL_MS = 120;
const ROWS_PER_READ = 500;

/** Changes that are kept for slower processes; one that is further behind must forget everything instead. */
export const CHANGES_KEPT = 10_000;

/**
 * Tells of changes by this and by other processes that share the file.
 *
 * Each put and delete adds a row to `changes` within its own transaction. Readers poll `PRAGMA data_version`, which changes
 * when another connection has committed, and read the rows that follow the last one seen.
 */
export class SqliteChanges {
  readonly #origin: string;
  readonly #listeners: ChangeListeners;
  readonly #freshness: Freshness;
  readonly #dataVersion: StatementSync;
  readonly #rowsAfter: StatementSync;
  readonly #newest: StatementSync;
  readonly #add: StatementSync;
  readonly #trim: StatementSync;
  #timer: NodeJS.Timeout | undefined;
  #seenDataVersion: unknown;
  #seenNumber = 0;
  #uncommitted: RecordKey[] = [];
  #wroteSincePoll = false;

  /** `origin` tells this process's own rows from the others'. */
  constructor(database: DatabaseSync, clock: Clock, origin: string, logger: StoreLogger | undefined) {
    this.#origin = origin;
    this.#listeners = new ChangeListeners(logger);
    this.#freshness = new Freshness(clock);
    this.#dataVersion = database.prepare('PRAGMA data_version');
    this.#rowsAfter = database.prepare(
      `SELECT number, partition, kind, id, origin FROM changes WHERE number > ? ORDER BY number LIMIT ${ROWS_PER_READ}`,
    );
    this.#newest = database.prepare('SELECT coalesce(max(number), 0) AS number FROM changes');
    this.#add = database.prepare('INSERT INTO changes (partition, kind, id, origin) VALUES (?, ?, ?, ?)');
    this.#trim = database.prepare('DELETE FROM changes WHERE number <= ?');
  }

  /** Records a change; call it inside the transaction that makes it. */
  add(key: RecordKey): void {
    const { lastInsertRowid } = this.#add.run(key.partition, key.kind, key.id, this.#origin);
    this.#trim.run(Number(lastInsertRowid) - CHANGES_KEPT);
    this.#uncommitted.push(key);
  }

  /** Tells the listeners of this process what it has just committed: they need not wait for the poll. */
  committed(): void {
    const keys = this.#uncommitted;
    this.#uncommitted = [];
    if (keys.length > 0) this.#wroteSincePoll = true;
    for (const key of keys) this.#listeners.tell(key);
  }

  /** Drops what {@link SqliteChanges.add} was told in a transaction that was rolled back. */
  rolledBack(): void {
    this.#uncommitted = [];
  }

  watch(onChange: OnChange): Watch {
    if (this.#timer === undefined) this.#start();
    const remove = this.#listeners.add(onChange);
    let open = true;
    return {
      live: () => open && this.#freshness.isFresh(),
      close: async () => {
        open = false;
        remove();
        if (this.#listeners.size === 0) this.stop();
      },
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#freshness.forget();
  }

  #start(): void {
    const moment = this.#freshness.now();
    this.#seenDataVersion = this.#readDataVersion();
    this.#seenNumber = Number(this.#newest.get()?.number);
    this.#freshness.knownUpTo(moment);
    this.#timer = setInterval(() => this.#poll(), POLL_INTERVAL_MS).unref();
  }

  #poll(): void {
    // Taken before reading: only what was committed before this moment is sure to be seen.
    const moment = this.#freshness.now();
    try {
      const dataVersion = this.#readDataVersion();
      if (dataVersion !== this.#seenDataVersion || this.#wroteSincePoll) {
        this.#readRows();
        this.#seenDataVersion = dataVersion;
        this.#wroteSincePoll = false;
      }
    } catch {
      // Read again at the next poll, from the same row; meanwhile the watch grows old and stops being live.
      return;
    }
    this.#freshness.knownUpTo(moment);
  }

  #readRows(): void {
    for (;;) {
      const rows = this.#rowsAfter.all(this.#seenNumber);
      for (const row of rows) {
        const number = Number(row.number);
        const missed = number !== this.#seenNumber + 1;
        this.#seenNumber = number;
        if (missed) this.#listeners.tell(undefined);
        if (row.origin === this.#origin) continue;
        this.#listeners.tell({ partition: String(row.partition), kind: String(row.kind), id: String(row.id) });
      }
      if (rows.length < ROWS_PER_READ) return;
    }
  }

  #readDataVersion(): unknown {
    return this.#dataVersion.get()?.data_version;
  }
}
