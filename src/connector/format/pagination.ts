import { type Static, Type } from 'typebox';
import { expression, strict } from './parts.ts';

const pageSize = {
  size: Type.Optional(
    Type.String({
      description: 'Query parameter that takes the page size. Without it callers cannot choose one.',
      examples: ['limit', 'per_page'],
    }),
  ),
  max_size: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Largest page size that the provider takes.',
      default: 1_000,
      examples: [100],
    }),
  ),
};

const OffsetPagination = Type.Object(
  {
    style: Type.Literal('offset', { description: 'Pages by the number of items to pass over: `?offset=40&limit=20`.' }),
    offset: Type.String({
      description: 'Query parameter that takes the number of items to pass over.',
      examples: ['offset'],
    }),
    size: Type.String({
      description: 'Query parameter that takes the page size. It is always sent.',
      examples: ['limit'],
    }),
    default_size: Type.Integer({
      minimum: 1,
      description: 'Page size when the caller asks for none.',
      examples: [100],
    }),
    max_size: Type.Integer({ minimum: 1, description: 'Largest page size that the provider takes.', examples: [200] }),
    count: expression('How many items the provider gave on this page.', '$count(body.results)'),
    total: Type.Optional(
      expression(
        'How many items there are. Without it, or when it gives nothing, a page shorter than asked for is the last.',
        'body.total',
      ),
    ),
  },
  { ...strict, title: 'Offset pagination', description: 'Pages by the number of items to pass over.' },
);

const PageNumberPagination = Type.Object(
  {
    style: Type.Literal('page_number', { description: 'Pages by their number: `?page=3`.' }),
    number: Type.String({
      description: 'Query parameter that takes the page number.',
      examples: ['page', 'page[number]'],
    }),
    first: Type.Integer({ minimum: 0, description: 'Number of the first page.', examples: [0, 1] }),
    ...pageSize,
    more: expression(
      'Whether a further page exists: anything but `false`, `null`, `""` and nothing.',
      'body.links.next',
    ),
  },
  { ...strict, title: 'Page number pagination', description: 'Pages by their number.' },
);

const CursorPagination = Type.Object(
  {
    style: Type.Literal('cursor', { description: 'Each answer names the position of the next page: `?after=abc`.' }),
    cursor: Type.String({
      description: 'Query parameter that takes the cursor.',
      examples: ['cursor', 'starting_after'],
    }),
    ...pageSize,
    next: expression('Cursor of the next page; nothing, `null` or `""` at the end.', 'body.meta.next_cursor'),
  },
  { ...strict, title: 'Cursor pagination', description: 'Each answer names the position of the next page.' },
);

const LinkHeaderPagination = Type.Object(
  {
    style: Type.Literal('link_header', {
      description: 'Follows the Link header (RFC 8288) as long as there is one, within the host of the request.',
    }),
    rel: Type.Optional(
      Type.String({
        pattern: '^[!#-~]+$',
        description: 'Relation type of the link to the next page.',
        default: 'next',
        examples: ['next'],
      }),
    ),
    ...pageSize,
  },
  {
    ...strict,
    title: 'Link header pagination',
    description: 'The Link header of each answer holds the URL of the next page.',
  },
);

export const PaginationFormat = Type.Union(
  [OffsetPagination, PageNumberPagination, CursorPagination, LinkHeaderPagination],
  {
    title: 'Pagination',
    description:
      'How the provider pages a list, by `style`. Callers see one opaque `next` whatever it is, and the inputs `page_size` and ' +
      '`next` are added to the action.',
  },
);
export type PaginationFormat = Static<typeof PaginationFormat>;
