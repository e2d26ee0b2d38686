import { Problem } from '../problems.ts';
import type { Store, StoredRecord } from '../store/store.ts';

/** A caller's wish for a page: how many, and where to go on. */
export interface ListQuery {
  limit: number;
  /** `next` of the page before. */
  next?: string | undefined;
}

export interface Page<T> {
  data: T[];
  /** Pass as `next` for the following page; null at the end. */
  next: string | null;
}

export const DEFAULT_PAGE_SIZE = 25;
export const MAX_PAGE_SIZE = 100;

/** One page of the records of a kind; `keep` filters, so a page may be shorter than asked for though more follow. */
export async function listRecords<T>(
  store: Store,
  partition: string,
  kind: string,
  query: ListQuery,
  parse: (record: StoredRecord) => T,
  keep: (value: T) => boolean = () => true,
): Promise<Page<T>> {
  const after = query.next === undefined ? undefined : decodeNext(query.next);
  const page = await store.list(partition, kind, { limit: query.limit, ...(after !== undefined && { after }) });
  return { data: page.records.map(parse).filter(keep), next: page.next === undefined ? null : encodeNext(page.next) };
}

/** The opaque cursor behind the record of an id. */
export function encodeNext(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** The id that {@link encodeNext} was given, or the problem `cursor_invalid`. */
export function decodeNext(next: string): string {
  const id = Buffer.from(next, 'base64url').toString();
  // It only ever names a record of the caller's own partition, so it needs no seal, only a form.
  if (!/^[a-z]{3}_[0-9A-Za-z]{1,64}$/.test(id))
    throw new Problem('cursor_invalid', 'The cursor is not one that this list gave.');
  return id;
}
