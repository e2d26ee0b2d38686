import type { Pagination } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import type { PagePosition } from './cursor.ts';

/** The position of a first page. */
export function firstPage(pagination: Pagination, size: number | null): PagePosition {
  return { at: pagination.style === 'page_number' ? pagination.first : '', size, pages: 0, checkpoint: '' };
}

/** The query parameters that ask for a page. A first page is asked for without a number, as the provider would give it. */
export function pageQuery(pagination: Pagination, position: PagePosition): [string, string][] {
  const query: [string, string][] = [];
  if (position.pages > 0)
    query.push([pagination.style === 'page_number' ? pagination.number : pagination.cursor, String(position.at)]);
  if (pagination.size !== undefined && position.size !== null) query.push([pagination.size, String(position.size)]);
  return query;
}

/** Where the page after this one is, or undefined at the end. */
export async function following(
  pagination: Pagination,
  position: PagePosition,
  context: ExpressionContext,
): Promise<number | string | undefined> {
  if (pagination.style === 'page_number') {
    const more = await pagination.more.evaluate(context);
    return more === undefined || more === null || more === false || more === '' ? undefined : Number(position.at) + 1;
  }
  const next = await pagination.next.evaluate(context);
  if (next === undefined || next === null || next === '') return undefined;
  if (typeof next !== 'string' && typeof next !== 'number')
    throw new Problem('provider_response_invalid', 'The cursor of the next page is not a text.');
  if (position.pages > 0 && String(next) === String(position.at))
    throw new Problem('pagination_cycle', 'The provider gave the same cursor again.');
  return String(next);
}
