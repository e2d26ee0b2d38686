import { describe, expect, it } from 'vitest';
import { MAX_PAGES } from '../../src/engine/cursor.ts';
import { MAX_ITEMS } from '../../src/engine/run-steps.ts';
import { Problem } from '../../src/problems.ts';
import { exampleConnector } from './support/example-connector.ts';
import { incomingFile, openStage } from './support/stage.ts';

const action = (id: string, rest: string) => `
- id: ${id}
  label: Test
  description: For a test.
  effect: create
  scopes: ["a:write"]
  token: any
${rest}`;

const ACTIONS = [
  action(
    'make_or_find',
    `
  inputs: { name: { type: string, required: true }, tags: { type: array, items: { type: string } } }
  steps:
    - id: look
      request: { method: GET, path: /things }
      pagination: { style: offset, offset: offset, size: limit, default_size: 2, max_size: 9, count: $count(body.results) }
      find: body.results[name = $$.inputs.name][0]
    - id: make
      when: $not($exists(steps.look.found))
      request: { method: POST, path: /things, body: { name: "\${inputs.name}" } }
    - id: tag
      when: $exists(inputs.tags)
      for_each: inputs.tags
      request:
        method: PUT
        path: /things/{thing}/tags/{tag}
        path_params:
          thing: "\${steps.look.found ? steps.look.found.id : steps.make.body.id}"
          tag: "\${item}"
        accept_status: [409]
  output:
    object: >-
      {
        "id": steps.look.found ? steps.look.found.id : steps.make.body.id,
        "made": $exists(steps.make),
        "tagged": $count(steps.tag.answers[status < 300]),
        "known": $count(steps.tag.answers[status = 409])
      }`,
  ),
  action(
    'read_then_write',
    `
  steps:
    - { id: read, request: { method: GET, path: /one } }
    - { id: write, request: { method: POST, path: /two, refused_when: body.errors } }
  output: { object: "{ 'last': body, 'status': status, 'first': steps.read.body }" }`,
  ),
  action(
    'put_file',
    `
  file: {}
  timeout_s: 0.5
  inputs: { skip: { type: boolean }, before: { type: boolean } }
  requires: [{ that: 'file.name or inputs.skip', message: "The file must have a name." }]
  steps:
    - { id: begin, when: inputs.before, request: { method: GET, path: /begin } }
    - id: upload
      when: $not(inputs.skip = true)
      upload_parts:
        urls:
          method: GET
          path: /urls
          query: { first: "\${parts.first}", count: "\${parts.count}", key: "\${steps.upload.body.key}" }
        url_list: body.urls
        origins: ["https://files.storage.example"]
        max_urls: 2
        min_part_bytes: 1000000
        max_parts: 100
        expired_when: status = 403
    - id: finish
      request:
        method: POST
        path: /finish
        body: { name: "\${file.name}", type: "\${file.content_type}", size: "\${steps.upload.size}", key: "\${steps.upload.body.key}" }
  output: { object: "{ 'size': steps.upload.size, 'answer': steps.finish.body }" }`,
  ),
].join('');

const stage = () => openStage({ connector: exampleConnector(), actions: ACTIONS });

describe('steps', () => {
  /** Things by name, given two at a time; POST makes one. */
  function provider(names: string[]) {
    return ({ method, path, query }: { method: string; path: string; query: URLSearchParams }) => {
      if (method === 'POST') return { status: 201, body: { id: 'new' } };
      if (method === 'PUT') return path.endsWith('/old') ? { status: 409, body: {} } : { status: 204 };
      const offset = Number(query.get('offset') ?? 0);
      const results = names.slice(offset, offset + 2).map((name) => ({ id: `id-${name}`, name }));
      return { body: { results } };
    };
  }
  const walked = (requests: readonly { method: string; path: string; query: URLSearchParams }[]) =>
    requests.map(({ method, path, query }) => `${method} ${path}${query.size > 0 ? `?${query}` : ''}`);

  it('walk over pages until something is found, and leave out what its absence was the reason for', async () => {
    const { upstream, call } = await stage();
    upstream.answer = provider(['a', 'b', 'c', 'd', 'e']);
    const { answer, events } = await call('make_or_find', { name: 'd' });
    expect(answer?.data).toEqual({ id: 'id-d', made: false, tagged: 0, known: 0 });
    expect(walked(upstream.requests)).toEqual(['GET /things?limit=2', 'GET /things?offset=2&limit=2']);
    const answered = events.flatMap((event) => (event.type === 'answered' ? [event.request.step] : []));
    expect(answered).toEqual(['look', 'look']);
  });

  it('walk over all pages when nothing is found', async () => {
    const { upstream, call } = await stage();
    upstream.answer = provider(['a', 'b', 'c']);
    const { answer } = await call('make_or_find', { name: 'z' });
    expect(answer?.data).toEqual({ id: 'new', made: true, tagged: 0, known: 0 });
    expect(walked(upstream.requests)).toEqual(['GET /things?limit=2', 'GET /things?offset=2&limit=2', 'POST /things']);
    expect(upstream.requests.at(-1)?.json()).toEqual({ name: 'z' });
  });

  it('send a request for each item of a list, one after the other', async () => {
    const { upstream, call } = await stage();
    upstream.answer = provider(['a']);
    const { answer } = await call('make_or_find', { name: 'a', tags: ['x y', 'old', 'z'] });
    expect(answer?.data).toEqual({ id: 'id-a', made: false, tagged: 2, known: 1 });
    expect(walked(upstream.requests).slice(1)).toEqual([
      'PUT /things/id-a/tags/x%20y',
      'PUT /things/id-a/tags/old',
      'PUT /things/id-a/tags/z',
    ]);
    const one = await call('make_or_find', { name: 'a', tags: ['only'] });
    expect(one.answer?.data).toMatchObject({ tagged: 1 });
    const none = await call('make_or_find', { name: 'a', tags: [] });
    expect(none.answer?.data).toMatchObject({ tagged: 0 });
  });

  it(`send at most ${MAX_ITEMS} of them`, async () => {
    const { upstream, call } = await stage();
    upstream.answer = provider(['a']);
    const tags = Array.from({ length: MAX_ITEMS + 1 }, (_, index) => `t${index}`);
    expect((await call('make_or_find', { name: 'a', tags })).problem?.code).toBe('inputs_invalid');
    expect(upstream.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('end at the first that is refused', async () => {
    const { upstream, call } = await stage();
    upstream.answer = ({ method }) =>
      method === 'PUT' ? { status: 423 } : { body: { results: [{ name: 'a', id: 1 }] } };
    const { problem } = await call('make_or_find', { name: 'a', tags: ['x', 'y'] });
    expect(problem?.code).toBe('provider_conflict');
    expect(upstream.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('find a cycle in the pages', async () => {
    const { upstream, call } = await stage();
    upstream.answer = (_request, number) => ({ body: { results: [{ name: 'x' }, { name: 'y' }], self: number } });
    expect((await call('make_or_find', { name: 'a' })).problem?.code).toBe('pagination_cycle');
    expect(upstream.requests.length).toBeLessThan(10);
  });

  it(`walk over ${MAX_PAGES} pages at most`, async () => {
    const { upstream, call } = await stage();
    upstream.answer = (_request, number) => ({ body: { results: [{ name: `x${number}` }, { name: `y${number}` }] } });
    expect((await call('make_or_find', { name: 'a' })).problem?.code).toBe('page_limit_reached');
    expect(upstream.requests).toHaveLength(MAX_PAGES);
  });

  it('that read are repeated after a passing failure, those that write are not', async () => {
    const { upstream, call } = await stage();
    let failed = false;
    upstream.answer = ({ path }) => {
      const first = path === '/one' && !failed;
      failed ||= first;
      return first ? { status: 503 } : { body: {} };
    };
    expect((await call('read_then_write')).problem).toBeUndefined();
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/one', '/one', '/two']);
    upstream.answer = ({ path }) => (path === '/one' ? { body: {} } : { status: 503 });
    const { problem } = await call('read_then_write');
    expect([problem?.code, problem?.retryable]).toEqual(['provider_unavailable', false]);
    expect(upstream.requests.filter(({ path }) => path === '/two')).toHaveLength(2);
  });

  it('give the output their answers, and the last of them; a raw call its body', async () => {
    const { upstream, call } = await stage();
    upstream.answer = ({ path }) => ({ status: path === '/two' ? 201 : 200, body: { path } });
    expect((await call('read_then_write')).answer?.data).toEqual({
      last: { path: '/two' },
      status: 201,
      first: { path: '/one' },
    });
    expect((await call('read_then_write', {}, { raw: true })).answer?.data).toEqual({ path: '/two' });
  });

  it('are refused when an answer says so although its status does not', async () => {
    const { upstream, call } = await stage();
    upstream.answer = ({ path }) => ({ body: { errors: path === '/two', reason: 'MissingParts' } });
    const { problem } = await call('read_then_write');
    expect(problem?.code).toBe('provider_rejected_request');
    expect(problem?.options.provider).toMatchObject({ status: 200, message: 'MissingParts' });
    // Only true is true.
    upstream.answer = () => ({ body: { errors: 'some' } });
    expect((await call('read_then_write')).problem).toBeUndefined();
  });
});

describe('the file of a call', () => {
  const providing =
    (upstream: { requests: readonly unknown[] }) =>
    ({ path, query }: { path: string; query: URLSearchParams }) => {
      if (path !== '/urls') return { body: { path, number: upstream.requests.length } };
      const [first, count] = [Number(query.get('first')), Number(query.get('count'))];
      const urls = Array.from({ length: count }, (_, index) => `https://files.storage.example/part/${first + index}`);
      return { body: { key: 'k1', urls } };
    };

  it('is sent in parts, and later steps know what came of it', async () => {
    const { upstream, call } = await stage();
    upstream.answer = (request) => ({ ...providing(upstream)(request), headers: { etag: '"e"' } });
    const file = incomingFile(2_500_000, { name: 'a.bin', contentType: 'x/y' });
    const { answer, problem, events } = await call('put_file', { before: true }, { file });
    if (problem) throw problem;
    expect(answer?.data).toMatchObject({ size: 2_500_000 });
    const finish = upstream.requests.at(-1);
    expect(finish?.json()).toEqual({ name: 'a.bin', type: 'x/y', size: 2_500_000, key: 'k1' });
    const parts = upstream.requests.filter(({ path }) => path.startsWith('/part/'));
    expect(parts.reduce((sum, { body }) => sum + body.length, 0)).toBe(2_500_000);
    for (const { headers } of parts) expect(headers.authorization).toBeUndefined();
    expect(events.filter(({ type }) => type === 'progress')).not.toEqual([]);
    expect(JSON.stringify(events)).not.toContain('/part/');
  });

  it('is needed, and said to be missing before a token is asked for', async () => {
    const { upstream, call } = await stage();
    expect((await call('put_file')).problem?.code).toBe('file_missing');
    const unnamed = await call('put_file', {}, { file: incomingFile(10) });
    expect(unnamed.problem?.code).toBe('inputs_invalid');
    expect(upstream.tokenScopes).toEqual([]);
  });

  it('that no step takes is read to its end, so that the caller can send the whole of it', async () => {
    const { upstream, call } = await stage();
    upstream.answer = () => ({ body: {} });
    const file = incomingFile(3_000_000);
    expect((await call('put_file', { skip: true }, { file })).problem).toBeUndefined();
    await expect.poll(() => file.stream.readableEnded).toBe(true);
  });

  it('is given up when a step before it is refused, or the caller goes away', async () => {
    const { upstream, call } = await stage();
    upstream.answer = () => ({ status: 404 });
    const refused = incomingFile(3_000_000, { name: 'a' });
    expect((await call('put_file', { before: true }, { file: refused })).problem?.code).toBe('provider_not_found');
    expect(refused.stream.destroyed).toBe(true);

    upstream.answer = () => ({ hang: true });
    const gone = new AbortController();
    const left = incomingFile(3_000_000, { name: 'a' });
    const before = upstream.requests.length;
    const outcome = call('put_file', {}, { file: left, signal: gone.signal });
    await expect.poll(() => upstream.requests.length).toBe(before + 1);
    gone.abort(new Problem('caller_gone', 'Gone.'));
    expect((await outcome).problem?.code).toBe('caller_gone');
    expect(left.stream.destroyed).toBe(true);
  });

  it('that breaks off while nobody reads it harms nobody', async () => {
    const { upstream, call } = await stage();
    const file = incomingFile(3_000_000, { name: 'a' });
    upstream.answer = (request) => {
      file.stream.destroy(new Problem('file_interrupted', 'Broke off.'));
      return providing(upstream)(request);
    };
    expect((await call('put_file', { before: true }, { file })).problem?.code).toBe('file_interrupted');
  });

  it('may take longer than the deadline, which is that of each request', async () => {
    const { upstream, call } = await stage();
    upstream.answer = (request) => ({ ...providing(upstream)(request), headers: { etag: '"e"' } });
    const file = incomingFile(1_500_000, { name: 'a' });
    const slowly = file.stream.map(async (chunk: Buffer) => {
      await new Promise((resolve) => setTimeout(resolve, 80));
      return chunk;
    });
    const started = performance.now();
    const { problem } = await call('put_file', {}, { file: { ...file, stream: slowly } });
    if (problem) throw problem;
    expect(performance.now() - started).toBeGreaterThan(700);

    upstream.answer = () => ({ hang: true });
    const { problem: late } = await call('put_file', {}, { file: incomingFile(10, { name: 'a' }) });
    expect(late?.code).toBe('provider_timeout');
  });
});

describe('a dry run of steps', () => {
  it('shows every request that needs no answer before it, and names the others', async () => {
    const { upstream, call } = await stage();
    const { answer } = await call('make_or_find', { name: 'a', tags: ['x'] }, { dryRun: true });
    expect(answer?.data).toEqual({
      requests: [
        {
          step: 'look',
          method: 'GET',
          url: `${upstream.origin}/things?limit=2`,
          headers: { authorization: 'Bearer [secret]' },
          body: null,
        },
      ],
      later: [
        { step: 'make', method: 'POST', path: '/things', depends_on: ['look'] },
        { step: 'tag', method: 'PUT', path: '/things/{thing}/tags/{tag}', depends_on: ['look', 'make'] },
      ],
      token: { kind: 'app', scopes: ['a:write'] },
    });
    expect(upstream.requests).toEqual([]);
    expect(upstream.tokenScopes).toEqual([]);
  });

  it('leaves out what is known not to be sent, and shows independent steps all', async () => {
    const { call } = await stage();
    const untagged = (await call('make_or_find', { name: 'a' }, { dryRun: true })).answer?.data as {
      later: { step: string }[];
    };
    expect(untagged.later.map(({ step }) => step)).toEqual(['make']);
    const both = (await call('read_then_write', {}, { dryRun: true })).answer?.data as {
      requests: { step: string }[];
    };
    expect(both.requests.map(({ step }) => step)).toEqual(['read', 'write']);
  });

  it('needs no file', async () => {
    const { call } = await stage();
    const file = incomingFile(10, { name: 'a' });
    const named = (await call('put_file', {}, { dryRun: true, file })).answer?.data;
    expect(named).toMatchObject({
      requests: [],
      later: [
        { step: 'upload', method: 'GET', path: '/urls', depends_on: [] },
        { step: 'finish', method: 'POST', path: '/finish', depends_on: ['upload'] },
      ],
    });
    const skipped = (await call('put_file', { skip: true }, { dryRun: true })).answer?.data;
    expect(skipped).toMatchObject({ requests: [{ step: 'finish', body: {} }], later: [] });
  });
});
