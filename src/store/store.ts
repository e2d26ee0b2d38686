/**
 * The one port behind which Corbel keeps its state. Values are opaque strings (JSON in practice, secrets in them already
 * sealed by the vault). Two adapters, one contract suite: `test/contract/store.test.ts`.
 *
 * Every method rejects with the problem `store_unavailable` when the store cannot be reached or refuses to work.
 */
export interface Store {
  readonly kind: 'sqlite' | 'redis';

  /** The record, or undefined when it does not exist or its time to live is over. */
  get(key: RecordKey): Promise<StoredRecord | undefined>;

  /**
   * Writes a record. Without `expectedVersion` it overwrites whatever is there; with it, it writes only when the current
   * version is that one (0: the record must not exist). With `fence`, it is refused when the record was last written under
   * a higher fence. A write without `ttlMs` removes an earlier time to live.
   */
  put(key: RecordKey, value: string, options?: PutOptions): Promise<WriteResult>;

  /**
   * Writes many records in one go, each as {@link put} without conditions; of several with one key the last one holds.
   * Watchers are NOT told: only for what nobody remembers (logs). Not atomic: when it rejects, some may be written, and
   * writing all of them again is safe. One call keeps the embedded store busy for about 10 µs a record.
   */
  putAll(entries: readonly NewRecord[]): Promise<void>;

  /** Removes a record, under the same conditions as {@link put}. Removing what is not there is ok, with version 0. */
  delete(key: RecordKey, options?: { expectedVersion?: number }): Promise<WriteResult>;

  /**
   * One page of the records of a kind in a partition, ordered by id (bytewise). Every record that exists during the whole
   * walk over the pages appears exactly once, whatever is written meanwhile.
   */
  list(partition: string, kind: string, options: ListOptions): Promise<ListPage>;

  /**
   * One page of the records of a kind that were put under a term (see {@link PutOptions.terms}), ordered by term, then by id
   * (both bytewise). A record under several terms that fit is given once for each. As with {@link list}, what fits during the
   * whole walk appears, whatever is written meanwhile.
   */
  find(partition: string, kind: string, options: FindOptions): Promise<FoundPage>;

  /** How many records {@link find} would give on all pages. Takes the embedded store about 50 ns a record. */
  count(partition: string, kind: string, wanted: TermQuery): Promise<number>;

  /** Takes the lease when nobody holds it (or its time is over); undefined when somebody else does. */
  acquireLease(key: RecordKey, options: { owner: string; ttlMs: number }): Promise<Lease | undefined>;
  /** Extends a held lease to `ttlMs` from now; false when it was lost. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Gives a held lease back; false when it was already lost. Never touches another owner's lease. */
  releaseLease(lease: Lease): Promise<boolean>;

  /** Adds to a counter (created at 0) and gives the new value. `ttlMs` counts from the counter's creation. */
  increment(key: RecordKey, by: number, options?: { ttlMs?: number }): Promise<number>;

  /** The values of counters of one partition; 0 for one that does not exist. Changes nothing. */
  counters(keys: readonly RecordKey[]): Promise<number[]>;

  /**
   * Tells of every put and delete, by this process and by any other, within {@link WATCH_DELAY_MS}. `onChange` is called
   * with the key, or with undefined when changes may have been missed: then everything remembered must be forgotten.
   */
  watch(onChange: (key: RecordKey | undefined) => void): Promise<Watch>;

  /** Resolves when the store answers. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Names a record. `partition` is a project id or `global`; the records of one partition live together on a cluster. */
export interface RecordKey {
  partition: string;
  kind: string;
  id: string;
}

export interface StoredRecord {
  key: RecordKey;
  value: string;
  /** Grows with every write in the partition and is never used twice, so that a re-created record has a new one. */
  version: number;
}

/** A record to be written; `ttlMs` as with {@link PutOptions}. */
export interface NewRecord {
  key: RecordKey;
  value: string;
  ttlMs?: number;
}

export interface PutOptions {
  expectedVersion?: number;
  ttlMs?: number;
  fence?: number;
  /**
   * Under what {@link Store.find} finds the record: written with it or not at all, so that the two never disagree. Where none
   * are given, those of an earlier write stay; with `ttlMs` they go, and may not be given. At most {@link TERMS_MAX}, of at most
   * {@link TERM_MAX_CHARS} characters, none of them a control character.
   */
  terms?: readonly string[];
  /**
   * Further records of the same partition, written with this one or not at all, without conditions of their own. Watchers are
   * told of this one only. At most {@link TOGETHER_MAX}.
   */
  together?: readonly NewRecord[];
}

/** Others wait while they are written: about 1 ms. */
export const TOGETHER_MAX = 100;

/** Each costs a write of its own. */
export const TERMS_MAX = 40;
export const TERM_MAX_CHARS = 200;

/** `version` is the new version when ok, the current one (0: none) when refused. */
export type WriteResult = { ok: true; version: number } | { ok: false; reason: 'version' | 'fence'; version: number };

export interface ListOptions {
  limit: number;
  /** The last id of the page before. */
  after?: string;
  order?: 'ascending' | 'descending';
}

export interface ListPage {
  records: StoredRecord[];
  /** Pass as `after` for the next page; undefined at the end. */
  next?: string;
}

/** A term, or every term that begins so. */
export type TermQuery = { term: string } | { prefix: string };

export type FindOptions = TermQuery & {
  limit: number;
  /** Where the page before ended. */
  after?: TermPlace;
};

/** A place in the order of {@link Store.find}. */
export interface TermPlace {
  term: string;
  id: string;
}

export interface FoundPage {
  found: { term: string; record: StoredRecord }[];
  /** Pass as `after` for the next page; undefined at the end. */
  next?: TermPlace;
}

export interface Lease {
  key: RecordKey;
  owner: string;
  /** Grows with every acquisition of this lease; pass to {@link Store.put} so that a holder that overslept is refused. */
  fence: number;
}

export interface Watch {
  /**
   * False as long as changes might go unnoticed (connection lost, notices late): then nothing that was remembered may be
   * used without asking the store.
   */
  live(): boolean;
  close(): Promise<void>;
}

/** A change is told to every process within this time, or {@link Watch.live} is false. A revoked key must stop in 1 s. */
export const WATCH_DELAY_MS = 750;
