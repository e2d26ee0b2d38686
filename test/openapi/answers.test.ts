import { describe, expect, it } from 'vitest';
import { answering, imported, notesAbout } from './support.ts';

const item = {
  type: 'object',
  properties: { id: { type: 'string' }, createdAt: { type: 'string', description: 'When.' } },
};
const list = { type: 'array', items: item };
const query = (name: string, schema: unknown = { type: 'string' }) => ({ name, in: 'query', schema });

const outputOf = (schema: unknown) => imported({ operation: { responses: answering(schema) } }).action.output;

describe('the output', () => {
  it.each([
    ['at the top', list, 'body'],
    ['in data', { type: 'object', properties: { data: list, links: { type: 'object' } } }, 'body.data'],
    ['in results', { type: 'object', properties: { results: list, pagination: { type: 'object' } } }, 'body.results'],
    [
      'alone under a name of its own',
      { type: 'object', properties: { things: list, total_count: { type: 'integer' } } },
      'body.things',
    ],
    [
      'in an envelope',
      { type: 'object', properties: { data: { type: 'object', properties: { items: list } } } },
      'body.data.items',
    ],
  ])('is the list %s', (_where, schema, at) => {
    expect(outputOf(schema)).toEqual({
      list: at,
      item: '{ "id": id, "created_at": createdAt }',
      fields: { id: { type: 'string' }, created_at: { type: 'string', description: 'When' } },
    });
  });

  it.each([
    ['itself', item, 'body'],
    ['in an envelope', { type: 'object', properties: { data: item, meta: { type: 'object' } } }, 'body.data'],
  ])('is the record %s', (_where, schema, at) => {
    expect(outputOf(schema)).toMatchObject({ object: `${at}.{ "id": id, "created_at": createdAt }` });
  });

  it('of a record that has a list is the record', () => {
    const schema = { type: 'object', properties: { id: { type: 'string' }, items: list } };
    expect(outputOf(schema)).toMatchObject({ object: 'body.{ "id": id, "items": items }' });
  });

  it('of JSON:API has the attributes as fields, and the ids of related records', () => {
    const resource = {
      type: 'object',
      properties: {
        type: { type: 'string' },
        id: { type: 'string' },
        attributes: { type: 'object', properties: { displayName: { type: 'string' } } },
        relationships: { type: 'object', properties: { hub: { type: 'object', properties: { data: item } } } },
      },
    };
    expect(outputOf({ type: 'object', properties: { data: { type: 'array', items: resource } } })).toMatchObject({
      item: '{\n  "type": type,\n  "id": id,\n  "display_name": attributes.displayName,\n  "hub_id": relationships.hub.data.id\n}',
    });
  });

  it('quotes names that are no plain ones, and takes null away where the provider may give it', () => {
    const schema = { type: 'object', properties: { 'x-id': { type: 'string' }, in: { type: ['string', 'null'] } } };
    expect(outputOf(schema)).toMatchObject({
      object: 'body.$sift({ "x_id": `x-id`, "in": `in` }, function($value) { $value != null })',
    });
  });

  it('of an answer without a body says that it was done', () => {
    const { action } = imported({
      method: 'delete',
      path: '/items/{id}',
      operation: {
        parameters: [{ name: 'id', in: 'path', schema: { type: 'string' } }],
        responses: { 204: { description: 'Gone' } },
      },
    });
    expect(action.output).toMatchObject({ object: '{ "id": inputs.id, "deleted": true }' });
  });
});

describe('the pagination', () => {
  const paged = (parameters: object[], schema: object, response: object = {}) =>
    imported({
      operation: { parameters, responses: { 200: { content: { 'application/json': { schema } }, ...response } } },
    });
  const envelope = (properties: object) => ({ type: 'object', properties: { data: list, ...properties } });
  const text = { type: 'string' };

  it.each([
    [
      'a cursor',
      [query('cursor'), query('limit', { type: 'integer', maximum: 50 })],
      envelope({ next_cursor: text }),
      { style: 'cursor', cursor: 'cursor', size: 'limit', max_size: 50, next: 'body.next_cursor' },
    ],
    [
      'the id of the last one',
      [query('starting_after'), query('limit', { type: 'integer' })],
      envelope({ has_more: { type: 'boolean' } }),
      { style: 'cursor', cursor: 'starting_after', size: 'limit', next: 'body.has_more ? body.data[-1].id' },
    ],
    [
      'page numbers',
      [query('page', { type: 'integer', default: 1 }), query('per_page', { type: 'integer' })],
      list,
      { style: 'page_number', number: 'page', size: 'per_page', first: 1, more: '$count(body) > 0' },
    ],
    [
      'links',
      [query('page[number]', { type: 'integer', minimum: 0 })],
      envelope({ links: { type: 'object', properties: { next: { type: 'object' } } } }),
      { style: 'page_number', number: 'page[number]', first: 0, more: 'body.links.next' },
    ],
    [
      'an offset',
      [query('offset', { type: 'integer' }), query('limit', { type: 'integer', default: 20, maximum: 200 })],
      envelope({ total: { type: 'integer' } }),
      {
        style: 'offset',
        offset: 'offset',
        size: 'limit',
        default_size: 20,
        max_size: 200,
        count: '$count(body.data)',
        total: 'body.total',
      },
    ],
  ])('by %s is guessed, and told', (_how, parameters, schema, pagination) => {
    const result = paged(parameters, schema);
    expect(result.action.pagination).toEqual(pagination);
    expect(result.action.inputs).toBeUndefined();
    expect(notesAbout(result, 'pagination').at(-1)).toContain('check');
    expect(result.examples.map(({ shows }) => shows)).toEqual(['page_with_next', 'last_page', 'refusal']);
  });

  it('by a Link header is guessed from the headers of the answer', () => {
    const result = paged(
      [query('page', { type: 'integer' }), query('per_page', { type: 'integer', maximum: 100 })],
      list,
      {
        headers: { Link: { schema: text } },
      },
    );
    expect(result.action.pagination).toEqual({ style: 'link_header', size: 'per_page', max_size: 100 });
  });

  it('takes the cursor out of a URL where the provider gives one', () => {
    const { action } = paged([query('cursor')], envelope({ next: { type: 'string', format: 'uri' } }));
    expect(action.pagination).toMatchObject({ next: expect.stringContaining('$substringAfter(body.next, "cursor=")') });
  });

  it('is none where the answer does not show how, and the parameter is an input', () => {
    const result = paged([query('cursor')], list);
    expect(result.action).toMatchObject({ inputs: { cursor: { type: 'string' } } });
    expect(result.action.pagination).toBeUndefined();
    expect(notesAbout(result, 'pagination')[0]).toContain('left_out');
  });
});

describe('an example', () => {
  it("is the file's own, cut to what the output reads and completed after the schema", () => {
    const example = { data: [{ id: 'a', other: 1 }, { id: 'b', createdAt: 'then' }, { id: 'c' }], self: 'x' };
    const schema = { type: 'object', properties: { data: list } };
    const { examples } = imported({ operation: { responses: answering(schema, { example }) } });
    expect(examples[0]).toMatchObject({
      source: expect.stringContaining('completed after its schema'),
      response: {
        body: {
          data: [
            { id: 'a', createdAt: '2026-01-31T12:00:00Z' },
            { id: 'b', createdAt: 'then' },
          ],
        },
      },
    });
  });

  it('that contradicts the schema wins over it', () => {
    const { action } = imported({ operation: { responses: answering(item, { example: { id: 7, createdAt: [] } }) } });
    expect(action.output.fields).toMatchObject({ id: { type: 'number' }, created_at: { type: 'array' } });
  });
});
