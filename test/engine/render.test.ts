import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderRequest } from '../../src/engine/render.ts';
import { compileTemplate } from '../../src/expression/template.ts';
import { codeOf, input, plan } from './fixture.ts';
import { hostile } from './support/hostile.ts';

const SEED = process.env.TEST_SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.TEST_SEED);
process.stdout.write(`render fuzz: TEST_SEED=${SEED}\n`);

const context = (inputs: Record<string, unknown>) => ({ inputs, account: {} });

describe('values in a query', () => {
  it('arrive as they are and add no parameter', async () => {
    const two = plan({
      segments: [{ literal: 'x' }],
      query: [
        ['filter[a]', input('a')],
        ['b', input('b')],
      ],
    });
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (a, b) => {
        let url: URL | undefined;
        const code = await codeOf(async () => {
          url = (await renderRequest(two, context({ a, b }), [['page', '1']])).url;
        });
        if (code !== undefined) {
          expect(code).toBe('inputs_invalid');
          expect((a + b).isWellFormed()).toBe(false);
          return;
        }
        expect([...(url?.searchParams ?? [])]).toEqual([
          ['filter[a]', a],
          ['b', b],
          ['page', '1'],
        ]);
        expect(url?.pathname).toBe('/x');
        expect(url?.origin).toBe('https://api.example');
      }),
      { numRuns: 10_000, seed: SEED },
    );
  });

  it('that are nothing are left out, and lists are joined', async () => {
    const three = plan({
      segments: [{ literal: 'x' }],
      query: [
        ['a', input('a')],
        ['b', input('b')],
        ['c', input('c')],
      ],
    });
    const { url } = await renderRequest(three, context({ a: [], b: ['x', 1, true] }));
    expect([...url.searchParams]).toEqual([['b', 'x,1,true']]);
  });

  it('that are objects are the action’s fault', async () => {
    const one = plan({ segments: [{ literal: 'x' }], query: [['a', input('a')]] });
    for (const a of [{ b: 1 }, [[1]], [null]])
      expect(await codeOf(() => renderRequest(one, context({ a })))).toBe('request_rendering_failed');
  });
});

describe('values in a header', () => {
  it('are printable ASCII as given, or refused', async () => {
    const one = plan({
      segments: [{ literal: 'x' }],
      headers: [
        ['x-value', input('a')],
        ['x-fixed', compileTemplate('fixed')],
      ],
    });
    await fc.assert(
      fc.asyncProperty(hostile, async (a) => {
        let headers: Readonly<Record<string, string>> | undefined;
        const code = await codeOf(async () => {
          headers = (await renderRequest(one, context({ a }))).headers;
        });
        expect(code).toBe(/^[\t\x20-\x7e]*$/.test(a) ? undefined : 'header_value_rejected');
        if (headers) expect(headers).toEqual({ 'x-value': a, 'x-fixed': 'fixed' });
      }),
      { numRuns: 5_000, seed: SEED },
    );
  });
});

describe('values in a body', () => {
  it('stay values, whatever they are', async () => {
    const body = plan({
      method: 'POST',
      segments: [{ literal: 'x' }],
      body: {
        object: [
          ['type', { literal: 'thing' }],
          ['value', { template: input('a') }],
          ['list', { list: [{ template: input('a') }] }],
        ],
      },
    });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (a) => {
        const request = await renderRequest(body, context({ a }));
        const shape = (value: unknown) => JSON.parse(JSON.stringify(value) ?? 'null');
        const sent = JSON.parse(request.body ?? '');
        expect(sent.type).toBe('thing');
        expect(Object.keys(sent).every((key) => ['type', 'value', 'list'].includes(key))).toBe(true);
        if (!/__proto__|constructor|prototype/.test(JSON.stringify(a))) expect(sent.value).toEqual(shape(a));
        expect(request.headers['content-type']).toBe('application/json');
      }),
      { numRuns: 1_000, seed: SEED },
    );
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('that are nothing are left out', async () => {
    const body = plan({
      method: 'POST',
      segments: [{ literal: 'x' }],
      body: {
        object: [
          ['a', { template: input('a') }],
          ['b', { list: [{ template: input('a') }] }],
        ],
      },
    });
    expect((await renderRequest(body, context({}))).body).toBe('{"b":[]}');
  });

  it('are the whole body where they stand for it; without them there is none', async () => {
    const one = plan({ method: 'POST', segments: [{ literal: 'x' }], body: { template: input('a') } });
    for (const a of [['x', 'y'], [], 'text', 0, false, { b: null }]) {
      const request = await renderRequest(one, context({ a }));
      expect(JSON.parse(request.body ?? '')).toEqual(a);
    }
    const empty = await renderRequest(one, context({}));
    expect(empty.body).toBeUndefined();
    expect(empty.headers).toEqual({});
    const literal = await renderRequest({ ...one, body: { literal: null } }, context({}));
    expect(literal.body).toBe('null');
  });

  it('have the type that the plan gives, unless a header does', async () => {
    const one = plan({
      method: 'POST',
      segments: [{ literal: 'x' }],
      body: { literal: 1 },
      contentType: 'application/vnd.api+json',
    });
    expect((await renderRequest(one, context({}))).headers['content-type']).toBe('application/vnd.api+json');
    const own = { ...one, headers: [['content-type', compileTemplate('text/x')] as const] };
    expect((await renderRequest(own, context({}))).headers['content-type']).toBe('text/x');
  });
});

it('an address that becomes too long is refused', async () => {
  const one = plan({ segments: [{ literal: 'x' }], query: [['a', input('a')]] });
  expect(await codeOf(() => renderRequest(one, context({ a: 'ä'.repeat(2_000) })))).toBe('inputs_invalid');
});
