import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { compositeStage } from './support/composite-stage.ts';
import { incomingFile } from './support/stage.ts';

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
    const { upstream, call } = await compositeStage();
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
    const { upstream, call } = await compositeStage();
    expect((await call('put_file')).problem?.code).toBe('file_missing');
    const unnamed = await call('put_file', {}, { file: incomingFile(10) });
    expect(unnamed.problem?.code).toBe('inputs_invalid');
    expect(upstream.tokenScopes).toEqual([]);
  });

  it('that no step takes is read to its end, so that the caller can send the whole of it', async () => {
    const { upstream, call } = await compositeStage();
    upstream.answer = () => ({ body: {} });
    const file = incomingFile(3_000_000);
    expect((await call('put_file', { skip: true }, { file })).problem).toBeUndefined();
    await expect.poll(() => file.stream.readableEnded).toBe(true);
  });

  it('is given up when a step before it is refused, or the caller goes away', async () => {
    const { upstream, call } = await compositeStage();
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
    const { upstream, call } = await compositeStage();
    const file = incomingFile(3_000_000, { name: 'a' });
    upstream.answer = (request) => {
      file.stream.destroy(new Problem('file_interrupted', 'Broke off.'));
      return providing(upstream)(request);
    };
    expect((await call('put_file', { before: true }, { file })).problem?.code).toBe('file_interrupted');
  });

  it('may take longer than the deadline, which is that of each request', async () => {
    const { upstream, call } = await compositeStage();
    upstream.answer = (request) => ({ ...providing(upstream)(request), headers: { etag: '"e"' } });
    const file = incomingFile(1_500_000, { name: 'a' });
    const slowly = file.stream.map(async (chunk: Buffer) => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      return chunk;
    });
    const started = performance.now();
    const { problem } = await call('put_file', {}, { file: { ...file, stream: slowly } });
    if (problem) throw problem;
    expect(performance.now() - started).toBeGreaterThan(1_100);

    upstream.answer = () => ({ hang: true });
    const { problem: late } = await call('put_file', {}, { file: incomingFile(10, { name: 'a' }) });
    expect(late?.code).toBe('provider_timeout');
  });
});
