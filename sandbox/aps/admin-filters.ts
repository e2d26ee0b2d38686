import { adminBadInput } from './admin-context.ts';
import { type Query, queryValue } from './query.ts';

type Values = readonly (string | null)[];

/** How one `filter[…]` parameter looks at an entry. */
export type AdminFilter<T> =
  | { kind: 'list'; of: (entry: T) => Values; allowed?: readonly string[]; excludable?: boolean }
  /** Compared as `filterTextMatch` says. */
  | { kind: 'text'; of: (entry: T) => string | null }
  /** `a..b` in ISO 8601, either side left out; several by commas. */
  | { kind: 'range'; of: (entry: T) => string };

const FILTER = /^filter\[([A-Za-z]+)\]$/;
const MATCHES: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  contains: (text, wanted) => text.includes(wanted),
  startsWith: (text, wanted) => text.startsWith(wanted),
  endsWith: (text, wanted) => text.endsWith(wanted),
  equals: (text, wanted) => text === wanted,
};

/**
 * All given filters must fit, but those that `orFilters` names: of them one is enough. 400 for an unknown filter and for a
 * value outside its list, so that a wrong request is noticed. Texts are compared without regard to case.
 */
export function compileAdminFilters<T>(
  query: Query,
  filters: Readonly<Record<string, AdminFilter<T>>>,
): (entry: T) => boolean {
  const match = MATCHES[queryValue(query, 'filterTextMatch') ?? 'contains'];
  if (match === undefined) throw adminBadInput('filterTextMatch is invalid.');
  const alternatives = listParameter(query, 'orFilters');
  const every: ((entry: T) => boolean)[] = [];
  const some: ((entry: T) => boolean)[] = [];
  for (const name of new Set(query.map(([key]) => key).filter((key) => key.startsWith('filter[')))) {
    const field = FILTER.exec(name)?.[1] ?? '';
    const filter = Object.hasOwn(filters, field) ? filters[field] : undefined;
    if (filter === undefined) throw adminBadInput(`${name} is not supported.`);
    const test = compile(filter, query, name, match);
    (alternatives.includes(field) ? some : every).push(test);
  }
  return (entry) => every.every((test) => test(entry)) && (some.length === 0 || some.some((test) => test(entry)));
}

/** A comma list; the name repeated is accepted too. */
export function listParameter(query: Query, name: string): string[] {
  return query
    .filter(([key]) => key === name)
    .flatMap(([, value]) => value.split(','))
    .filter((one) => one !== '');
}

function compile<T>(
  filter: AdminFilter<T>,
  query: Query,
  name: string,
  match: (text: string, wanted: string) => boolean,
): (entry: T) => boolean {
  if (filter.kind === 'text') {
    const wanted = (queryValue(query, name) ?? '').toLowerCase();
    return (entry) => match((filter.of(entry) ?? '').toLowerCase(), wanted);
  }
  const values = listParameter(query, name);
  if (filter.kind === 'range') {
    const ranges = values.map((one) => readRange(one, name));
    return (entry) =>
      ranges.some(([from, to]) => from <= Date.parse(filter.of(entry)) && Date.parse(filter.of(entry)) <= to);
  }
  const { allowed } = filter;
  if (allowed !== undefined && !values.every((one) => allowed.includes(one)))
    throw adminBadInput(`${name} is invalid.`);
  const excluded =
    filter.excludable === true ? values.filter((one) => one.startsWith('-')).map((one) => one.slice(1)) : [];
  const wanted = values.filter((one) => filter.excludable !== true || !one.startsWith('-'));
  return (entry) => {
    const found = filter.of(entry);
    if (excluded.some((one) => found.includes(one))) return false;
    return wanted.length === 0 || wanted.some((one) => found.includes(one));
  };
}

function readRange(text: string, name: string): [number, number] {
  const [from, to, ...more] = text.split('..');
  const start = from === undefined || from === '' ? Number.NEGATIVE_INFINITY : Date.parse(from);
  const end = to === undefined || to === '' ? Number.POSITIVE_INFINITY : Date.parse(to);
  if (to === undefined || more.length > 0 || Number.isNaN(start) || Number.isNaN(end)) {
    throw adminBadInput(`${name} must be a range of dates.`);
  }
  return [start, end];
}
