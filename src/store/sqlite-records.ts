import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { wholeLimit, wholeTtlMs } from './record-key.ts';
import { LIVE, names, storedRecord } from './sqlite-row.ts';
import { SqliteTerms } from './sqlite-terms.ts';
import type {
  FindOptions,
  FoundPage,
  ListOptions,
  ListPage,
  NewRecord,
  PutOptions,
  RecordKey,
  StoredRecord,
  TermQuery,
  WriteResult,
} from './store.ts';

/** The records of a store file. Synchronous; writes belong into a transaction. `now`: milliseconds since the epoch. */
export class SqliteRecords {
  readonly #get: StatementSync;
  readonly #state: StatementSync;
  readonly #put: StatementSync;
  readonly #overwrite: StatementSync;
  readonly #delete: StatementSync;
  readonly #ascending: StatementSync;
  readonly #descending: StatementSync;
  readonly #terms: SqliteTerms;
  readonly #next: (count?: number) => number;

  /** `next` draws numbers (one, unless told otherwise) of the store's sequence and gives the last of them. */
  constructor(database: DatabaseSync, next: (count?: number) => number) {
    this.#next = next;
    this.#terms = new SqliteTerms(database);
    const named = 'partition = :partition AND kind = :kind AND id = :id';
    this.#get = database.prepare(`SELECT value, version FROM records WHERE ${named} AND ${LIVE}`);
    this.#state = database.prepare(`SELECT version, fence, terms FROM records WHERE ${named} AND ${LIVE}`);
    this.#put = database.prepare(
      `INSERT INTO records (partition, kind, id, value, version, fence, expires_at, terms)
       VALUES (:partition, :kind, :id, :value, :version, :fence, :expiresAt, :terms)
       ON CONFLICT (partition, kind, id) DO UPDATE
       SET value = :value, version = :version, fence = :fence, expires_at = :expiresAt, terms = :terms`,
    );
    this.#overwrite = database.prepare(
      // By position: with thousands of rows naming the parameters costs as much as the write.
      `INSERT INTO records (partition, kind, id, value, version, expires_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (partition, kind, id) DO UPDATE
       SET value = excluded.value, version = excluded.version, expires_at = excluded.expires_at`,
    );
    this.#delete = database.prepare(`DELETE FROM records WHERE ${named}`);
    const page = `SELECT id, value, version FROM records WHERE partition = :partition AND kind = :kind AND ${LIVE}`;
    this.#ascending = database.prepare(`${page} AND (:after IS NULL OR id > :after) ORDER BY id LIMIT :limit`);
    this.#descending = database.prepare(`${page} AND (:after IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit`);
  }

  get(key: RecordKey, now: number): StoredRecord | undefined {
    const row = this.#get.get({ ...names(key), now });
    return row && storedRecord(key, row);
  }

  put(key: RecordKey, value: string, options: PutOptions, now: number): WriteResult {
    const current = this.#current(key, now);
    if (options.expectedVersion !== undefined && options.expectedVersion !== current.version) {
      return { ok: false, reason: 'version', version: current.version };
    }
    if (options.fence !== undefined && current.fence !== null && current.fence > options.fence) {
      return { ok: false, reason: 'fence', version: current.version };
    }
    const version = this.#next();
    const expiresAt = options.ttlMs === undefined ? null : now + wholeTtlMs(options.ttlMs);
    const wanted = options.ttlMs === undefined ? options.terms : [];
    const terms = wanted === undefined ? current.terms : this.#terms.replace(key, current.terms, wanted);
    this.#put.run({ ...names(key), value, version, fence: options.fence ?? current.fence, expiresAt, terms });
    if (options.together) this.putAll(options.together, now);
    return { ok: true, version };
  }

  /** Overwrites without conditions. */
  putAll(entries: readonly NewRecord[], now: number): void {
    let version = this.#next(entries.length) - entries.length;
    for (const { key, value, ttlMs } of entries) {
      version += 1;
      const expiresAt = ttlMs === undefined ? null : now + wholeTtlMs(ttlMs);
      this.#overwrite.run(key.partition, key.kind, key.id, value, version, expiresAt);
    }
  }

  /** `existed` tells whether there was anything to remove. */
  delete(key: RecordKey, expectedVersion: number | undefined, now: number): WriteResult & { existed: boolean } {
    const current = this.#current(key, now);
    const existed = current.version !== 0;
    if (expectedVersion !== undefined && expectedVersion !== current.version) {
      return { ok: false, reason: 'version', version: current.version, existed };
    }
    if (!existed) return { ok: true, version: 0, existed };
    this.#terms.replace(key, current.terms, []);
    this.#delete.run(names(key));
    return { ok: true, version: this.#next(), existed };
  }

  list(partition: string, kind: string, options: ListOptions, now: number): ListPage {
    const statement = options.order === 'descending' ? this.#descending : this.#ascending;
    const limit = wholeLimit(options.limit);
    // One more than asked for tells whether there is a next page.
    const rows = statement.all({ partition, kind, after: options.after ?? null, limit: limit + 1, now });
    const records = rows.slice(0, limit).map((row) => storedRecord({ partition, kind, id: String(row.id) }, row));
    const last = records.at(-1);
    return { records, ...(rows.length > limit && last && { next: last.key.id }) };
  }

  find(partition: string, kind: string, options: FindOptions, now: number): FoundPage {
    return this.#terms.find(partition, kind, options, now);
  }

  count(partition: string, kind: string, wanted: TermQuery): number {
    return this.#terms.count(partition, kind, wanted);
  }

  #current(key: RecordKey, now: number): { version: number; fence: number | null; terms: string | null } {
    const row = this.#state.get({ ...names(key), now });
    return {
      version: Number(row?.version ?? 0),
      fence: row?.fence == null ? null : Number(row.fence),
      terms: row?.terms == null ? null : String(row.terms),
    };
  }
}
