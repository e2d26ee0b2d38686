import { DEFAULT_PAGE_SIZE, type ListQuery, MAX_PAGE_SIZE } from '../domain/listing.ts';
import { type FieldError, Problem } from '../problems.ts';

type Query = Readonly<Record<string, string | string[] | undefined>>;

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

function invalid(errors: FieldError[]): Problem {
  return new Problem('request_invalid', 'The query is not valid.', { errors });
}
