import { describe, expect, it } from 'vitest';
import { MAX_PAGES } from '../../src/engine/cursor.ts';
import { MAX_ITEMS } from '../../src/engine/run-steps.ts';
import { compositeStage } from './support/composite-stage.ts';

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
    const { upstream, call } = await compositeStage();
    upstream.answer = provider(['a', 'b', 'c', 'd', 'e']);
    const { answer, events } = await call('make_or_find', { name: 'd' });
    expect(answer?.data).toEqual({ id: 'id-d', made: false, tagged: 0, known: 0 });
    expect(walked(upstream.requests)).toEqual(['GET /things?limit=2', 'GET /things?offset=2&limit=2']);
    const answered = events.flatMap((event) => (event.type === 'answered' ? [event.request.step] : []));
    expect(answered).toEqual(['look', 'look']);
  });

  it('walk over all pages when nothing is found', async () => {
    const { upstream, call } = await compositeStage();
    upstream.answer = provider(['a', 'b', 'c']);
    const { answer } = await call('make_or_find', { name: 'z' });
    expect(answer?.data).toEqual({ id: 'new', made: true, tagged: 0, known: 0 });
    expect(walked(upstream.requests)).toEqual(['GET /things?limit=2', 'GET /things?offset=2&limit=2', 'POST /things']);
    expect(upstream.requests.at(-1)?.json()).toEqual({ name: 'z' });
  });

  it('send a request for each item of a list, one after the other', async () => {
    const { upstream, call } = await compositeStage();
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
    const { upstream, call } = await compositeStage();
    upstream.answer = provider(['a']);
    const tags = Array.from({ length: MAX_ITEMS + 1 }, (_, index) => `t${index}`);
    expect((await call('make_or_find', { name: 'a', tags })).problem?.code).toBe('inputs_invalid');
    expect(upstream.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('end at the first that is refused', async () => {
    const { upstream, call } = await compositeStage();
    upstream.answer = ({ method }) =>
      method === 'PUT' ? { status: 423 } : { body: { results: [{ name: 'a', id: 1 }] } };
    const { problem } = await call('make_or_find', { name: 'a', tags: ['x', 'y'] });
    expect(problem?.code).toBe('provider_conflict');
    expect(upstream.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('find a cycle in the pages', async () => {
    const { upstream, call } = await compositeStage();
    upstream.answer = (_request, number) => ({ body: { results: [{ name: 'x' }, { name: 'y' }], self: number } });
    expect((await call('make_or_find', { name: 'a' })).problem?.code).toBe('pagination_cycle');
    expect(upstream.requests.length).toBeLessThan(10);
  });

  it(`walk over ${MAX_PAGES} pages at most`, async () => {
    const { upstream, call } = await compositeStage();
    upstream.answer = (_request, number) => ({ body: { results: [{ name: `x${number}` }, { name: `y${number}` }] } });
    expect((await call('make_or_find', { name: 'a' })).problem?.code).toBe('page_limit_reached');
    expect(upstream.requests).toHaveLength(MAX_PAGES);
  });

  it('that read are repeated after a passing failure, those that write are not', async () => {
    const { upstream, call } = await compositeStage();
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
    const { upstream, call } = await compositeStage();
    upstream.answer = ({ path }) => ({ status: path === '/two' ? 201 : 200, body: { path } });
    expect((await call('read_then_write')).answer?.data).toEqual({
      last: { path: '/two' },
      status: 201,
      first: { path: '/one' },
    });
    expect((await call('read_then_write', {}, { raw: true })).answer?.data).toEqual({ path: '/two' });
  });

  it('are refused when an answer says so although its status does not', async () => {
    const { upstream, call } = await compositeStage();
    upstream.answer = ({ path }) => ({ body: { errors: path === '/two', reason: 'MissingParts' } });
    const { problem } = await call('read_then_write');
    expect(problem?.code).toBe('provider_rejected_request');
    expect(problem?.options.provider).toMatchObject({ status: 200, message: 'MissingParts' });
    // Only true is true.
    upstream.answer = () => ({ body: { errors: 'some' } });
    expect((await call('read_then_write')).problem).toBeUndefined();
  });
});
