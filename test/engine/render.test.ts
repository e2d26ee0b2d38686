import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestPlan } from '../../src/connector/connector.ts';
import { renderRequest } from '../../src/engine/render.ts';
import { compileTemplate } from '../../src/expression/template.ts';
import { codeOf, input, plan, shipped } from './fixture.ts';

const registry = await shipped();
const SEED = process.env.TEST_SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.TEST_SEED);
process.stdout.write(`render fuzz: TEST_SEED=${SEED}\n`);

/** Values that attack: every kind of text, and pieces that mean something to URL parsers. */
const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 3,
    arbitrary: fc.string({ unit: fc.constantFrom(...'./\\%2ef5c0dA?#&=:;@[]<>"\' \t\r\n\0'), maxLength: 24 }),
  },
  {
    weight: 4,
    arbitrary: fc
      .array(
        fc.constantFrom(
          '..',
          '.',
          '%2e',
          '%2E%2e',
          '%252e',
          '/',
          '%2f',
          '%5c',
          '\\',
          '?',
          '#',
          '@evil.example',
          '//',
          ':',
          '\r\n',
          '\0',
          'a',
          '\ud800',
          '%',
          '%zz',
          '😀',
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join('')),
  },
);
const PATH_CODES = new Set([undefined, 'path_value_rejected', 'inputs_invalid']);

const context = (inputs: Record<string, unknown>) => ({ inputs, account: {} });

/** The request has the plan's origin, segments and literals, and each value decodes to what was put in. */
function expectFaithful(url: URL, template: RequestPlan, values: Record<string, string>): void {
  expect(url.origin).toBe(template.origin);
  expect([url.username, url.password, url.hash]).toEqual(['', '', '']);
  const segments = url.pathname.slice(1).split('/');
  expect(segments).toHaveLength(template.segments.length);
  for (const [index, segment] of template.segments.entries()) {
    if ('literal' in segment) expect(segments[index]).toBe(segment.literal);
    else expect(decodeURIComponent(segments[index] ?? '')).toBe(values[segment.name]);
  }
}

describe('values in a path', () => {
  it('never change the address of any shipped action', async () => {
    const actions = [...registry.actions.values()];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...actions),
        fc.array(hostile, { minLength: 4, maxLength: 4 }),
        async (action, values) => {
          const names = action.request.segments.flatMap((segment) => ('literal' in segment ? [] : [segment.name]));
          const inputs = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
          let url: URL | undefined;
          const code = await codeOf(async () => {
            url = (await renderRequest(action.request, context(inputs))).url;
          });
          expect(PATH_CODES.has(code), code).toBe(true);
          if (url) expectFaithful(url, action.request, inputs);
        },
      ),
      { numRuns: 10_000, seed: SEED },
    );
  });

  it('are refused when they are, or decode to, dot segments, slashes, control characters or nothing', async () => {
    const one = plan({ segments: [{ literal: 'v1' }, { name: 'id', value: input('id') }, { literal: 'end' }] });
    for (const id of [
      '',
      '.',
      '..',
      '%2e',
      '%2E%2E',
      '%252e',
      '%25252e%25252e',
      'a/b',
      '%2f',
      '%255c',
      '\u0000',
      '%0a',
      '\u007f',
      '\ud800',
      true,
      null,
      {},
      ['a'],
      'a%2fb%zz',
      '%zz%5c',
      '%ff%252f',
    ]) {
      const code = await codeOf(() => renderRequest(one, context({ id })));
      expect([id, code]).toEqual([id, 'path_value_rejected']);
    }
    expect((await renderRequest(one, context({ id: 7 }))).url.pathname).toBe('/v1/7/end');
  });
});

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
        if (!JSON.stringify(a).includes('__proto__')) expect(sent.value).toEqual(shape(a));
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
});

it('an address that becomes too long is refused', async () => {
  const one = plan({ segments: [{ literal: 'x' }], query: [['a', input('a')]] });
  expect(await codeOf(() => renderRequest(one, context({ a: 'ä'.repeat(2_000) })))).toBe('inputs_invalid');
});
