import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeForm, encodeForm } from '../../src/engine/form.ts';
import { renderRequest } from '../../src/engine/render.ts';
import { codeOf, input, plan } from './fixture.ts';
import { exampleConnector } from './support/example-connector.ts';
import { hostile } from './support/hostile.ts';
import { openStage } from './support/stage.ts';

const SEED = process.env.TEST_SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.TEST_SEED);
process.stdout.write(`form fuzz: TEST_SEED=${SEED}\n`);

const FORM = 'application/x-www-form-urlencoded';
const context = (inputs: Record<string, unknown>) => ({ inputs, account: {} });
const form = (body: Parameters<typeof plan>[0] = {}) =>
  plan({ method: 'POST', segments: [{ literal: 'x' }], bodyEncoding: 'form', contentType: FORM, ...body });

describe('a form', () => {
  it('has brackets for members, indexes for items, and texts for everything', () => {
    const text = encodeForm({ a: 'b c&d', n: { m: { o: 1.5 } }, list: [true, { x: [0] }, false], none: null });
    expect([...new URLSearchParams(text)]).toEqual([
      ['a', 'b c&d'],
      ['n[m][o]', '1.5'],
      ['list[0]', 'true'],
      ['list[1][x][0]', '0'],
      ['list[2]', 'false'],
    ]);
    expect(decodeForm(text)).toEqual({
      a: 'b c&d',
      n: { m: { o: '1.5' } },
      list: ['true', { x: ['0'] }, 'false'],
    });
  });

  it('leaves out nothing, null and what is empty, and closes the gaps in lists', () => {
    expect(encodeForm({ a: undefined, b: null, c: [], d: {}, e: { f: [] }, g: '' })).toBe('g=');
    expect(decodeForm(encodeForm({ a: [null, 'x', undefined, 'y'] }))).toEqual({ a: ['x', 'y'] });
    expect(decodeForm('')).toEqual({});
  });

  it('is refused when a small body would become a form of gigabytes', async () => {
    const leaves = Object.fromEntries(Array.from({ length: 20_000 }, (_item, index) => [`k${index}`, 1]));
    expect(await codeOf(() => encodeForm({ metadata: { ['x'.repeat(100_000)]: leaves } }))).toBe('inputs_invalid');
    expect(encodeForm({ metadata: leaves }).length).toBeGreaterThan(400_000);
  });

  it('carries values and names of a caller as they are, or they are refused', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, value) => {
        let text = '';
        const code = await codeOf(() => {
          text = encodeForm({ fixed: '1', metadata: { [name]: value } });
        });
        const carried = name !== '' && !/[[\]]/.test(name) && name.isWellFormed() && value.isWellFormed();
        expect(code).toBe(carried ? undefined : 'inputs_invalid');
        if (!carried) return;
        // A list of one and a member named 0 are written alike.
        const metadata = name === '0' ? [value] : { [name]: value };
        expect(decodeForm(text)).toEqual({ fixed: '1', metadata });
        expect(Object.keys(decodeForm(text))).toEqual(['fixed', 'metadata']);
      }),
      { numRuns: 5_000, seed: SEED },
    );
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('refuses what is no object', async () => {
    for (const value of [[1], 'a', 1, true])
      expect(await codeOf(() => encodeForm(value))).toBe('request_rendering_failed');
  });

  it('is read whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab0[]=&%5B+__proto__') }), (text) => {
        expect(typeof decodeForm(text)).toBe('object');
      }),
      { numRuns: 3_000, seed: SEED },
    );
    expect(decodeForm('a[]=1&a[]=2&b=1&b=2&c=1&c[d]=2&[x]=3')).toEqual({
      a: ['1', '2'],
      b: '2',
      c: '1',
      'c[d]': '2',
      '[x]': '3',
    });
    expect(Object.keys(decodeForm(`a${'[b]'.repeat(100_000)}=1`))).toHaveLength(1);
  });
});

describe('a request with a form', () => {
  it('is sent as one, and is left out when it evaluates to nothing', async () => {
    const sent = await renderRequest(form({ body: { template: input('a') } }), context({ a: { b: 1, c: ['ä'] } }));
    expect(sent.body).toBe('b=1&c%5B0%5D=%C3%A4');
    expect(sent.headers).toEqual({ 'content-type': FORM });
    for (const a of [undefined, null]) {
      const none = await renderRequest(form({ body: { template: input('a') } }), context({ a }));
      expect([none.body, none.headers]).toEqual([undefined, {}]);
    }
    const empty = await renderRequest(form({ body: { object: [['a', { template: input('a') }]] } }), context({}));
    expect([empty.body, empty.headers]).toEqual(['', { 'content-type': FORM }]);
    for (const a of ['text', 1, ['x']])
      expect(await codeOf(() => renderRequest(form({ body: { template: input('a') } }), context({ a })))).toBe(
        'request_rendering_failed',
      );
  });

  it('shows in a dry run what arrives at the provider', async () => {
    const action = (id: string, request: string) => `
- id: ${id}
  label: Test
  description: For a test.
  api: forms
  effect: create
  scopes: ["a:write"]
  token: app
  inputs: { name: { type: string }, tags: { type: array, items: { type: string } }, on: { type: boolean } }
  request: { method: POST, path: /x, ${request}, body: { name: "\${inputs.name}", deep: { tags: "\${inputs.tags}", on: "\${inputs.on}", fixed: 7 } } }
  output: { object: body }`;
    const { upstream, call } = await openStage({
      connector: exampleConnector().replace(
        'apis:\n',
        `apis:\n  forms: { label: Forms, content_type: ${FORM}; charset=utf-8 }\n`,
      ),
      actions: action('form', 'query: {}') + action('json', 'content_type: application/json'),
    });
    const inputs = { name: 'a & b', tags: ['x', 'y'], on: true };
    const dry = (await call('form', inputs, { dryRun: true })).answer?.data;
    const body = { name: 'a & b', deep: { tags: ['x', 'y'], on: 'true', fixed: '7' } };
    expect(dry).toMatchObject({ requests: [{ headers: { 'content-type': `${FORM}; charset=utf-8` }, body }] });
    await call('form', inputs);
    const [seen] = upstream.requests;
    expect(seen?.headers['content-type']).toBe(`${FORM}; charset=utf-8`);
    expect(decodeForm(seen?.body.toString() ?? '')).toEqual(body);

    const json = (await call('json', inputs, { dryRun: true })).answer?.data;
    expect(json).toMatchObject({ requests: [{ body: { deep: { tags: ['x', 'y'], on: true, fixed: 7 } } }] });
  });
});

it('lists in a query are repeated where the request says so', async () => {
  const one = plan({ segments: [{ literal: 'x' }], query: [['a[]', input('a')]], queryLists: 'repeat' });
  const searchOf = async (a: unknown) => (await renderRequest(one, context({ a }))).url.search;
  expect(await searchOf(['x,y', 1, true])).toBe('?a%5B%5D=x%2Cy&a%5B%5D=1&a%5B%5D=true');
  expect(await searchOf('x')).toBe('?a%5B%5D=x');
  expect(await searchOf([])).toBe('');
  expect(await searchOf(undefined)).toBe('');
  expect(await codeOf(() => searchOf([{ b: 1 }]))).toBe('request_rendering_failed');
});
