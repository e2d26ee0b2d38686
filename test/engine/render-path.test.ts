import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestPlan } from '../../src/connector/connector.ts';
import { renderRequest } from '../../src/engine/render.ts';
import { codeOf, input, plan, shipped } from './fixture.ts';
import { hostile } from './support/hostile.ts';

const registry = await shipped();
const SEED = process.env.TEST_SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.TEST_SEED);
process.stdout.write(`path fuzz: TEST_SEED=${SEED}\n`);

const PATH_CODES = new Set([undefined, 'path_value_rejected', 'inputs_invalid']);

const context = (inputs: Record<string, unknown>) => ({ inputs, account: {} });

/** Every request of the shipped connectors, with the bare input for each value of its path. */
const shippedPlans: RequestPlan[] = [...registry.actions.values()].flatMap(({ steps }) =>
  steps.flatMap((step) => {
    if (step.kind === 'upload_file') return [];
    const { origin, segments } = step.kind === 'request' ? step.request : step.urls;
    const bare = segments.map((segment) =>
      'literal' in segment ? segment : { ...segment, value: input(segment.name) },
    );
    return [plan({ origin, segments: bare })];
  }),
);

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
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...shippedPlans),
        fc.array(hostile, { minLength: 4, maxLength: 4 }),
        async (one, values) => {
          const names = one.segments.flatMap((segment) => ('literal' in segment ? [] : [segment.name]));
          const inputs = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
          let url: URL | undefined;
          const code = await codeOf(async () => {
            url = (await renderRequest(one, context(inputs))).url;
          });
          expect(PATH_CODES.has(code), code).toBe(true);
          if (url) expectFaithful(url, one, inputs);
        },
      ),
      { numRuns: 10_000, seed: SEED },
    );
  });

  it('are refused when they are, or decode to, dot segments, slashes, control characters or nothing', async () => {
    const one = plan({
      segments: [{ literal: 'v1' }, { name: 'id', value: input('id'), slashes: false }, { literal: 'end' }],
    });
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

describe('values in a path that may have slashes', () => {
  const one = plan({
    segments: [{ literal: 'objects' }, { name: 'key', value: input('key'), slashes: true }, { literal: 'details' }],
  });
  const pathOf = async (key: unknown) => (await renderRequest(one, context({ key }))).url.pathname;

  it('are sent as one segment, their slashes encoded', async () => {
    for (const [key, segment] of [
      ['a/b/c.txt', 'a%2Fb%2Fc.txt'],
      ['plain.txt', 'plain.txt'],
      ['Pläne/Übersicht 1.rvt', 'Pl%C3%A4ne%2F%C3%9Cbersicht%201.rvt'],
      ['図面/平面.dwg', '%E5%9B%B3%E9%9D%A2%2F%E5%B9%B3%E9%9D%A2.dwg'],
      ['/leading', '%2Fleading'],
      ['trailing/', 'trailing%2F'],
      ['a//b', 'a%2F%2Fb'],
      ['a%2Fb', 'a%252Fb'],
      ['100%', '100%25'],
      ['...', '...'],
      ['a/..b/c..', 'a%2F..b%2Fc..'],
      ['a?b#c;d=e&f', 'a%3Fb%23c%3Bd%3De%26f'],
      ['\u{1F600}', '%F0%9F%98%80'],
    ])
      expect(await pathOf(key)).toBe(`/objects/${segment}/details`);
  });

  it('are refused for dot segments between slashes, backslashes, control characters and nothing', async () => {
    for (const key of [
      '',
      '.',
      '..',
      '../a',
      'a/..',
      'a/../b',
      'a/./b',
      './a',
      '/..',
      '../../x',
      '%2e%2e/a',
      'a/%2E%2e/b',
      'a%2f..%2fb',
      'a%252f%252e%252e%252fb',
      'a%25252f..%25252fb',
      'a\\..\\b',
      'a%5c..%5cb',
      'a\\b',
      'a%5Cb',
      'a%255cb',
      'a/\u0000',
      'a/%00',
      'a/%0d%0ab',
      '\u007f',
      'a/\ud800',
      null,
      true,
      ['a/b'],
    ])
      expect([key, await codeOf(() => pathOf(key))]).toEqual([key, 'path_value_rejected']);
  });

  it('never leave their place, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (key) => {
        let url: URL | undefined;
        const code = await codeOf(async () => {
          url = (await renderRequest(one, context({ key }))).url;
        });
        expect(PATH_CODES.has(code), code).toBe(true);
        if (!url) return;
        expectFaithful(url, one, { key });
        // However often somebody behind the provider's front decodes it, no piece of it leads upwards.
        let decoded = key;
        for (let round = 0; round < 3; round += 1) {
          expect(decoded.split(/[/\\]/).filter((piece) => piece === '.' || piece === '..')).toEqual([]);
          decoded = decoded.replace(/%([0-7][0-9a-f])/gi, (_match, octet: string) =>
            String.fromCharCode(Number.parseInt(octet, 16)),
          );
        }
      }),
      { numRuns: 10_000, seed: SEED },
    );
  });

  it('that are ordinary keys are never refused', async () => {
    const name = fc
      .string({ unit: fc.constantFrom(...'abcZ09 _-()äß漢字😀+=@!,'), minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 5 }), async (names) => {
        const key = `${names.join('/')}.rvt`;
        expect(await pathOf(key)).toBe(`/objects/${encodeURIComponent(key)}/details`);
      }),
      { numRuns: 1_000, seed: SEED },
    );
  });
});
