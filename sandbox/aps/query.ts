import { badInput } from './errors.ts';

/** A request's query: decoded pairs in their order, repeated names kept. */
export type Query = readonly (readonly [name: string, value: string])[];

export function parseQuery(text: string): Query {
  return [...new URLSearchParams(text)];
}

export function queryValue(query: Query, name: string): string | undefined {
  return query.find(([key]) => key === name)?.[1];
}

/** Absent is false. Refuses anything but true and false: a silent false would hide a caller's mistake. */
export function queryFlag(query: Query, name: string): boolean {
  const value = queryValue(query, name);
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw badInput(`The following parameters are invalid: ${name}`);
}

/** Inclusive bounds; refuses anything that is not a plain decimal integer within them. */
export function queryInteger(query: Query, name: string, bounds: { min: number; max: number; absent: number }): number {
  const value = queryValue(query, name);
  if (value === undefined) return bounds.absent;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= bounds.min && number <= bounds.max)) throw badInput(`The following parameters are invalid: ${name}`);
  return number;
}

/** Names encoded, values encoded: `page%5Bnumber%5D=0`. */
export function formatQuery(query: Query): string {
  return query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
