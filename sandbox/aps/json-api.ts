import { formatQuery, type Query, queryInteger } from './query.ts';

const VERSION = { version: '1.0' } as const;
/** Both from the OpenAPI document: `page[limit]` is 1 to 200, and 200 when absent. */
const MAX_PAGE_LIMIT = 200;
const MAX_PAGE_NUMBER = 999_999_999;

export interface Page<T> {
  entries: T[];
  links: Record<string, { href: string }>;
}

export function singleDocument(self: string, data: unknown, more: Record<string, unknown> = {}): object {
  return { jsonapi: VERSION, links: { self: { href: self } }, data, ...more };
}

export function listDocument(
  links: Record<string, { href: string }>,
  data: readonly unknown[],
  more: Record<string, unknown> = {},
): object {
  return { jsonapi: VERSION, links, data, ...more };
}

/**
 * Cuts the asked page. A single page has `self` and `first` only (recorded traffic); `prev` and `next` appear where there
 * is such a page, so that the absence of `next` ends a walk. A page beyond the end is empty, not an error.
 */
export function paginate<T>(entries: readonly T[], request: { self: string; path: string; query: Query }): Page<T> {
  const { query } = request;
  const number = queryInteger(query, 'page[number]', { min: 0, max: MAX_PAGE_NUMBER, absent: 0 });
  const limit = queryInteger(query, 'page[limit]', { min: 1, max: MAX_PAGE_LIMIT, absent: MAX_PAGE_LIMIT });
  const others = query.filter(([name]) => name !== 'page[number]');
  const at = (page: number) => ({
    href: `${request.path}?${formatQuery([...others, ['page[number]', String(page)]])}`,
  });
  const start = number * limit;
  return {
    entries: entries.slice(start, start + limit),
    links: {
      self: { href: request.self },
      first: at(0),
      ...(number > 0 ? { prev: at(number - 1) } : {}),
      ...(start + limit < entries.length ? { next: at(number + 1) } : {}),
    },
  };
}
