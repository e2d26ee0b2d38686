import type { FastifyInstance } from 'fastify';
import { type Account, findAccount } from '../domain/account.ts';
import type { ApiKey } from '../domain/api-key.ts';
import type { Page } from '../domain/listing.ts';
import {
  REQUEST_STATES,
  type RequestFilters,
  type RequestRecord,
  type RequestState,
  type StatusRange,
} from '../domain/request-record.ts';
import { type FieldError, Problem } from '../problems.ts';
import type { RequestLog } from '../request-log/request-log.ts';
import type { Store } from '../store/store.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { listQuery, onlyParameters, textParameter, timeParameters } from './query.ts';

/** A call as `GET /requests` lists it, with whose account it was for; null where that is gone, or not for the key to see. */
export type ListedRequestView = RequestRecord & { owner_id: string | null; owner_name: string | null };

/** The answer of `GET /requests`. */
export type RequestListView = Page<ListedRequestView> & { dropped: number };

type Query = Record<string, string | string[] | undefined>;

const TEXTS = ['action', 'account', 'connector', 'code', 'key', 'correlation_id'] as const;
const TIMES = ['since', 'until'] as const;
const STATUS = /^[1-5]\d\d$/;
const STATUS_CLASS = /^[1-5]xx$/;

/** `/requests`: the log of calls, read-only. Operators see their project's, backends what their own key called. */
export function requestRoutes(app: FastifyInstance, { log, store }: { log: RequestLog; store: Store }): void {
  const readable = { config: { access: ANY_ROLE } };

  app.get<{ Querystring: Query }>('/requests', readable, async (request): Promise<RequestListView> => {
    onlyParameters(request.query, [...TEXTS, 'state', 'status', ...TIMES, 'limit', 'next']);
    const key = callerOf(request);
    const query = listQuery(request.query);
    const filters = filtersOf(request.query);
    const dropped = await log.dropped(key.project);
    // Another key's calls: there are none that a backend may see.
    if (!visible(key, filters.key ?? key.id)) return { data: [], next: null, dropped };
    const narrowed = key.role === 'backend' ? { ...filters, key: key.id } : filters;
    const { data, next } = await log.list(key.project, narrowed, query);
    return { data: await withOwners(store, key, data), next, dropped };
  });

  app.get<{ Params: { id: string } }>('/requests/:id', readable, async (request): Promise<RequestRecord> => {
    const key = callerOf(request);
    const record = await log.get(key.project, request.params.id);
    if (!record || !visible(key, record.key)) throw new Problem('not_found', 'There is no such request.');
    return record;
  });
}

/** A page has many calls of few accounts: each of them is looked up once. */
async function withOwners(store: Store, key: ApiKey, records: readonly RequestRecord[]): Promise<ListedRequestView[]> {
  const ids = new Set(records.flatMap(({ account }) => account ?? []));
  const readable = key.accounts === null ? ids : ids.intersection(new Set(key.accounts));
  const owners = new Map<string | null, Account | undefined>(
    await Promise.all([...readable].map(async (id) => [id, await findAccount(store, key.project, id)] as const)),
  );
  return records.map((record) => {
    const { owner_id = null, owner_name = null } = owners.get(record.account) ?? {};
    return { ...record, owner_id, owner_name };
  });
}

function visible(key: ApiKey, calledBy: string): boolean {
  return key.role === 'operator' || key.id === calledBy;
}

function filtersOf(query: Query): RequestFilters {
  const errors: FieldError[] = [];
  const state = textParameter(query, 'state');
  if (state !== undefined && !(REQUEST_STATES as readonly string[]).includes(state))
    errors.push({ path: '/state', message: `must be one of ${REQUEST_STATES.join(', ')}` });
  const status = textParameter(query, 'status');
  const statuses = status === undefined ? undefined : statusRange(status);
  if (status !== undefined && statuses === undefined)
    errors.push({ path: '/status', message: 'must be an HTTP status like 429, or a class of them like 4xx' });
  const { times, errors: wrongTimes } = timeParameters(query, TIMES);
  errors.push(...wrongTimes);
  if (errors.length > 0) throw new Problem('request_invalid', 'The query is not valid.', { errors });
  return {
    ...Object.fromEntries(TEXTS.map((name) => [name, textParameter(query, name)])),
    ...times,
    state: state as RequestState | undefined,
    status: statuses,
  };
}

/** The statuses that `429` or `4xx` means; undefined for what is neither. */
function statusRange(text: string): StatusRange | undefined {
  if (STATUS.test(text)) return { from: Number(text), to: Number(text) };
  const first = Number(text[0]) * 100;
  return STATUS_CLASS.test(text) ? { from: first, to: first + 99 } : undefined;
}
