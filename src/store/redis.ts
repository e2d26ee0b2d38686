import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { storeUnavailable, withDeadline } from './failure.ts';
import type { StoreLogger } from './logger.ts';
import { assertStorable, assertTerms, assertTogether, termAsked, wholeLimit, wholeTtlMs } from './record-key.ts';
import { noticeOf, RedisChanges } from './redis-changes.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';
import { COMMAND_DEADLINE_MS } from './redis-options.ts';
import { checkPolicy } from './redis-policy.ts';
import { runScript, type ScriptName } from './redis-scripts.ts';
import { parseRedisUrl } from './redis-url.ts';
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

export const DEFAULT_PREFIX = 'corbel';
// About 1 ms of Redis' time: others wait while a script runs.
const LIST_SCAN_MAX = 1_000;
// Likewise: measured 10 to 13 µs a record of 1 KB.
const PUT_ALL_MAX = 100;

export interface RedisStoreOptions {
  /** See `parseRedisUrl` for its forms. */
  url: string;
  clock: Clock;
  random: Random;
  /** Use a Redis without persistence or with eviction all the same. */
  allowVolatile: boolean;
  logger?: StoreLogger | undefined;
  /** First part of every key and channel, for several Corbels in one Redis. No braces. */
  prefix?: string;
}

/**
 * The shared store: a single Redis, the master that Sentinels name, or a Redis Cluster. Any number of processes.
 *
 * Throws `StoreRefused` for an address that cannot be understood, credentials that are not accepted, or a Redis that may
 * lose records; the problem `store_unavailable` when Redis cannot be reached in time.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const address = parseRedisUrl(options.url);
  const connection = await connectRedis(address, options.logger);
  try {
    const masters = connection.masters().flatMap(({ commands }) => commands ?? []);
    await checkPolicy(masters, options);
    return new RedisStore(connection, options, address.db);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

class RedisStore implements Store {
  readonly kind = 'redis';
  readonly #connection: RedisConnection;
  readonly #changes: RedisChanges;
  readonly #channel: string;
  readonly #prefix: string;

  constructor(connection: RedisConnection, options: RedisStoreOptions, database: number) {
    const { clock, random, logger, prefix = DEFAULT_PREFIX } = options;
    // Channels are shared by all databases of a Redis; each has its own changes.
    const channel = `${prefix}:changes:${database}`;
    this.#connection = connection;
    this.#prefix = prefix;
    this.#channel = channel;
    this.#changes = new RedisChanges({ masters: connection.masters, channel, clock, random, logger });
  }

  async get(key: RecordKey): Promise<StoredRecord | undefined> {
    assertStorable(key);
    const { records, member } = this.#keysOf(key);
    const [value, version] = await answered(() => this.#connection.client.hmget(records + member, 'v', 'n'));
    if (value == null || version == null) return undefined;
    return { key: copyOf(key), value, version: Number(version) };
  }

  async put(key: RecordKey, value: string, options: PutOptions = {}): Promise<WriteResult> {
    const { expectedVersion = '', fence = '', ttlMs, terms, together = [] } = options;
    assertStorable(key, value);
    assertTogether(key, together);
    assertTerms(options);
    const { records, indexes, index, terms: termIndex, versions, expiries, member } = this.#keysOf(key);
    const reply = await this.#run('corbelPut', records + member, index, versions, expiries, [
      ...[value, expectedVersion, ttlMs === undefined ? '' : wholeTtlMs(ttlMs), fence],
      ...[key.id, member, records, indexes, this.#channel, noticeOf(key)],
      ...[termIndex, termsText(ttlMs === undefined ? terms : [])],
      ...rowsOf(together),
    ]);
    return writeResult(reply);
  }

  async putAll(entries: readonly NewRecord[]): Promise<void> {
    for (const { key, value } of entries) assertStorable(key, value);
    // One partition per script: on a cluster each lies in a slot of its own.
    const byPartition = Map.groupBy(entries, ({ key }) => key.partition);
    const writes = [...byPartition.values()].flatMap((group) => {
      const chunks = Array.from({ length: Math.ceil(group.length / PUT_ALL_MAX) }, (_, index) =>
        group.slice(index * PUT_ALL_MAX, (index + 1) * PUT_ALL_MAX),
      );
      return chunks.map((chunk) => this.#putChunk(chunk));
    });
    await Promise.all(writes);
  }

  async delete(key: RecordKey, options: { expectedVersion?: number } = {}): Promise<WriteResult> {
    assertStorable(key);
    const { records, index, terms, versions, expiries, member } = this.#keysOf(key);
    const reply = await this.#run('corbelDelete', records + member, index, versions, expiries, [
      ...[options.expectedVersion ?? '', key.id, member, this.#channel, noticeOf(key), terms],
    ]);
    return writeResult(reply);
  }

  async list(partition: string, kind: string, options: ListOptions): Promise<ListPage> {
    assertStorable({ partition, kind, id: options.after ?? '' });
    const { records: prefix, index, member } = this.#keysOf({ partition, kind, id: '' });
    const order = options.order ?? 'ascending';
    const limit = wholeLimit(options.limit);
    const records: StoredRecord[] = [];
    let from = options.after === undefined ? (order === 'ascending' ? '-' : '+') : `(${options.after}`;
    // One more than asked for tells whether there is a next page. Several rounds where many ids have expired.
    while (from !== '' && records.length <= limit) {
      const wanted = limit + 1 - records.length;
      const reply = await this.#run('corbelList', index, [prefix + member, order, from, wanted, LIST_SCAN_MAX]);
      const [next = '', ...fields] = reply as string[];
      from = next;
      for (let at = 0; at < fields.length; at += 3) {
        const [id = '', value = '', version] = fields.slice(at, at + 3);
        records.push({ key: { partition, kind, id }, value, version: Number(version) });
      }
    }
    const page = records.slice(0, limit);
    const last = page.at(-1);
    return { records: page, ...(records.length > limit && last && { next: last.key.id }) };
  }

  async find(partition: string, kind: string, { limit: wanted, after, ...query }: FindOptions): Promise<FoundPage> {
    assertStorable({ partition, kind, id: after?.id ?? '' }, after?.term);
    const { text, exact } = termAsked(query);
    const { records: prefix, terms, member } = this.#keysOf({ partition, kind, id: '' });
    const limit = wholeLimit(wanted);
    const found: FoundPage['found'] = [];
    let from = after === undefined ? `[${text}` : `(${after.term}\0${after.id}`;
    while (from !== '' && found.length <= limit) {
      const mode = exact ? 'exact' : 'prefix';
      const missing = limit + 1 - found.length;
      const reply = await this.#run('corbelFind', terms, [prefix + member, mode, text, from, missing, LIST_SCAN_MAX]);
      const [next = '', ...fields] = reply as string[];
      from = next;
      for (let at = 0; at < fields.length; at += 4) {
        const [term = '', id = '', value = '', version] = fields.slice(at, at + 4);
        found.push({ term, record: { key: { partition, kind, id }, value, version: Number(version) } });
      }
    }
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return { found: page, ...(found.length > limit && last && { next: { term: last.term, id: last.record.key.id } }) };
  }

  async count(partition: string, kind: string, wanted: TermQuery): Promise<number> {
    assertStorable({ partition, kind, id: '' });
    const { text, exact } = termAsked(wanted);
    const { terms } = this.#keysOf({ partition, kind, id: '' });
    // No byte of a well-formed text is as high as 255.
    const end = Buffer.concat([Buffer.from(`(${text}`), Buffer.from([exact ? 1 : 255])]);
    return await answered(() => this.#connection.client.zlexcount(terms, `[${text}${exact ? '\0' : ''}`, end));
  }

  async acquireLease(key: RecordKey, { owner, ttlMs }: { owner: string; ttlMs: number }): Promise<Lease | undefined> {
    assertStorable(key, owner);
    const { leases, versions, member } = this.#keysOf(key);
    const fence = Number(await this.#run('corbelAcquireLease', leases + member, versions, [owner, wholeTtlMs(ttlMs)]));
    return fence === 0 ? undefined : { key: copyOf(key), owner, fence };
  }

  async renewLease({ key, owner, fence }: Lease, ttlMs: number): Promise<boolean> {
    const { leases, member } = this.#keysOf(key);
    return (await this.#run('corbelRenewLease', leases + member, [`${fence}:${owner}`, wholeTtlMs(ttlMs)])) === 1;
  }

  async releaseLease({ key, owner, fence }: Lease): Promise<boolean> {
    const { leases, member } = this.#keysOf(key);
    return (await this.#run('corbelReleaseLease', leases + member, [`${fence}:${owner}`])) === 1;
  }

  async increment(key: RecordKey, by: number, { ttlMs }: { ttlMs?: number } = {}): Promise<number> {
    assertStorable(key);
    const { counters, member } = this.#keysOf(key);
    const ttl = ttlMs === undefined ? '' : wholeTtlMs(ttlMs);
    return Number(await this.#run('corbelIncrement', counters + member, [by, ttl]));
  }

  async counters(keys: readonly RecordKey[]): Promise<number[]> {
    for (const key of keys) assertStorable(key);
    if (keys.length === 0) return [];
    const names = keys.map((key) => {
      const { counters, member } = this.#keysOf(key);
      return counters + member;
    });
    const values = await answered(() => this.#connection.client.mget(names));
    return values.map((value) => Number(value ?? 0));
  }

  async watch(onChange: (key: RecordKey | undefined) => void): Promise<Watch> {
    try {
      return await this.#changes.watch(onChange);
    } catch (error) {
      throw storeUnavailable(error);
    }
  }

  async check(): Promise<void> {
    // All of them: on a cluster a part of the projects is gone when one master is.
    for (const { commands } of this.#connection.masters()) {
      await answered(async () => {
        if (commands === undefined) throw new Error('no connection to a master');
        await commands.ping();
      });
    }
  }

  async close(): Promise<void> {
    this.#changes.stop();
    await this.#connection.close();
  }

  async #putChunk(entries: readonly NewRecord[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    const { records, indexes, versions, expiries } = this.#keysOf(first.key);
    await this.#run('corbelPutAll', versions, expiries, [records, indexes, ...rowsOf(entries)]);
  }

  #keysOf(key: RecordKey) {
    return keysOf(this.#prefix, key);
  }

  async #run(name: ScriptName, ...keysThenArguments: (string | (string | number)[])[]): Promise<unknown> {
    return await answered(() => runScript(this.#connection.client, name, ...keysThenArguments.flat()));
  }
}

/** Where a record and what belongs to it lie. All keys of a partition share its hash tag, so that scripts stay in one slot. */
export function keysOf(prefix: string, { partition, kind, id }: RecordKey) {
  const base = `${prefix}:{${encode(partition)}}:`;
  const kindText = encode(kind);
  return {
    /** Prefixes, each to be followed by a member. */
    records: `${base}r:`,
    leases: `${base}l:`,
    counters: `${base}c:`,
    /** Prefix, to be followed by a kind. */
    indexes: `${base}i:`,
    index: `${base}i:${kindText}`,
    /** Sorted set of "term NUL id", all with score 0. */
    terms: `${base}t:${kindText}`,
    versions: `${base}versions`,
    expiries: `${base}expiries`,
    member: `${kindText}:${id}`,
  };
}

/** Terms as the script takes them: "" leaves those that there are. */
function termsText(terms: readonly string[] | undefined): string {
  return terms === undefined ? '' : `=${[...new Set(terms)].join('\n')}`;
}

/** Records as the scripts take them. */
function rowsOf(entries: readonly NewRecord[]): (string | number)[] {
  return entries.flatMap(({ key, value, ttlMs }) => [
    ...[encode(key.kind), key.id, value],
    ttlMs === undefined ? '' : wholeTtlMs(ttlMs),
  ]);
}

// Braces would end the hash tag, a colon the kind; and an empty tag is none. A lone percent sign cannot come from encoding.
function encode(name: string): string {
  return name.replace(/[%{}:]/g, (character) => encodeURIComponent(character)) || '%';
}

function copyOf({ partition, kind, id }: RecordKey): RecordKey {
  return { partition, kind, id };
}

/** What Redis answers, within the deadline of a command; else the problem `store_unavailable`. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await withDeadline(ask(), COMMAND_DEADLINE_MS);
  } catch (error) {
    throw storeUnavailable(error);
  }
}

function writeResult(reply: unknown): WriteResult {
  const [outcome, version] = reply as [string, number];
  if (outcome === 'ok') return { ok: true, version };
  return { ok: false, reason: outcome === 'fence' ? 'fence' : 'version', version };
}
