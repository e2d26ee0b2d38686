import {
  AUDIT_KIND,
  type AuditOutcome,
  type AuditRecord,
  auditKey,
  auditPlaceId,
  parseAuditRecord,
} from '../domain/audit-record.ts';
import { decodeNext, encodeNext, type ListQuery, type Page } from '../domain/listing.ts';
import type { Store } from '../store/store.ts';

export interface AuditFilters {
  /** Id of an API key, or `server`, `cli`, `console`, `api`. */
  actor?: string | undefined;
  /** As it is, or all of a kind: `account` for `account.updated` and the like. */
  action?: string | undefined;
  /** Id of a resource, or its kind. */
  target?: string | undefined;
  outcome?: AuditOutcome | undefined;
  /** Milliseconds since the epoch. */
  since?: number | undefined;
  until?: number | undefined;
}

// Bounds what one list costs: some 20 ms of parsing. A longer search goes on with `next`.
const SCAN_MAX = 2_000;
const SCAN_PAGE = 200;
// Records stand in the order of their places; what was begun earlier, or by another clock, may stand behind.
const DISORDER_MS = 10 * 60_000;

/**
 * One page of a project's trail, newest first. It may be shorter than asked for, even empty, though more follow. Rejects with
 * `cursor_invalid` and `store_unavailable`.
 */
export async function listAudit(
  store: Pick<Store, 'get' | 'list'>,
  project: string,
  filters: AuditFilters,
  { limit, next }: ListQuery,
): Promise<Page<AuditRecord>> {
  const { since, until } = filters;
  const data: AuditRecord[] = [];
  let before = next === undefined ? undefined : decodeNext(next);
  if (before === undefined && until !== undefined) before = await placeBehind(store, project, until + DISORDER_MS);
  let scanned = 0;
  for (;;) {
    const page = await store.list(project, AUDIT_KIND, {
      limit: Object.values(filters).every((value) => value === undefined) ? limit : SCAN_PAGE,
      order: 'descending',
      ...(before !== undefined && { after: before }),
    });
    for (const [index, { key, value }] of page.records.entries()) {
      const record = parseAuditRecord(value);
      if (record && since !== undefined && Date.parse(record.at) < since - DISORDER_MS) return { data, next: null };
      // What is no record cannot be shown: `corbel audit verify` tells of it.
      if (record && matches(record, filters)) data.push(record);
      scanned += 1;
      if (data.length < limit && scanned < SCAN_MAX) continue;
      const more = index < page.records.length - 1 || page.next !== undefined;
      return { data, next: more ? encodeNext(key.id) : null };
    }
    before = page.next;
    if (before === undefined) return { data, next: null };
  }
}

/** The record of a place in a project's trail; undefined where there is none. Rejects with `store_unavailable`. */
export async function auditRecordAt(
  store: Pick<Store, 'get'>,
  project: string,
  seq: number,
): Promise<AuditRecord | undefined> {
  const stored = await store.get(auditKey(project, seq));
  return stored && parseAuditRecord(stored.value);
}

function matches(
  { actor: by, action: done, target: on, at, outcome: result }: AuditRecord,
  filters: AuditFilters,
): boolean {
  const { actor, action, target, outcome, since, until } = filters;
  const time = Date.parse(at);
  return (
    (actor === undefined || by.key === actor || by.via === actor) &&
    (action === undefined || done === action || done.startsWith(`${action}.`)) &&
    (target === undefined || on?.id === target || on?.type === target) &&
    (outcome === undefined || result === outcome) &&
    (since === undefined || time >= since) &&
    (until === undefined || time <= until)
  );
}

/** The id of a place behind which all is later than a time, found by halving; undefined: there is none to begin behind. */
async function placeBehind(
  store: Pick<Store, 'get' | 'list'>,
  project: string,
  timeMs: number,
): Promise<string | undefined> {
  const ends = await Promise.all(
    (['ascending', 'descending'] as const).map((order) => store.list(project, AUDIT_KIND, { limit: 1, order })),
  );
  const [first, last] = ends.map(({ records: [record] }) => Number(record?.key.id.slice('aud_'.length)));
  if (first === undefined || last === undefined || Number.isNaN(first) || Number.isNaN(last)) return undefined;
  let [low, high] = [first, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const stored = await store.get(auditKey(project, middle));
    const record = stored && parseAuditRecord(stored.value);
    // Not as a server left it; `corbel audit verify` says so, the list shows what is there.
    if (!record) return undefined;
    if (Date.parse(record.at) > timeMs) high = middle;
    else low = middle + 1;
  }
  return auditPlaceId(low);
}
