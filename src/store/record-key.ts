import { Problem } from '../problems.ts';
import type { RecordKey } from './store.ts';

/**
 * Refuses (problem `request_invalid`) names and values that are not well-formed Unicode. UTF-8 cannot hold a lone surrogate:
 * the drivers would write U+FFFD instead, and two different ids would become one record.
 */
export function assertStorable(key: RecordKey, value = ''): void {
  const { partition, kind, id } = key;
  if (partition.isWellFormed() && kind.isWellFormed() && id.isWellFormed() && value.isWellFormed()) return;
  throw new Problem('request_invalid', 'An id or a text is not well-formed Unicode.');
}

/** A whole number of milliseconds, at least 1: stores take no fractions, and 0 would mean "for ever" to some of them. */
export function wholeTtlMs(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}

/** A page size that every store can take. */
export function wholeLimit(limit: number): number {
  return Math.max(1, Math.trunc(limit));
}
