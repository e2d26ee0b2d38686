import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { wholeTtlMs } from './record-key.ts';
import { names } from './sqlite-row.ts';
import type { Lease, RecordKey } from './store.ts';

const NAMED = 'partition = :partition AND kind = :kind AND id = :id';
// Owner and fence: a lease that the same owner lost and took again is another lease.
const HELD = `${NAMED} AND owner = :owner AND fence = :fence AND expires_at > :now`;

/** Leases and counters of a store file. Synchronous, for use in a transaction. `now`: milliseconds since the epoch. */
export class SqliteLeases {
  readonly #held: StatementSync;
  readonly #take: StatementSync;
  readonly #renew: StatementSync;
  readonly #release: StatementSync;
  readonly #increment: StatementSync;
  readonly #counter: StatementSync;
  readonly #next: () => number;

  constructor(database: DatabaseSync, next: () => number) {
    this.#next = next;
    this.#held = database.prepare(`SELECT 1 FROM leases WHERE ${NAMED} AND expires_at > :now`);
    this.#take = database.prepare(
      `INSERT INTO leases (partition, kind, id, owner, fence, expires_at)
       VALUES (:partition, :kind, :id, :owner, :fence, :expiresAt)
       ON CONFLICT (partition, kind, id) DO UPDATE SET owner = :owner, fence = :fence, expires_at = :expiresAt`,
    );
    this.#renew = database.prepare(`UPDATE leases SET expires_at = :expiresAt WHERE ${HELD}`);
    this.#release = database.prepare(`DELETE FROM leases WHERE ${HELD}`);
    this.#increment = database.prepare(
      `INSERT INTO counters (partition, kind, id, value, expires_at)
       VALUES (:partition, :kind, :id, :by, :expiresAt)
       ON CONFLICT (partition, kind, id) DO UPDATE SET
         value = CASE WHEN expires_at <= :now THEN :by ELSE value + :by END,
         expires_at = CASE WHEN expires_at <= :now THEN :expiresAt ELSE expires_at END
       RETURNING value`,
    );
    this.#counter = database.prepare(
      `SELECT value FROM counters WHERE ${NAMED} AND (expires_at IS NULL OR expires_at > :now)`,
    );
  }

  acquire(key: RecordKey, owner: string, ttlMs: number, now: number): Lease | undefined {
    // Asked first, so that waiting for a lease writes nothing and flushes nothing.
    if (this.#held.get({ ...names(key), now })) return undefined;
    const fence = this.#next();
    this.#take.run({ ...names(key), owner, fence, expiresAt: now + wholeTtlMs(ttlMs) });
    return { key: names(key), owner, fence };
  }

  renew({ key, owner, fence }: Lease, ttlMs: number, now: number): boolean {
    const expiresAt = now + wholeTtlMs(ttlMs);
    return Number(this.#renew.run({ ...names(key), owner, fence, expiresAt, now }).changes) === 1;
  }

  release({ key, owner, fence }: Lease, now: number): boolean {
    return Number(this.#release.run({ ...names(key), owner, fence, now }).changes) === 1;
  }

  counter(key: RecordKey, now: number): number {
    return Number(this.#counter.get({ ...names(key), now })?.value ?? 0);
  }

  increment(key: RecordKey, by: number, ttlMs: number | undefined, now: number): number {
    const expiresAt = ttlMs === undefined ? null : now + wholeTtlMs(ttlMs);
    return Number(this.#increment.get({ ...names(key), by, expiresAt, now })?.value);
  }
}
