import { DEFAULT_PAGE_SIZE, type ListQuery, MAX_PAGE_SIZE } from '../domain/listing.ts';
import { type FieldError, Problem } from '../problems.ts';

type Query = Readonly<Record<string, string | string[] | undefined>>;

// RFC 3339 §5.6, without the leap second, which dates in JavaScript do not have.
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** A boolean query parameter: absent is false; `true` and `false` are the only values. */
export function flag(query: Query, name: string): boolean {
  const value = query[name];
  if (value === undefined || value === 'false') return false;
  if (value === 'true' || value === '') return true;
  throw invalid([{ path: `/${name}`, message: 'must be true or false' }]);
}

/** `limit` and `next` of a list. */
export function listQuery(query: Query): ListQuery {
  const { limit, next } = query;
  const errors: FieldError[] = [];
  if (
    limit !== undefined &&
    !(typeof limit === 'string' && /^\d{1,3}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= MAX_PAGE_SIZE)
  ) {
    errors.push({ path: '/limit', message: `must be a whole number from 1 to ${MAX_PAGE_SIZE}` });
  }
  if (next !== undefined && typeof next !== 'string') errors.push({ path: '/next', message: 'must stand once' });
  if (errors.length > 0) throw invalid(errors);
  return { limit: limit === undefined ? DEFAULT_PAGE_SIZE : Number(limit), next: next as string | undefined };
}

/** A text query parameter, or undefined. */
export function textParameter(query: Query, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw invalid([{ path: `/${name}`, message: 'must stand once' }]);
  return value === '' ? undefined : value;
}

/** Refuses query parameters that a route does not have: a mistyped filter must not silently give everything. */
export function onlyParameters(query: Query, names: readonly string[]): void {
  const errors = Object.keys(query)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: `/${name}`,
      message: `is not a parameter of this route (there are: ${names.join(', ')})`,
    }));
  if (errors.length > 0) throw invalid(errors);
}

/** Query parameters that are times, in milliseconds since the epoch, and what is wrong with them. */
export function timeParameters<Name extends string>(
  query: Query,
  names: readonly Name[],
): { times: Partial<Record<Name, number>>; errors: FieldError[] } {
  const times: Partial<Record<Name, number>> = {};
  const errors: FieldError[] = [];
  for (const name of names) {
    const text = textParameter(query, name);
    if (text === undefined) continue;
    const time = DATE_TIME.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
    if (!Number.isNaN(time)) times[name] = time;
    else
      errors.push({ path: `/${name}`, message: 'must be a date and time like 2027-01-31T08:00:00Z, percent-encoded' });
  }
  return { times, errors };
}

/** The refusal of a query. */
export function invalid(errors: FieldError[]): Problem {
  return new Problem('request_invalid', 'The query is not valid.', { errors });
}
