import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkTo, parseLinks } from '../../src/engine/link-header.ts';
import { following, pageQuery } from '../../src/engine/page.ts';
import { renderRequest } from '../../src/engine/render.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { codeOf, plan } from './fixture.ts';
import { exampleConnector } from './support/example-connector.ts';
import { openStage } from './support/stage.ts';

const SEED = process.env.TEST_SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.TEST_SEED);
process.stdout.write(`link header fuzz: TEST_SEED=${SEED}\n`);

const nextOf = (header: string) => linkTo(parseLinks(header) ?? [], 'next')?.target;

describe('a Link header', () => {
  it.each([
    ['<https://a.test/?p=2>; rel="next"', 'https://a.test/?p=2'],
    ['<a>; rel=next', 'a'],
    ['<a>;rel=prev,<b>;rel=next', 'b'],
    ['<a>; rel="prev last", <b>; rel="first  next"', 'b'],
    ['<a>; REL="NEXT"', 'a'],
    ['<a>; rel = "next"', 'a'],
    ['<a>; title="x, <b>; rel=next"; rel=prev, <c>; rel=next', 'c'],
    ['<a>; title="quote \\" and <b>; rel=next"; rel=prev', undefined],
    ['<a,b;c>; rel=next', 'a,b;c'],
    ['<a>; rel="ne\\xt"', 'a'],
    ['<a>; rel=prev; rel=next', undefined],
    ['<a>; rel=next; anchor="#x", <b>; rel=next', 'b'],
    ['<a>; rel=next, <b>; rel=next', 'a'],
    ['<a>; ; rel=next;', 'a'],
    [', ,<a>; crossorigin; rel=next, ,', 'a'],
    ['<>; rel=next', ''],
    ['<a>; rel=nextish', undefined],
    ["<a>; rel*=UTF-8''next", undefined],
    ['', undefined],
  ])('%s leads to %s', (header, target) => {
    expect(parseLinks(header)).toBeDefined();
    expect(nextOf(header)).toBe(target);
  });

  it.each([
    'a; rel=next',
    '<a; rel=next',
    '<a>; title="x; rel=next',
    '<a> rel=next',
    '<a>; rel=next <b>',
    '<a>; rel="a"b',
  ])('%s is none', (header) => expect(parseLinks(header)).toBeUndefined());

  it('is read as it was written', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab ,;="<>\\\t/?&') });
    const parameter = fc.record({
      name: fc.constantFrom('title', 'Title', 'rel', 'REL', 'type'),
      value: text,
      gap: fc.constantFrom('', ' ', '\t '),
    });
    const link = fc.record({
      target: text.map((one) => one.replace(/[<>]/g, '').trim()),
      parameters: fc.array(parameter),
    });
    fc.assert(
      fc.property(fc.array(link), (links) => {
        const header = links
          .map(({ target, parameters }) =>
            [
              `<${target}>`,
              ...parameters.map(
                ({ name, value, gap }) => `${gap};${gap}${name}${gap}=${gap}"${value.replace(/["\\]/g, '\\$&')}"`,
              ),
            ].join(''),
          )
          .join(' , ');
        const read = parseLinks(header)?.map(({ target, parameters }) => ({ target, parameters: [...parameters] }));
        const first = (parameters: { name: string; value: string }[]) => [
          ...new Map(parameters.toReversed().map(({ name, value }) => [name.toLowerCase(), value])),
        ];
        expect(read?.map(({ target, parameters }) => ({ target, parameters: new Map(parameters) }))).toEqual(
          links.map(({ target, parameters }) => ({ target, parameters: new Map(first(parameters)) })),
        );
      }),
      { numRuns: 2_000, seed: SEED },
    );
  });

  it('is read in linear time, whatever it is', async () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>;,= "\\rel=next') }), (text) => {
        parseLinks(text);
      }),
      { numRuns: 5_000, seed: SEED },
    );
    const parts = ['<', '<>', ';', '"', '<a>;', '<a>;a="', '<a>;a="\\"', ',', ' ', '<a>; rel=next,'];
    const tookMs = await cpuMsOf(() => {
      for (const part of parts) parseLinks(part.repeat(20_000));
    });
    expect(tookMs).toBeLessThan(1_000);
  });
});

describe('the next page by link', () => {
  const origins = new Set(['https://api.example', 'http://127.0.0.1:7001']);
  const pagination = { style: 'link_header', relation: 'next', size: 'per_page', origins } as const;
  const first = { at: '', size: null, pages: 0, checkpoint: '' };
  const asked = new URL('http://127.0.0.1:7001/v4/things?per_page=2');
  const pageAfter = (target: string) =>
    following(pagination, first, { headers: { link: `<${target}>; rel="next"` } }, asked);

  it.each([
    ['https://api.example/v4/things?page=2', '/v4/things?page=2'],
    ['http://127.0.0.1:7001/v4/things?page=2', '/v4/things?page=2'],
    ['HTTPS://API.example:443/v4/../v4/things?page=2#top', '/v4/things?page=2'],
    ['/v4/other?page=2', '/v4/other?page=2'],
    ['?page=2', '/v4/things?page=2'],
    ['others', '/v4/others'],
    ['https://api.example//evil.example/', '//evil.example/'],
  ])('%s is %s of the same host', async (target, at) => {
    expect(await pageAfter(target)).toBe(at);
    const query = pageQuery(pagination, { ...first, at, pages: 1 });
    expect(query).toEqual({ target: at });
    const { url } = await renderRequest(plan(), { inputs: {}, account: {} }, query);
    expect(url.href).toBe(`https://api.example${at}`);
  });

  it.each([
    'https://evil.example/v4/things?page=2',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example\\',
    'http://api.example/v4/things?page=2',
    'https://api.example:8443/',
    'https://api.example.evil.example/',
    'https://user:password@api.example/',
    'https://127.0.0.1:7001/',
    'http://127.0.0.1:7002/',
    'javascript:alert(1)',
    'https://[',
    `/${'a'.repeat(8_192)}`,
  ])('%s is refused', async (target) => {
    expect(await codeOf(() => pageAfter(target))).toBe('provider_response_invalid');
  });

  it('ends without a link, and is not the same again', async () => {
    expect(await following(pagination, first, { headers: {} }, asked)).toBeUndefined();
    expect(await following(pagination, first, { headers: { link: '<a>; rel=prev' } }, asked)).toBeUndefined();
    for (const target of ['', '?per_page=2', '#x', 'https://api.example/v4/things?per_page=2'])
      expect(await codeOf(() => pageAfter(target))).toBe('pagination_cycle');
    expect(await codeOf(() => following(pagination, first, { headers: { link: 'nonsense' } }, asked))).toBe(
      'provider_response_invalid',
    );
  });

  it('asks for the size of the first page only', () => {
    expect(pageQuery(pagination, { ...first, size: 50 })).toEqual([['per_page', '50']]);
    expect(pageQuery(pagination, { ...first, size: 50, at: '/a', pages: 1 })).toEqual({ target: '/a' });
  });

  it('is asked for nowhere else, whatever a cursor says', async () => {
    for (const target of ['@evil.example/', '.evil.example/', ':8443/', ''])
      expect(await codeOf(() => renderRequest(plan(), { inputs: {}, account: {} }, { target }))).toBe('cursor_invalid');
  });
});

describe('a walk by links', () => {
  const ACTIONS = `
- id: list
  label: List
  description: For a test.
  effect: read
  scopes: ["a:read"]
  token: app
  inputs: { kind: { type: string } }
  request: { method: GET, path: /things, query: { kind: "\${inputs.kind}" }, headers: { x-kind: "\${inputs.kind}" } }
  pagination: { style: link_header, size: per_page, max_size: 100 }
  output: { list: body }
- id: find
  label: Find
  description: For a test.
  effect: read
  scopes: ["a:read"]
  token: app
  inputs: { name: { type: string, required: true } }
  steps:
    - id: look
      request: { method: GET, path: /things }
      pagination: { style: link_header }
      find: body[name = $$.inputs.name]
  output: { object: steps.look.found }
`;
  const stage = () => openStage({ connector: exampleConnector(), actions: ACTIONS });
  const page = (names: string[], link?: string) => ({
    body: names.map((name) => ({ name })),
    headers: link === undefined ? {} : { link },
  });

  it('follows the provider page by page, under its real name, with the credential and headers of the first', async () => {
    const { upstream, call } = await stage();
    upstream.answer = ({ query }) =>
      query.get('after') === null
        ? page(['a'], '<https://api.example/things?kind=x&after=a%2Fb>; rel="next", </things>; rel=first')
        : page(['b']);
    const one = await call('list', { kind: 'x', page_size: 1 });
    expect(one.answer?.data).toEqual([{ name: 'a' }]);
    const { next } = one.answer ?? {};
    const shown = await call('list', { kind: 'x', next }, { dryRun: true });
    expect(shown.answer?.data).toMatchObject({ requests: [{ url: `${upstream.origin}/things?kind=x&after=a%2Fb` }] });
    const two = await call('list', { kind: 'x', next });
    expect(two.answer).toMatchObject({ data: [{ name: 'b' }], next: null });
    expect(upstream.requests.map(({ query }) => query.toString())).toEqual(['kind=x&per_page=1', 'kind=x&after=a%2Fb']);
    for (const { headers } of upstream.requests)
      expect([headers['x-kind'], headers.authorization]).toEqual(['x', 'Bearer token-number-1']);
  });

  it('ends with a refusal when a link leaves the host, and sends nothing there', async () => {
    const { upstream, call } = await stage();
    const elsewhere = (await stage()).upstream;
    upstream.answer = () => page(['a'], `<${elsewhere.origin}/things?page=2>; rel=next`);
    expect((await call('list')).problem?.code).toBe('provider_response_invalid');
    expect((await call('find', { name: 'b' })).problem?.code).toBe('provider_response_invalid');
    expect(elsewhere.requests).toEqual([]);
  });

  it('walks in steps until it has found, and finds cycles', async () => {
    const { upstream, call } = await stage();
    upstream.answer = ({ query }) => {
      const number = Number(query.get('page') ?? 1);
      return page([`n${number}`], `<?page=${number + 1}>; rel=next`);
    };
    expect((await call('find', { name: 'n3' })).answer?.data).toEqual({ name: 'n3' });
    expect(upstream.requests.map(({ query }) => query.toString())).toEqual(['', 'page=2', 'page=3']);

    upstream.answer = () => page([`n${upstream.requests.length}`], '<?page=2>; rel=next');
    expect((await call('find', { name: 'x' })).problem?.code).toBe('pagination_cycle');
    upstream.answer = ({ query }) => page(['n'], `<?page=${Number(query.get('page') ?? 1) + 1}>; rel=next`);
    expect((await call('find', { name: 'x' })).problem?.code).toBe('pagination_cycle');
  });
});
