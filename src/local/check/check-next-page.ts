import { isDeepStrictEqual } from 'node:util';
import type { Action, Exchange, Pagination } from '../../connector/connector.ts';
import { linkTo, parseLinks } from '../../engine/link-header.ts';
import { Problem } from '../../problems.ts';
import type { Replayed } from '../replay.ts';
import type { Difference } from './difference.ts';

/**
 * Everything in which the request for a further page is not what the page before it asks for: the same with nothing but the
 * position changed, or the very target that the provider gave. An answer with nothing in it must be the last page.
 */
export async function nextPageDifferences(
  { pagination }: Action,
  first: Exchange,
  { outcome, seen }: Replayed,
): Promise<Difference[]> {
  const found: Difference[] = [];
  const differs = (message: string, expected?: unknown, actual?: unknown) =>
    found.push({ part: 'next_page', message: `next page: ${message}`, expected, actual });
  if (outcome instanceof Problem) differs(`it was refused with ${outcome.code}: ${outcome.message}`);
  else if (outcome.next !== null) differs('an answer with nothing in it claims a further page');
  const [request] = seen;
  if (!request || !pagination) return [...found, { part: 'next_page', message: 'next page: nothing was sent for it' }];

  const asked = new URL(first.request.url);
  const url = new URL(`${request.origin}${request.target}`);
  if (url.origin !== asked.origin) differs('host', asked.origin, url.origin);
  if (pagination.style === 'link_header') {
    const target = linkedTarget(pagination.relation, first);
    if (target !== request.target) differs('not the target of the link', target, request.target);
    return found;
  }
  const [before, after] = [[...asked.searchParams], [...url.searchParams]];
  const has = (pairs: readonly [string, string][], wanted: readonly [string, string]) =>
    pairs.some((pair) => isDeepStrictEqual(pair, wanted));
  const added = after.filter((pair) => !has(before, pair));
  const position = await positionOf(pagination, first);
  if (added.length !== 1 || added[0]?.[0] !== position.name)
    differs(
      'query parameters besides those of the first page',
      [position.name],
      added.map(([name]) => name),
    );
  else if (position.at !== undefined && added[0][1] !== position.at)
    differs(`query parameter "${position.name}"`, position.at, added[0][1]);
  const lost = before.filter((pair) => !has(after, pair));
  if (lost.length > 0) differs('query parameters of the first page are missing', lost);
  return found;
}

function linkedTarget(relation: string, { request, response }: Exchange): string | undefined {
  const header = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'link')?.[1] ?? '';
  const link = linkTo(parseLinks(header) ?? [], relation);
  const url = link && URL.parse(link.target, request.url);
  return url ? `${url.pathname}${url.search}` : undefined;
}

/** `at` is undefined where only the provider knows. */
async function positionOf(
  pagination: Exclude<Pagination, { style: 'link_header' }>,
  { response }: Exchange,
): Promise<{ name: string; at?: string }> {
  switch (pagination.style) {
    case 'page_number':
      return { name: pagination.number, at: String(pagination.first + 1) };
    case 'offset':
      return { name: pagination.offset, at: String(await pagination.count.evaluate({ ...response })) };
    case 'cursor':
      return { name: pagination.cursor, at: String(await pagination.next.evaluate({ ...response })) };
  }
}
