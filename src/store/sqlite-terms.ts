import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { termAsked, wholeLimit } from './record-key.ts';
import { LIVE, names, storedRecord } from './sqlite-row.ts';
import type { FindOptions, FoundPage, RecordKey, TermQuery } from './store.ts';

// Sorts behind whatever may follow a prefix: the highest character that there is.
const LAST_CHARACTER = '\u{10FFFF}';
const SEPARATOR = '\n';

/** What records are found by. Synchronous; writes belong into the transaction that writes the record. */
export class SqliteTerms {
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #find: StatementSync;
  readonly #count: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare('INSERT OR IGNORE INTO terms (partition, kind, term, id) VALUES (?, ?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM terms WHERE partition = ? AND kind = ? AND term = ? AND id = ?');
    this.#find = database.prepare(
      `SELECT terms.term, records.id, records.value, records.version FROM terms
       JOIN records ON records.partition = terms.partition AND records.kind = terms.kind AND records.id = terms.id
       WHERE terms.partition = :partition AND terms.kind = :kind
         AND (terms.term, terms.id) > (:afterTerm, :afterId) AND terms.term <= :last AND ${LIVE}
       ORDER BY terms.term, terms.id LIMIT :limit`,
    );
    this.#count = database.prepare(
      'SELECT COUNT(*) AS count FROM terms WHERE partition = ? AND kind = ? AND term >= ? AND term <= ?',
    );
  }

  /** Makes `wanted` the terms of a record that has those of `present`; gives them as the record is to keep them. */
  replace(key: RecordKey, present: string | null, wanted: readonly string[]): string | null {
    const old = new Set(present === null ? [] : present.split(SEPARATOR));
    const added = new Set(wanted);
    for (const term of old) if (!added.has(term)) this.#remove.run(key.partition, key.kind, term, key.id);
    for (const term of added) if (!old.has(term)) this.#add.run(key.partition, key.kind, term, key.id);
    return added.size === 0 ? null : [...added].join(SEPARATOR);
  }

  find(partition: string, kind: string, { limit: wanted, after, ...query }: FindOptions, now: number): FoundPage {
    const { text, exact } = termAsked(query);
    const limit = wholeLimit(wanted);
    const rows = this.#find.all({
      ...{ partition, kind, now },
      afterTerm: after?.term ?? text,
      afterId: after?.id ?? '',
      last: exact ? text : text + LAST_CHARACTER,
      // One more than asked for tells whether there is a next page.
      limit: limit + 1,
    });
    const found = rows.slice(0, limit).map((row) => ({
      term: String(row.term),
      record: storedRecord(names({ partition, kind, id: String(row.id) }), row),
    }));
    const last = found.at(-1);
    return { found, ...(rows.length > limit && last && { next: { term: last.term, id: last.record.key.id } }) };
  }

  count(partition: string, kind: string, query: TermQuery): number {
    const { text, exact } = termAsked(query);
    return Number(this.#count.get(partition, kind, text, exact ? text : text + LAST_CHARACTER)?.count);
  }
}
