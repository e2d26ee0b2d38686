import { describe, expect, it } from 'vitest';
import type { InputFormat } from '../../src/connector/format.ts';
import { compileInputSet, createInputChecks } from '../../src/connector/input-set.ts';

const TAG: NonNullable<InputFormat['items']> = {
  type: 'object',
  properties: {
    key: { type: 'string', required: true, pattern: '^[a-z]+$' },
    value: { type: 'string', default: 'none' },
    rank: { type: 'integer', minimum: 1, enum: [1, 2] },
  },
};

const set = compileInputSet(createInputChecks(), {
  code: { type: 'string', pattern: '^[0-9]+$' },
  name: { type: 'string', pattern: '^[a-z]+$', default: 'x' },
  tags: { type: 'array', min_items: 1, max_items: 2, items: TAG },
  main: TAG,
  free: { type: 'object' },
});

const paths = (values: Record<string, unknown>) => {
  const bound = set.bind(values);
  return 'errors' in bound ? bound.errors.map(({ path }) => path) : [];
};

describe('inputs', () => {
  it('are each held to their own pattern', () => {
    expect(paths({ code: '12', name: 'ab' })).toEqual([]);
    expect(paths({ code: 'ab', name: '12' })).toEqual(['/code', '/name']);
  });

  it('have members that are checked, and no others', () => {
    expect(paths({ main: { key: 'a', rank: 2 }, tags: [{ key: 'b' }], free: { anything: [1] } })).toEqual([]);
    expect(paths({ main: { key: 'A', rank: 3 } })).toEqual(['/main/key', '/main/rank']);
    expect(paths({ main: {}, tags: [{ key: 'a' }, { value: 'b' }] }).sort()).toEqual(['/main/key', '/tags/1/key']);
    expect(paths({ tags: [] })).toEqual(['/tags']);
    expect(paths({ tags: [{ key: 'a' }, { key: 'a' }, { key: 'a' }] })).toEqual(['/tags']);
    expect(paths({ main: [], tags: {} }).sort()).toEqual(['/main', '/tags']);
    const bound = set.bind({ main: { key: 'a', vale: 'b' } });
    expect(bound).toEqual({ errors: [{ path: '/main/vale', message: expect.stringContaining('"value"') }] });
  });

  it('get the defaults of members as well, and what the caller gave stays as it was', () => {
    const given = Object.freeze({
      main: Object.freeze({ key: 'a' }),
      tags: Object.freeze([Object.freeze({ key: 'b' })]),
    });
    expect(set.bind(given)).toEqual({
      values: { name: 'x', main: { key: 'a', value: 'none' }, tags: [{ key: 'b', value: 'none' }] },
    });
    expect(set.bind({ main: { key: 'a', value: 'own' } })).toEqual({
      values: { name: 'x', main: { key: 'a', value: 'own' } },
    });
  });

  it('are described for callers with everything that bounds them', () => {
    expect((set.schema.properties as Record<string, unknown>).tags).toMatchObject({
      type: 'array',
      minItems: 1,
      maxItems: 2,
      items: {
        type: 'object',
        required: ['key'],
        additionalProperties: false,
        properties: { key: { pattern: '^[a-z]+$' }, value: { default: 'none' } },
      },
    });
    expect((set.schema.properties as Record<string, unknown>).free).toEqual({ type: 'object' });
  });
});
