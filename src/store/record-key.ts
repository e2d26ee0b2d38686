import { Problem } from '../problems.ts';
import {
  type NewRecord,
  type PutOptions,
  type RecordKey,
  TERM_MAX_CHARS,
  TERMS_MAX,
  type TermQuery,
  TOGETHER_MAX,
} from './store.ts';

/**
 * Refuses (problem `request_invalid`) names and values that are not well-formed Unicode. UTF-8 cannot hold a lone surrogate:
 * the drivers would write U+FFFD instead, and two different ids would become one record.
 */
export function assertStorable(key: RecordKey, value = ''): void {
  const { partition, kind, id } = key;
  if (partition.isWellFormed() && kind.isWellFormed() && id.isWellFormed() && value.isWellFormed()) return;
  throw new Problem('request_invalid', 'An id or a text is not well-formed Unicode.');
}

/** Refuses what cannot be written together with a record: as {@link assertStorable}; the rest are programming faults. */
export function assertTogether({ partition }: RecordKey, together: readonly NewRecord[] = []): void {
  if (together.length > TOGETHER_MAX) throw new Error(`${together.length} records cannot be written together`);
  for (const { key, value } of together) {
    if (key.partition !== partition) throw new Error('records of two partitions cannot be written together');
    assertStorable(key, value);
  }
}

/** Refuses terms as {@link assertStorable} does names; what `PutOptions` forbids is a programming fault. */
export function assertTerms({ terms = [], ttlMs }: PutOptions): void {
  if (terms.length > TERMS_MAX) throw new Error(`a record cannot have ${terms.length} terms`);
  if (terms.length > 0 && ttlMs !== undefined) throw new Error('a record with a time to live cannot have terms');
  for (const term of terms) assertTerm(term);
}

function assertTerm(term: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the stores keep terms apart by control characters.
  if (term === '' || term.length > TERM_MAX_CHARS || /[\x00-\x1f]/.test(term))
    throw new Error('a term has no valid form');
  if (!term.isWellFormed()) throw new Problem('request_invalid', 'A term is not well-formed Unicode.');
}

/** The term or prefix asked for, checked as {@link assertTerms} does. */
export function termAsked(query: TermQuery): { text: string; exact: boolean } {
  const exact = 'term' in query;
  const text = exact ? query.term : query.prefix;
  assertTerm(text);
  return { text, exact };
}

/** A whole number of milliseconds, at least 1: stores take no fractions, and 0 would mean "for ever" to some of them. */
export function wholeTtlMs(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}

/** A page size that every store can take. */
export function wholeLimit(limit: number): number {
  return Math.max(1, Math.trunc(limit));
}
