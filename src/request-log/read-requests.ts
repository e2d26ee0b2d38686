import { firstRequestIdAt } from '../domain/ids.ts';
import { decodeNext, encodeNext, type ListQuery, type Page } from '../domain/listing.ts';
import {
  matchesFilters,
  parseRequestRecord,
  REQUEST_KIND,
  type RequestFilters,
  type RequestRecord,
} from '../domain/request-record.ts';
import type { Store } from '../store/store.ts';
import type { RecordedCall } from './recorded-call.ts';

// Bounds what one list costs: some 20 ms of parsing. A longer search goes on with `next`.
const SCAN_MAX = 2_000;
const SCAN_PAGE = 200;

export interface ReadOptions {
  /** Undefined when nothing is kept. */
  store: Pick<Store, 'list'> | undefined;
  /** The project's calls that this process knows better than the store. */
  memory: readonly RecordedCall[];
  nowMs: number;
}

/**
 * One page of a project's calls, newest first. It may be shorter than asked for, even empty, though more follow: then so
 * many others lie between that the search ended there, and `next` goes on.
 */
export async function listRequests(
  options: ReadOptions,
  project: string,
  filters: RequestFilters,
  query: ListQuery,
): Promise<Page<RequestRecord>> {
  const records = newestFirst(options, project, filters, query);
  const data: RequestRecord[] = [];
  let scanned = 0;
  for await (const record of records) {
    if (matchesFilters(record, filters)) data.push(record);
    scanned += 1;
    if (data.length < query.limit && scanned < SCAN_MAX) continue;
    const { done } = await records.next();
    return { data, next: done ? null : encodeNext(record.id) };
  }
  return { data, next: null };
}

/** What the store has and what is in memory, each call once. */
async function* newestFirst(
  { store, memory, nowMs }: ReadOptions,
  project: string,
  filters: RequestFilters,
  { limit, next }: ListQuery,
): AsyncGenerator<RequestRecord, void> {
  const ceilings = [
    ...(next === undefined ? [] : [decodeNext(next)]),
    ...(filters.until === undefined ? [] : [firstRequestIdAt(filters.until + 1)]),
  ].sort();
  const floor = filters.since === undefined ? '' : firstRequestIdAt(filters.since);
  let [before] = ceilings;
  const live = memory
    .filter(({ about: { id } }) => id >= floor && (before === undefined || id < before))
    .sort((one, other) => (one.about.id < other.about.id ? 1 : -1));

  let more = store !== undefined;
  while (store && more) {
    const page = await store.list(project, REQUEST_KIND, {
      limit: isUnfiltered(filters) ? limit + 1 : SCAN_PAGE,
      order: 'descending',
      ...(before !== undefined && { after: before }),
    });
    for (const stored of page.records) {
      const { id } = stored.key;
      if (id < floor) break;
      for (const call of takeWhile(live, (known) => known.about.id > id)) yield call.record(nowMs);
      const [call] = takeWhile(live, (known) => known.about.id === id);
      const record = parseRequestRecord(stored, nowMs);
      // It may have ended, and been written, after memory was looked into.
      const over = record.state === 'succeeded' || record.state === 'failed';
      yield call && !over ? call.record(nowMs) : record;
    }
    before = page.next;
    more = before !== undefined && before >= floor;
  }
  for (const call of live) yield call.record(nowMs);
}

function takeWhile<T>(list: T[], fits: (item: T) => boolean): T[] {
  const end = list.findIndex((item) => !fits(item));
  return list.splice(0, end === -1 ? list.length : end);
}

/** Whether every record will do, so that no more need be read than are asked for. */
function isUnfiltered({ since: _since, until: _until, ...rest }: RequestFilters): boolean {
  return Object.values(rest).every((value) => value === undefined);
}
