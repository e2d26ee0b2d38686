import { describe, expect, it } from 'vitest';
import { cpuMsOf } from '../support/cpu-time.ts';
import { imported, notesAbout } from './support.ts';

const query = (name: string, schema: unknown, more: object = {}) => ({ name, in: 'query', schema, ...more });

describe('parameters', () => {
  it('become inputs by names of the format, mapped to those of the provider', () => {
    const { action } = imported({
      path: '/accounts/{accountID}/items',
      item: {
        parameters: [{ name: 'accountID', in: 'path', required: true, schema: { type: 'string', maxLength: 9 } }],
      },
      operation: {
        parameters: [
          query('filter[createdAt]', { type: 'string', format: 'date-time' }, { description: 'Created **then**.' }),
          query('projectIDs', { type: 'string' }, { required: true }),
          { name: 'X-User-Id', in: 'header', schema: { type: 'string' } },
          { name: 'Accept', in: 'header', schema: { type: 'string' } },
        ],
      },
    });
    expect(action.inputs).toEqual({
      account_id: { type: 'string', required: true, max_length: 9 },
      created_at: { type: 'string', description: 'Created then' },
      project_ids: { type: 'string', required: true },
      user_id: { type: 'string' },
    });
    const path = '/accounts/{account_id}/items';
    expect(action.request).toEqual({
      method: 'GET',
      path,
      query: { 'filter[createdAt]': '${inputs.created_at}', projectIDs: '${inputs.project_ids}' },
      headers: { 'x-user-id': '${inputs.user_id}' },
    });
  });

  it('of the operation go before those of its path', () => {
    const { action } = imported({
      item: { parameters: [query('limit', { type: 'string' })] },
      operation: { parameters: [query('limit', { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1, default: 5 })] },
    });
    expect(action.inputs).toEqual({ limit: { type: 'integer', minimum: 1, default: 5 } });
  });

  it('that are lists are repeated, joined by commas or by another mark, as their style says', () => {
    const list = { type: 'array', items: { type: 'string' } };
    const only = (one: object) => imported({ operation: { parameters: [one] } }).action.request;
    expect(only(query('ids', list))?.query_lists).toBe('repeat');
    expect(only(query('ids', list, { explode: false }))?.query_lists).toBeUndefined();
    expect(only(query('ids', list, { style: 'pipeDelimited' }))?.query?.ids).toContain('$join(inputs.ids, "|")');
    const both = imported({ operation: { parameters: [query('a', list), query('b', list, { explode: false })] } });
    expect(both.action.request).toMatchObject({
      query_lists: 'repeat',
      query: { b: expect.stringContaining('$join(inputs.b, ",")') },
    });
  });

  it('that are objects give an input for each member', () => {
    const schema = { type: 'object', properties: { from: { type: 'string' }, to: { type: 'string' } } };
    const { action } = imported({ operation: { parameters: [query('made', schema, { style: 'deepObject' })] } });
    expect(Object.keys(action.inputs ?? {})).toEqual(['made_from', 'made_to']);
    expect(Object.keys(action.request?.query ?? {})).toEqual(['made[from]', 'made[to]']);
  });

  it('whose names the server takes itself have others', () => {
    const names = ['next', 'raw', 'page_size'];
    const { action } = imported({ operation: { parameters: names.map((name) => query(name, { type: 'string' })) } });
    expect(Object.keys(action.inputs ?? {})).toEqual(['next_value', 'raw_value', 'page_size_value']);
  });

  it('that cannot be sent, or should not be, are left out with a note', () => {
    const result = imported({
      operation: {
        parameters: [
          { name: 'session', in: 'cookie', schema: { type: 'string' } },
          { name: 'Accept-Encoding', in: 'header', schema: { type: 'string' } },
          query('old', { type: 'string' }, { deprecated: true }),
        ],
      },
    });
    expect(result.action.inputs).toBeUndefined();
    expect(result.notes.filter(({ kind }) => kind === 'left_out').map(({ about }) => about)).toEqual([
      'cookie parameter "session"',
      'header parameter "Accept-Encoding"',
      'query parameter "old"',
    ]);
  });

  it('have a pattern only where it is RE2, and an example that keeps to it', () => {
    const refused = imported({ operation: { parameters: [query('a', { type: 'string', pattern: '^(?=x)x$' })] } });
    expect(refused.action.inputs?.a).toEqual({ type: 'string' });
    expect(notesAbout(refused, 'query parameter "a"')[0]).toContain('no RE2');
    const kept = imported({
      operation: {
        parameters: [query('a', { type: 'string', pattern: '^[A-Z]{2,3}-\\d{4}(x|y)$' }, { required: true })],
      },
    });
    expect(kept.action.inputs?.a?.pattern).toBe('^[A-Z]{2,3}-\\d{4}(x|y)$');
    expect(kept.examples[0]?.inputs.a).toMatch(/^[A-Z]{2,3}-\d{4}(x|y)$/);
  });
});

describe('a path', () => {
  it('has its server before it, and segments that mix text and values are composed', () => {
    const result = imported({
      path: '/items/{itemId}:copy/{name}.json',
      root: { servers: [{ url: 'https://{zone}.acme.com/v2/', variables: { zone: { default: 'files' } } }] },
      operation: { parameters: ['itemId', 'name'].map((name) => ({ name, in: 'path', schema: { type: 'string' } })) },
    });
    expect(result.action.request).toMatchObject({
      host: 'files',
      path: '/v2/items/{item_id_copy}/{name_json}',
      path_params: { item_id_copy: expect.stringContaining('inputs.item_id & ":copy"') },
    });
  });

  it('is none where the server has no host', () => {
    const result = imported({ root: { servers: [{ url: 'javascript:alert(1)' }] }, operation: {} });
    expect(notesAbout(result, 'host')).toEqual([expect.stringContaining('is no URL')]);
  });

  it('on a host that the connector does not have is told with the line to add', () => {
    const result = imported({ root: { servers: [{ url: 'https://eu.acme.com' }] }, operation: {} });
    expect(result.action.request?.host).toBeUndefined();
    expect(notesAbout(result, 'host')[0]).toContain('"eu: https://eu.acme.com"');
  });
});

describe('a request body', () => {
  const post = (schema: unknown, type = 'application/json', more: object = {}) =>
    imported({
      method: 'post',
      operation: { requestBody: { required: true, content: { [type]: { schema, ...more } } } },
    });

  it('gives an input for each member of its top level, and literals for what has one value only', () => {
    const { action } = post({
      type: 'object',
      required: ['jsonapi', 'displayName'],
      properties: {
        jsonapi: { type: 'object', properties: { version: { enum: ['1.0'] } } },
        displayName: { type: 'string', minLength: 1, example: 'A name' },
        owner: {
          type: 'object',
          required: ['id'],
          properties: { id: { type: 'string' }, tags: { type: 'array', items: {} } },
        },
        extra: { type: 'object', additionalProperties: { type: 'string' } },
        made_at: { type: 'string', readOnly: true },
      },
    });
    expect(action.inputs).toEqual({
      display_name: { type: 'string', required: true, min_length: 1, example: 'A name' },
      owner: { type: 'object', properties: { id: { type: 'string', required: true }, tags: { type: 'array' } } },
      extra: { type: 'object' },
    });
    expect(Object.keys(action.request?.body as object)).toEqual(['jsonapi', 'displayName', 'owner', 'extra']);
    expect(action.request?.body).toMatchObject({ jsonapi: { version: '1.0' } });
  });

  it('that is a list is one input', () => {
    const { action } = post({ type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } });
    expect(action.inputs).toEqual({
      items: { type: 'array', required: true, items: { type: 'object', properties: { id: { type: 'string' } } } },
    });
    expect(action.request?.body).toBe('${inputs.items}');
  });

  it('that is a form says so', () => {
    const { action } = post(
      { type: 'object', properties: { amount: { type: 'integer' } } },
      'application/x-www-form-urlencoded',
    );
    expect(action.request?.content_type).toBe('application/x-www-form-urlencoded');
  });

  it('in another form of JSON has its media type, unless the API family has it', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    expect(post(schema, 'application/vnd.api+json').action.request?.content_type).toBe('application/vnd.api+json');
  });

  it('that is multipart is left out, with a note', () => {
    const result = post(
      { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
      'multipart/form-data',
    );
    expect(result.action.request?.body).toBeUndefined();
    expect(notesAbout(result, 'request body')[0]).toContain('multipart/form-data is not supported');
  });

  it('merges allOf, settles alternatives, and takes null for what it is in 3.0 and 3.1', () => {
    const result = imported({
      method: 'patch',
      version: '3.1.0',
      operation: {
        requestBody: {
          content: {
            'application/json': {
              schema: {
                allOf: [
                  { $ref: '#/components/schemas/Named' },
                  {
                    properties: {
                      size: { type: ['integer', 'null'], exclusiveMinimum: 0 },
                      note: { type: 'string', nullable: true },
                    },
                  },
                ],
                properties: {
                  kind: { oneOf: [{ const: 'a' }, { const: 'b' }, { type: 'null' }] },
                  mixed: { anyOf: [{ type: 'string' }, { type: 'object' }] },
                },
              },
            },
          },
        },
      },
      components: {
        schemas: { Named: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
      },
    });
    expect(result.action.effect).toBe('update');
    expect(result.action.inputs).toEqual({
      kind: { type: 'string', enum: ['a', 'b'] },
      mixed: { type: 'string' },
      name: { type: 'string', required: true },
      size: { type: 'integer', minimum: 1 },
      note: { type: 'string' },
    });
    expect(notesAbout(result, 'request body.mixed')).toEqual([expect.stringContaining('the first one is taken')]);
  });

  it('that contains itself is cut there', () => {
    const result = imported({
      method: 'post',
      operation: {
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Node' } } } },
      },
      components: {
        schemas: {
          Node: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              children: { type: 'array', items: { $ref: '#/components/schemas/Node' } },
            },
          },
        },
      },
    });
    expect(result.action.inputs?.children).toEqual({ type: 'array', items: { type: 'object' } });
    expect(notesAbout(result, 'children')).toEqual([expect.stringContaining('contains itself')]);
  });

  it('of a schema that doubles at every level costs no more than others', async () => {
    const level = (index: number) => ({
      type: 'object',
      properties: {
        a: { $ref: `#/components/schemas/L${index + 1}` },
        b: { $ref: `#/components/schemas/L${index + 1}` },
      },
    });
    const schemas = Object.fromEntries(Array.from({ length: 40 }, (_one, index) => [`L${index}`, level(index)]));
    const requestBody = { content: { 'application/json': { schema: { $ref: '#/components/schemas/L0' } } } };
    let inputs: object | undefined;
    const tookMs = await cpuMsOf(() => {
      inputs = imported({ method: 'post', operation: { requestBody }, components: { schemas } }).action.inputs;
    });
    expect(tookMs).toBeLessThan(2_000);
    expect(Object.keys(inputs ?? {})).toEqual(['a', 'b']);
  });
});

describe('the rest of an operation', () => {
  it.each([
    ['get', 'getItem', 'read'],
    ['post', 'createItem', 'create'],
    ['post', 'searchItems', 'execute'],
    ['put', 'putItem', 'update'],
    ['delete', 'deleteItem', 'delete'],
  ])('%s %s: its effect is %s', (method, operationId, effect) => {
    expect(imported({ method, operation: { operationId } }).action.effect).toBe(effect);
  });

  const oauth = (flows: object) => ({ securitySchemes: { oauth: { type: 'oauth2', flows } } });

  it('takes the scopes of its security; those that the catalogue lacks are told, or handed over to be added', () => {
    const written = {
      operation: { security: [{ oauth: ['items:read', 'items:write'] }] },
      components: oauth({ authorizationCode: { scopes: { 'items:write': 'Write items' } } }),
    };
    const told = imported(written);
    expect(told.action).toMatchObject({ scopes: ['items:read'], token: 'user' });
    expect(notesAbout(told, 'scopes')[0]).toContain('items:write: not in the catalogue');
    const added = imported(written, { addScopes: true });
    expect(added.action.scopes).toEqual(['items:read', 'items:write']);
    expect([...added.newScopes]).toEqual([['items:write', 'Write items.']]);
  });

  it('tells that no scope is asked for where the file names none', () => {
    const components = oauth({ authorizationCode: { scopes: {} } });
    const told = imported({ operation: { security: [{ oauth: [] }] }, components });
    expect(told.action.scopes).toEqual([]);
    expect(notesAbout(told, 'scopes')[0]).toContain('none: the file names none');
    const keys = { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-key' } } };
    const keyed = imported({ operation: { security: [{ key: [] }] }, components: keys });
    expect(notesAbout(keyed, 'scopes')).toEqual([]);
  });

  it('has a label, a description without markup and a link', () => {
    const { action } = imported({
      operation: {
        operationId: 'getHTTPThings',
        summary: 'List things.',
        description:
          'Gives *things*, see [there](https://x.example.com).\n\n| a | b |\n|---|---|\n\nMore:\n\n- one\n- two',
        externalDocs: { url: 'https://docs.acme.com/things' },
      },
    });
    expect(action).toMatchObject({
      id: 'get_http_things',
      label: 'List things',
      docs: 'https://docs.acme.com/things',
    });
    expect(action.description).not.toMatch(/[|[\]()]|- one/);
  });
});
