import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import { type Random, randomBase62 } from '../random.ts';
import { storeUnavailable } from './failure.ts';
import type { StoreLogger } from './logger.ts';
import { assertStorable, assertTerms, assertTogether } from './record-key.ts';
import { StoreRefused } from './refused.ts';
import { SqliteChanges } from './sqlite-changes.ts';
import { openSqliteFile } from './sqlite-file.ts';
import { SqliteLeases } from './sqlite-leases.ts';
import { SqliteRecords } from './sqlite-records.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import type {
  FindOptions,
  FoundPage,
  Lease,
  ListOptions,
  ListPage,
  NewRecord,
  PutOptions,
  RecordKey,
  Store,
  StoredRecord,
  TermQuery,
  Watch,
  WriteResult,
} from './store.ts';

// What has expired is never read; sweeping only gives the space back, so that there is no hurry.
const SWEEP_INTERVAL_MS = 30_000;
// Bounds how long one sweep keeps the event loop.
const SWEEP_ROWS = 1_000;
const ORIGIN_LENGTH = 16;

export interface SqliteStoreOptions {
  path: string;
  clock: Clock;
  random: Random;
  logger?: StoreLogger | undefined;
}

/**
 * The embedded store: one SQLite file, which several processes of one machine may share. An acknowledged write survives
 * kill -9 and a power cut. Not for network file systems: WAL needs shared memory.
 *
 * Throws {@link StoreRefused} for a file of a newer release or an empty path, the problem `store_unavailable` for all else.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  if (options.path === '') throw new StoreRefused('The SQLite path is empty. Use sqlite:<path>.');
  try {
    return new SqliteStore(await openSqliteFile(options.path, options.clock), options);
  } catch (error) {
    throw error instanceof StoreRefused ? error : storeUnavailable(error);
  }
}

class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #records: SqliteRecords;
  readonly #leases: SqliteLeases;
  readonly #changes: SqliteChanges;
  readonly #writer: SqliteWriter;
  readonly #sweeps: StatementSync[];
  readonly #check: StatementSync;
  readonly #sweepTimer: NodeJS.Timeout;

  constructor(database: DatabaseSync, { clock, random, logger }: SqliteStoreOptions) {
    this.#database = database;
    this.#clock = clock;
    const draw = database.prepare('UPDATE sequence SET value = value + ? RETURNING value');
    const next = (count = 1) => Number(draw.get(count)?.value);
    this.#records = new SqliteRecords(database, next);
    this.#leases = new SqliteLeases(database, next);
    // Not the process id: containers that share a volume often all have process 1.
    this.#changes = new SqliteChanges(database, clock, randomBase62(random, ORIGIN_LENGTH), logger);
    this.#writer = new SqliteWriter(database, clock, this.#changes);
    this.#check = database.prepare('SELECT value FROM sequence');
    this.#sweeps = ['records', 'leases', 'counters'].map((table) => {
      const named = '(partition, kind, id)';
      return database.prepare(
        `DELETE FROM ${table} WHERE ${named} IN
         (SELECT partition, kind, id FROM ${table} WHERE expires_at <= ? LIMIT ${SWEEP_ROWS})`,
      );
    });
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref();
  }

  async get(key: RecordKey): Promise<StoredRecord | undefined> {
    assertStorable(key);
    return read(() => this.#records.get(key, this.#clock.now()));
  }

  async put(key: RecordKey, value: string, options: PutOptions = {}): Promise<WriteResult> {
    assertStorable(key, value);
    assertTogether(key, options.together);
    assertTerms(options);
    return await this.#write(() => {
      const result = this.#records.put(key, value, options, this.#clock.now());
      if (result.ok) this.#changes.add(key);
      return result;
    });
  }

  async putAll(entries: readonly NewRecord[]): Promise<void> {
    if (entries.length === 0) return;
    for (const { key, value } of entries) assertStorable(key, value);
    await this.#write(() => this.#records.putAll(entries, this.#clock.now()));
  }

  async delete(key: RecordKey, options: { expectedVersion?: number } = {}): Promise<WriteResult> {
    assertStorable(key);
    return await this.#write(() => {
      const { existed, ...result } = this.#records.delete(key, options.expectedVersion, this.#clock.now());
      if (result.ok && existed) this.#changes.add(key);
      return result;
    });
  }

  async list(partition: string, kind: string, options: ListOptions): Promise<ListPage> {
    assertStorable({ partition, kind, id: options.after ?? '' });
    return read(() => this.#records.list(partition, kind, options, this.#clock.now()));
  }

  async find(partition: string, kind: string, options: FindOptions): Promise<FoundPage> {
    assertStorable({ partition, kind, id: options.after?.id ?? '' }, options.after?.term);
    return read(() => this.#records.find(partition, kind, options, this.#clock.now()));
  }

  async count(partition: string, kind: string, wanted: TermQuery): Promise<number> {
    assertStorable({ partition, kind, id: '' });
    return read(() => this.#records.count(partition, kind, wanted));
  }

  async acquireLease(key: RecordKey, options: { owner: string; ttlMs: number }): Promise<Lease | undefined> {
    assertStorable(key, options.owner);
    return await this.#write(() => this.#leases.acquire(key, options.owner, options.ttlMs, this.#clock.now()));
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<boolean> {
    return await this.#write(() => this.#leases.renew(lease, ttlMs, this.#clock.now()));
  }

  async releaseLease(lease: Lease): Promise<boolean> {
    return await this.#write(() => this.#leases.release(lease, this.#clock.now()));
  }

  async increment(key: RecordKey, by: number, options: { ttlMs?: number } = {}): Promise<number> {
    assertStorable(key);
    return await this.#write(() => this.#leases.increment(key, by, options.ttlMs, this.#clock.now()));
  }

  async counters(keys: readonly RecordKey[]): Promise<number[]> {
    for (const key of keys) assertStorable(key);
    const now = this.#clock.now();
    return read(() => keys.map((key) => this.#leases.counter(key, now)));
  }

  async watch(onChange: (key: RecordKey | undefined) => void): Promise<Watch> {
    return read(() => this.#changes.watch(onChange));
  }

  async check(): Promise<void> {
    read(() => this.#check.get());
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    this.#changes.stop();
    await this.#writer.settled();
    if (this.#database.isOpen) this.#database.close();
  }

  async #write<T>(work: () => T): Promise<T> {
    try {
      return await this.#writer.write(work);
    } catch (error) {
      throw storeUnavailable(error);
    }
  }

  #sweep(): void {
    const now = this.#clock.now();
    this.#writer
      .write(() => {
        for (const sweep of this.#sweeps) sweep.run(now);
      })
      // Nothing depends on it; the next sweep tries again.
      .catch(() => {});
  }
}

function read<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeUnavailable(error);
  }
}
