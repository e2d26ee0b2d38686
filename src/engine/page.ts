import type { Pagination } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import type { PagePosition } from './cursor.ts';
import { evaluateForOutput } from './evaluate.ts';
import { linkTo, parseLinks } from './link-header.ts';
import { MAX_URL_LENGTH, type PageQuery } from './render.ts';

/** The position of a first page; `size` is what the caller asked for. */
export function firstPage(pagination: Pagination, size: number | null): PagePosition {
  return { at: beginningOf(pagination), size, pages: 0, checkpoint: '' };
}

/** What asks for a page. A first page is asked for without a number, as the provider would give it. */
export function pageQuery(pagination: Pagination, position: PagePosition): PageQuery {
  // The provider's own target has everything in it, also the size.
  if (pagination.style === 'link_header' && position.pages > 0) return { target: String(position.at) };
  const query: [string, string][] = [];
  if (pagination.style !== 'link_header' && position.pages > 0)
    query.push([positionParameter(pagination), String(position.at)]);
  const size = position.size ?? (pagination.style === 'offset' ? pagination.defaultSize : null);
  if (pagination.size !== undefined && size !== null) query.push([pagination.size, String(size)]);
  return query;
}

/**
 * Where the page after this one is, or undefined at the end. `asked` is the URL of this one, which links need. Problems:
 * `pagination_cycle`, `provider_response_invalid`, `output_shaping_failed`.
 */
export async function following(
  pagination: Pagination,
  position: PagePosition,
  context: ExpressionContext,
  asked?: URL,
): Promise<number | string | undefined> {
  switch (pagination.style) {
    case 'page_number': {
      const more = await evaluateForOutput(pagination.more, context);
      return isNothing(more) || more === false ? undefined : Number(position.at) + 1;
    }
    case 'offset': {
      const count = numberOf('number of items', await evaluateForOutput(pagination.count, context)) ?? 0;
      const total = pagination.total && numberOf('total', await evaluateForOutput(pagination.total, context));
      const at = Number(position.at) + count;
      // A page of none would be asked for again and again, whatever the total says.
      if (count <= 0) return undefined;
      return (total === undefined ? count >= (position.size ?? pagination.defaultSize) : at < total) ? at : undefined;
    }
    case 'cursor': {
      const next = await evaluateForOutput(pagination.next, context);
      if (isNothing(next)) return undefined;
      if (typeof next !== 'string' && typeof next !== 'number')
        throw new Problem('provider_response_invalid', 'The cursor of the next page is not a text.');
      if (position.pages > 0 && String(next) === String(position.at))
        throw new Problem('pagination_cycle', 'The provider gave the same cursor again.');
      return String(next);
    }
    case 'link_header':
      return linkedPage(pagination, context.headers, asked);
  }
}

type LinkPagination = Extract<Pagination, { style: 'link_header' }>;

/** Path and query of the next page: never more, so that nothing that a provider writes takes a credential to another host. */
function linkedPage(
  { relation, origins }: LinkPagination,
  headers: unknown,
  asked: URL | undefined,
): string | undefined {
  const header = (headers as Readonly<Record<string, string>> | undefined)?.link;
  if (header === undefined) return undefined;
  const links = parseLinks(header);
  if (!links) throw new Problem('provider_response_invalid', 'The Link header of the page is none.');
  const link = linkTo(links, relation);
  if (!link) return undefined;
  const url = URL.parse(link.target, asked?.href);
  if (!url || !origins.has(url.origin) || url.username !== '' || url.password !== '')
    throw new Problem('provider_response_invalid', 'The link to the next page leaves the host of this one.');
  const target = `${url.pathname}${url.search}`;
  if (target.length > MAX_URL_LENGTH)
    throw new Problem(
      'provider_response_invalid',
      `The link to the next page is longer than ${MAX_URL_LENGTH} characters.`,
    );
  if (asked && target === `${asked.pathname}${asked.search}`)
    throw new Problem('pagination_cycle', 'The link to the next page is that of this one.');
  return target;
}

/** What a page lists: the lists in a provider's body. The rest of it, such as links, differs from page to page. */
export function itemsOfBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const lists = Object.values(body).filter(Array.isArray);
  return lists.length > 0 ? lists.flat() : body;
}

function positionParameter(pagination: Exclude<Pagination, LinkPagination>): string {
  if (pagination.style === 'page_number') return pagination.number;
  return pagination.style === 'offset' ? pagination.offset : pagination.cursor;
}

function beginningOf(pagination: Pagination): number | string {
  if (pagination.style === 'page_number') return pagination.first;
  return pagination.style === 'offset' ? 0 : '';
}

function isNothing(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

function numberOf(what: string, value: unknown): number | undefined {
  if (isNothing(value)) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new Problem('provider_response_invalid', `The ${what} of the page is not a whole number.`);
  return value;
}
