import type { PaginationFormat } from '../connector/format.ts';
import type { Answer } from './answer.ts';
import { pathText } from './expression-text.ts';
import { isObject } from './json.ts';
import type { Notes } from './notes.ts';
import type { Method } from './operations.ts';
import { type OutputMapping, valueAt } from './output.ts';
import type { Parameter } from './parameters.ts';
import type { Shape } from './shape.ts';

/** A guess at how a list goes on. */
export interface Paging {
  pagination: PaginationFormat;
  /** Query parameters that it sets. */
  parameters: ReadonlySet<string>;
  /** Makes an answer one that has a next page, and one that has none. */
  withNext(page: Page): Page;
  asLast(page: Page): Page;
  /** What the caller asks for in the example with a next page. */
  pageSize: 'of_items' | undefined;
}

export interface Page {
  body: unknown;
  headers: Record<string, string>;
}

const SIZE = /^(\$?limit|\$?top|per_?page|page_?size|page\[(limit|size)\]|max_?results|max_?items|size|count)$/i;
const NUMBER = /^(page|page_?(number|no|num|index)|page\[number\])$/i;
const OFFSET = /^(\$?offset|\$?skip|page\[offset\]|start_?index|start)$/i;
const CURSOR =
  /^((next_?)?cursor|page\[(cursor|after)\]|(starting_?)?after|(next_?)?page_?token|next_?token|continuation(_?token)?|marker|start_?at|bookmark|page_?state)$/i;

/** Where answers say that there is more, the commonest first. */
const NEXT_LINKS = [
  ['links', 'next'],
  ['_links', 'next'],
  ['pagination', 'nextUrl'],
  ['pagination', 'next_url'],
  ['next'],
  ['next_url'],
  ['nextUrl'],
  ['@odata.nextLink'],
  ['nextLink'],
];
const NEXT_CURSORS = [
  ...[
    'next_cursor',
    'nextCursor',
    'next_page_token',
    'nextPageToken',
    'next_token',
    'nextToken',
    'cursor',
    'marker',
    'bookmark',
    'next',
    'pageState',
  ].flatMap((name) => [
    [name],
    ['meta', name],
    ['pagination', name],
    ['paging', name],
    ['response_metadata', name],
    ['page', name],
  ]),
  ['cursors', 'after'],
  ['paging', 'cursors', 'after'],
];
const HAS_MORE = ['has_more', 'hasMore', 'has_next', 'hasNext', 'has_next_page', 'hasNextPage', 'more'].flatMap(
  (name) => [[name], ['meta', name], ['pagination', name]],
);
const TOTALS = ['total', 'totalResults', 'total_results', 'total_count', 'totalCount', 'count'].flatMap((name) => [
  ['pagination', name],
  ['meta', name],
  ['paging', name],
  ...(name === 'count' ? [] : [[name]]),
]);

// Where the file tells no page size.
const USUAL_SIZE = 100;

/** How the list goes on, as its parameters and its answer suggest; undefined where they do not. */
export function guessPaging(
  method: Method,
  parameters: readonly Parameter[],
  answer: Answer,
  { kind, place }: OutputMapping,
  notes: Notes,
): Paging | undefined {
  const { shape } = answer;
  if (kind !== 'list' || !shape) return undefined;
  const query = parameters.filter((one) => one.in === 'query');
  const find = (pattern: RegExp) => query.find(({ name }) => pattern.test(name));
  const size = find(SIZE);
  const [number, offset, cursor] = [find(NUMBER), find(OFFSET), find(CURSOR)];
  const list = pathText(['body', ...place]);
  const guess =
    answer.links && (method === 'GET' || method === 'HEAD')
      ? byLink()
      : (cursor?.shape.type !== 'integer' && cursor && byCursor(cursor)) ||
        (number && byNumber(number)) ||
        ((offset ?? cursor)?.shape.type === 'integer' && size && byOffset((offset ?? cursor) as Parameter, size)) ||
        undefined;
  const seen = [number, offset, cursor].filter((one) => one !== undefined);
  if (guess)
    notes.guess('pagination', `${guess.pagination.style}${tellsOf(guess.pagination)}; check it against the provider`);
  else if (seen.length > 0)
    notes.leftOut(
      'pagination',
      `${seen.map(({ name }) => name).join(', ')} may page, but the answer does not show how; it is an input`,
    );
  return guess || undefined;

  function sizes(): { size?: string; max_size?: number } {
    const maximum = size?.shape.maximum;
    return {
      ...(size && { size: size.name }),
      ...(maximum !== undefined && maximum >= 1 && { max_size: Math.floor(maximum) }),
    };
  }

  function names(...used: readonly (Parameter | undefined)[]): ReadonlySet<string> {
    return new Set(used.flatMap((one) => (one ? [one.name] : [])));
  }

  function byLink(): Paging {
    // Relative to the request, so that it stays on its host.
    const link = '<?page=next>; rel="next"';
    return {
      pagination: { style: 'link_header', ...sizes() },
      parameters: names(size, number, offset, cursor),
      withNext: ({ body, headers }) => ({ body, headers: { ...headers, link } }),
      asLast: (page) => page,
      pageSize: undefined,
    };
  }

  function byCursor(parameter: Parameter): Paging | undefined {
    const common = { style: 'cursor', cursor: parameter.name, ...sizes() } as const;
    const used = names(size, parameter);
    const at = first(NEXT_CURSORS) ?? first(NEXT_LINKS);
    if (at) {
      const leaf = shapeAt(shape as Shape, at) as Shape;
      const path = leaf.type === 'object' && leaf.properties.has('href') ? [...at, 'href'] : at;
      const isUrl = path !== at || isUrlLike(leaf, valueAt(answer.example, at));
      const value = isUrl ? `https://www.example.com/?${encodeURIComponent(parameter.name)}=next-page` : 'next-page';
      return {
        pagination: {
          ...common,
          next: isUrl ? ofUrl(pathText(['body', ...path]), parameter.name) : pathText(['body', ...path]),
        },
        parameters: used,
        withNext: set(path, value),
        asLast: unset(path),
        pageSize: undefined,
      };
    }
    const more = first(HAS_MORE);
    const id = shapeAt(shape as Shape, place)?.items?.properties.has('id');
    if (!more || !id) return undefined;
    const flag = pathText(['body', ...more]);
    return {
      pagination: { ...common, next: `${flag} ? ${list}[-1].id` },
      parameters: used,
      withNext: set(more, true),
      asLast: set(more, false),
      pageSize: undefined,
    };
  }

  function byNumber(parameter: Parameter): Paging {
    const { minimum, default: fallback } = parameter.shape;
    const firstPage = [fallback, minimum].find((one) => one === 0 || one === 1);
    const common = { style: 'page_number', number: parameter.name, ...sizes(), first: Number(firstPage ?? 1) } as const;
    if (firstPage === undefined) notes.guess('pagination', 'the first page has number 1');
    const used = names(size, parameter);
    const link = first(NEXT_LINKS);
    const more = first(HAS_MORE);
    const tells = link ?? more;
    if (tells) {
      const isObjectLink = link !== undefined && shapeAt(shape as Shape, link)?.properties.has('href');
      const path = isObjectLink ? [...tells, 'href'] : tells;
      return {
        pagination: { ...common, more: pathText(['body', ...tells]) },
        parameters: used,
        withNext: set(path, link ? 'https://www.example.com/next' : true),
        asLast: link ? unset(tells) : set(tells, false),
        pageSize: undefined,
      };
    }
    notes.guess('pagination', 'nothing tells the last page: it goes on until a page is empty');
    return {
      pagination: { ...common, more: `$count(${list}) > 0` },
      parameters: used,
      withNext: (page) => page,
      asLast: set(place, []),
      pageSize: undefined,
    };
  }

  function byOffset(parameter: Parameter, limit: Parameter): Paging {
    const { maximum, default: fallback } = limit.shape;
    const most = Math.max(1, Math.floor(maximum ?? Math.max(USUAL_SIZE, typeof fallback === 'number' ? fallback : 0)));
    const usual = typeof fallback === 'number' && fallback >= 1 ? Math.floor(fallback) : Math.min(USUAL_SIZE, most);
    if (maximum === undefined) notes.guess('pagination', `a page has at most ${most} items`);
    const total = first(TOTALS);
    const count = `$count(${list})`;
    return {
      pagination: {
        style: 'offset',
        offset: parameter.name,
        size: limit.name,
        default_size: Math.min(usual, most),
        max_size: most,
        count,
        ...(total && { total: pathText(['body', ...total]) }),
      },
      parameters: names(limit, parameter),
      withNext: total ? (page) => set(total, itemsOf(page.body) + 1)(page) : (page) => page,
      asLast: total ? (page) => set(total, itemsOf(page.body))(page) : (page) => page,
      pageSize: total ? undefined : 'of_items',
    };
  }

  function first(paths: readonly (readonly string[])[]): readonly string[] | undefined {
    return paths.find((path) => shapeAt(shape as Shape, path) !== undefined && path.join('.') !== place.join('.'));
  }

  function itemsOf(body: unknown): number {
    const items = valueAt(body, place);
    return Array.isArray(items) ? items.length : 0;
  }
}

function tellsOf(pagination: PaginationFormat): string {
  if (pagination.style === 'page_number') return `, more when ${pagination.more}`;
  if (pagination.style === 'cursor')
    return `, next from ${pagination.next.includes('$contains') ? 'the URL in the answer' : pagination.next}`;
  return '';
}

function shapeAt(shape: Shape, path: readonly string[]): Shape | undefined {
  let at: Shape | undefined = shape;
  for (const name of path) at = at?.properties.get(name);
  return at;
}

function isUrlLike({ format, description }: Shape, shown: unknown): boolean {
  if (shown === undefined && /\b(URL|URI|link)\b/i.test(description ?? '')) return true;
  return format === 'uri' || format === 'url' || (typeof shown === 'string' && /^(https?:\/)?\/|\?.+=/.test(shown));
}

/** The parameter's value in a URL that the provider gives. */
function ofUrl(at: string, parameter: string): string {
  const mark = JSON.stringify(`${encodeURIComponent(parameter)}=`);
  const plain = JSON.stringify(`${parameter}=`);
  const marked = mark === plain ? mark : undefined;
  // Brackets in names are sent as they are by some, encoded by others.
  const text = marked ? at : `$replace($replace(${at}, "%5B", "["), "%5D", "]")`;
  const after = `$substringAfter(${text}, ${plain})`;
  return `${at} and $contains(${text}, ${plain}) ? $decodeUrlComponent($substringBefore(${after}, "&"))`;
}

function set(path: readonly string[], value: unknown): (page: Page) => Page {
  return ({ body, headers }) => ({ body: withValue(body, path, value), headers });
}

function unset(path: readonly string[]): (page: Page) => Page {
  return ({ body, headers }) => ({
    body: valueAt(body, path) === undefined ? body : withValue(body, path, undefined),
    headers,
  });
}

function withValue(body: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const { [name]: below, ...others } = isObject(body) ? body : {};
  const inside = withValue(below, rest, value);
  return inside === undefined ? others : { ...(isObject(body) ? body : {}), [name]: inside };
}
