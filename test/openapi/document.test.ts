import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/openapi/document.ts';
import { OpenApiFailure } from '../../src/openapi/failure.ts';
import { findOperation, listOperations } from '../../src/openapi/operations.ts';
import { fileOf, imported, notesAbout } from './support.ts';

const HEAD = 'openapi: 3.0.0\ninfo: { title: T, version: "1" }\n';

describe('an OpenAPI file', () => {
  it.each([
    ['Swagger 2.0', 'swagger: "2.0"\ninfo: {}\npaths: {}'],
    ['a version to come', 'openapi: 4.0.0\npaths: {}'],
    ['no description at all', 'a: 1'],
    ['a list', '- 1'],
    ['nothing', ''],
    ['broken YAML', 'openapi: [3.0'],
    ['broken JSON', '{"openapi": "3.0.0"'],
    ['a bomb of aliases', `${HEAD}a: &a [1,1,1,1,1,1,1,1,1]\n${bomb()}`],
    ['brackets without end', '['.repeat(100_000)],
    ['brackets without end, each on its line', '[\n'.repeat(50_000)],
    ['JSON without end', `{"openapi":"3.0.0","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ])('that is %s is refused in words', (_what, text) => {
    expect(() => readDocument(text)).toThrow(OpenApiFailure);
  });

  it('of Swagger 2.0 is refused with the remedy', () => {
    const refusal = (() => {
      try {
        return readDocument('{"swagger": "2.0"}');
      } catch (error) {
        return error;
      }
    })();
    expect((refusal as OpenApiFailure).hint).toContain('swagger2openapi');
  });

  it('is read as JSON and as YAML, with a byte order mark, too', () => {
    const json = '{"openapi":"3.1.0","info":{"title":"T"},"paths":{"/a":{"get":{}}}}';
    for (const text of [json, `\uFEFF${json}`, `${HEAD}paths: { /a: { get: {} } }`])
      expect(listOperations(readDocument(text)).map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /a']);
  });

  it('cannot bring names that poison objects', () => {
    const text = `{"openapi":"3.0.0","paths":{"__proto__":{"get":{}},"/a":{"get":{"operationId":"a","parameters":[
      {"name":"__proto__","in":"query","schema":{"type":"string"}}],"responses":{"200":{"content":{"application/json":
      {"schema":{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"},"b":{"type":"string"}}}}}}}}}}}`;
    const document = readDocument(text);
    expect(listOperations(document)).toHaveLength(1);
    const { action } = imported({ operation: { operationId: 'a' } });
    expect(Object.keys(action.inputs ?? {})).toEqual([]);
    expect(({} as Record<string, unknown>).get).toBeUndefined();
  });
});

describe('an operation', () => {
  const document = readDocument(fileOf({ operation: { operationId: 'getItems' } }));

  it('is found by its id and by method and path', () => {
    expect(findOperation(document, 'getItems')).toMatchObject({ method: 'GET', path: '/items' });
    expect(findOperation(document, 'get /items').id).toBe('getItems');
  });

  it('that is not there is refused with the nearest one', () => {
    expect(() => findOperation(document, 'getItem')).toThrow('did you mean "getItems"?');
  });

  it('whose references lead elsewhere, nowhere or back to themselves is imported without them, with a note for each', () => {
    const references = [
      'other.yaml#/x',
      'https://x.example.com/y',
      '#/components/schemas/Nowhere',
      '#/components/schemas/Loop',
    ];
    const properties = Object.fromEntries(references.map(($ref, index) => [`p${index}`, { $ref }]));
    const result = imported({
      operation: {
        responses: { 200: { content: { 'application/json': { schema: { type: 'object', properties } } } } },
      },
      components: { schemas: { Loop: { $ref: '#/components/schemas/Loop' } } },
    });
    expect(notesAbout(result, '$ref')).toHaveLength(references.length);
    expect(notesAbout(result, 'other.yaml')[0]).toContain('another file, which is not read');
  });
});

function bomb(): string {
  const lines = 'bcdefgh'.split('').map((name, index) => {
    const before = 'abcdefgh'[index];
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`;
  });
  return lines.join('\n');
}
