import { type Answer, jsonAnswer } from './answer.ts';
import { hqBadInput } from './hq-context.ts';
import { type Query, queryValue } from './query.ts';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 100;
const MAX_OFFSET = 1_000_000;

export function hqAnswer(status: number, value: unknown): Answer {
  return jsonAnswer(status, value, 'application/json');
}

/**
 * A bare array: no total, no link to the next page. Refuses a limit above 100 and unknown fields, so that a wrong request is
 * noticed here; what the live service does with those is not documented.
 */
export function hqList<T extends object>(entries: readonly T[], query: Query): Answer {
  const limit = integer(query, 'limit', { min: 1, max: MAX_LIMIT, absent: DEFAULT_LIMIT });
  const offset = integer(query, 'offset', { min: 0, max: MAX_OFFSET, absent: 0 });
  const known = new Set(Object.keys(entries[0] ?? {}));
  const sorts = names(query, 'sort', known, true);
  const fields = names(query, 'field', known, false);
  const sorted = sorts.length === 0 ? entries : [...entries].sort((a, b) => order(a, b, sorts));
  const page = sorted.slice(offset, offset + limit);
  return hqAnswer(200, fields.length === 0 ? page : page.map((one) => pick(one, ['id', ...fields])));
}

function integer(query: Query, name: string, bounds: { min: number; max: number; absent: number }): number {
  const text = queryValue(query, name);
  if (text === undefined) return bounds.absent;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= bounds.min && value <= bounds.max)) throw hqBadInput(`${name} is invalid`);
  return value;
}

/** A comma list, or the name repeated. */
function names(query: Query, name: string, known: ReadonlySet<string>, descending: boolean): string[] {
  const asked = query.filter(([key]) => key === name).flatMap(([, value]) => value.split(','));
  for (const one of asked) {
    const plain = descending && one.startsWith('-') ? one.slice(1) : one;
    if (known.size > 0 && !known.has(plain)) throw hqBadInput(`${name} is invalid: ${one}`);
  }
  return asked;
}

function order<T extends object>(a: T, b: T, sorts: readonly string[]): number {
  for (const sort of sorts) {
    const field = sort.startsWith('-') ? sort.slice(1) : sort;
    const [left, right] = [text(a, field), text(b, field)];
    if (left !== right) return (left < right ? -1 : 1) * (sort.startsWith('-') ? -1 : 1);
  }
  return 0;
}

function text(entry: object, field: string): string {
  return String(Object.entries(entry).find(([name]) => name === field)?.[1] ?? '');
}

function pick(entry: object, fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => fields.includes(name)));
}
