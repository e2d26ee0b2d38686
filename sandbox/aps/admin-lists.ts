import { adminBadInput } from './admin-context.ts';
import { listParameter } from './admin-filters.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { formatQuery, queryValue } from './query.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
const SORT = /^([A-Za-z0-9]+)(?: (asc|desc))?$/;

export function adminAnswer(status: number, value: unknown): Answer {
  return jsonAnswer(status, value, 'application/json');
}

/**
 * `{pagination, results}`. A limit above 200 becomes 200; `nextUrl` and `previousUrl` are there only where there is such a
 * page. Of unknown sort or result fields, 400.
 */
export function adminList(
  context: ApiContext,
  entries: readonly Readonly<Record<string, unknown>>[],
  known: { sorts: readonly string[]; fields: readonly string[] },
): Answer {
  const { query } = context;
  const limit = Math.min(integer(context, 'limit', 1, DEFAULT_LIMIT), MAX_LIMIT);
  const offset = integer(context, 'offset', 0, 0);
  const fields = listParameter(query, 'fields');
  const strange = fields.find((one) => !known.fields.includes(one));
  if (strange !== undefined) throw adminBadInput(`fields is invalid: ${strange}`);
  const sorted = sortEntries(entries, listParameter(query, 'sort'), known.sorts);
  const page = sorted.slice(offset, offset + limit);
  const others = query.filter(([name]) => name !== 'limit' && name !== 'offset');
  const at = (start: number) =>
    `${context.path}?${formatQuery([...others, ['limit', String(limit)], ['offset', String(start)]])}`;
  const pagination = {
    limit,
    offset,
    totalResults: entries.length,
    ...(offset + limit < entries.length ? { nextUrl: at(offset + limit) } : {}),
    ...(offset > 0 ? { previousUrl: at(Math.max(0, offset - limit)) } : {}),
  };
  const pick = (one: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(one).filter(([name]) => name === 'id' || fields.includes(name)));
  return adminAnswer(200, { pagination, results: fields.length === 0 ? page : page.map(pick) });
}

function integer(context: ApiContext, name: string, min: number, absent: number): number {
  const text = queryValue(context.query, name);
  if (text === undefined) return absent;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min)) throw adminBadInput(`${name} is invalid.`);
  return value;
}

function sortEntries<T extends Readonly<Record<string, unknown>>>(
  entries: readonly T[],
  sorts: readonly string[],
  known: readonly string[],
): readonly T[] {
  const orders = sorts.map((one) => {
    const [, field = '', direction] = SORT.exec(one.trim()) ?? [];
    if (!known.includes(field)) throw adminBadInput(`sort is invalid: ${one}`);
    return { field, sign: direction === 'desc' ? -1 : 1 };
  });
  if (orders.length === 0) return entries;
  return [...entries].sort((a, b) => {
    for (const { field, sign } of orders) {
      const difference = compare(a[field], b[field]);
      if (difference !== 0) return difference * sign;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a ?? ''), String(b ?? '')];
  return left === right ? 0 : left < right ? -1 : 1;
}
