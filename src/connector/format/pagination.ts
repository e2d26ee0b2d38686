import { type Static, Type } from 'typebox';
import { expression, strict } from './parts.ts';

const pageSize = {
  size: Type.Optional(Type.String({ description: 'Query parameter that takes the page size.' })),
  max_size: Type.Optional(Type.Integer({ minimum: 1, description: 'Largest page size the provider takes.' })),
};

export const PaginationFormat = Type.Union([
  Type.Object(
    {
      style: Type.Literal('offset'),
      offset: Type.String({ description: 'Query parameter that takes the number of items to pass over.' }),
      size: Type.String({ description: 'Query parameter that takes the page size; always sent.' }),
      default_size: Type.Integer({ minimum: 1, description: 'Page size when the caller asks for none.' }),
      max_size: Type.Integer({ minimum: 1, description: 'Largest page size the provider takes.' }),
      count: expression('How many items the provider gave on this page.'),
      total: Type.Optional(
        expression(
          'How many items there are. Without it, or when it gives nothing, a page shorter than asked for is the last.',
        ),
      ),
    },
    strict,
  ),
  Type.Object(
    {
      style: Type.Literal('page_number'),
      number: Type.String({ description: 'Query parameter that takes the page number.' }),
      first: Type.Integer({ minimum: 0, description: 'Number of the first page.' }),
      ...pageSize,
      more: expression('True (or anything but false, null, "" and nothing) when a further page exists.'),
    },
    strict,
  ),
  Type.Object(
    {
      style: Type.Literal('cursor'),
      cursor: Type.String({ description: 'Query parameter that takes the cursor.' }),
      ...pageSize,
      next: expression('Cursor of the next page; nothing, null or "" at the end.'),
    },
    strict,
  ),
]);
export type PaginationFormat = Static<typeof PaginationFormat>;
