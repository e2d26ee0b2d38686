import { describe, expect, it } from 'vitest';
import type { UploadFileStep } from '../../src/connector/connector.ts';
import { uploadFile } from '../../src/engine/upload-file.ts';
import { compileExpression } from '../../src/expression/compile.ts';
import { compileTemplate } from '../../src/expression/template.ts';
import { Problem } from '../../src/problems.ts';
import { problemOf } from '../upstream/support.ts';
import {
  fileOf,
  HOST,
  MIB,
  misplaced,
  openBench,
  originsTo,
  refuse,
  SIGNATURE,
  type Sink,
  startSink,
  visible,
} from './upload-support.ts';

// The sink calls by its last path segment what it gets.
const URL_OF_FILE = `https://${HOST}/object/1?X-Amz-Signature=${SIGNATURE}`;
const LONG = 40 * MIB;

function fileStep(sink: Sink, more: Partial<UploadFileStep> = {}): UploadFileStep {
  return {
    kind: 'upload_file',
    id: 'file',
    when: undefined,
    url: compileExpression('inputs.url'),
    method: 'PUT',
    origins: originsTo(sink),
    headers: [['content-type', compileTemplate('${inputs.type}')]],
    ...more,
  };
}

function context(url: unknown = URL_OF_FILE, type: unknown = 'image/png') {
  return { inputs: { url, type }, account: {} };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a file sent in one request', () => {
  const sizes: [name: string, bytes: number, declared: boolean][] = [
    ['of 0 bytes', 0, false],
    ['of 0 declared bytes', 0, true],
    ['of exactly 16 MiB, without a length', 16 * MIB, false],
    ['of 16 MiB + 1, with a length', 16 * MIB + 1, true],
    ['of 40 MiB, with a length', LONG, true],
  ];

  for (const [name, bytes, declared] of sizes) {
    it(`${name}, arrives whole, with the declared headers and no others`, async () => {
      const sink = await startSink();
      const bench = openBench();
      const file = fileOf(bytes, declared ? bytes : undefined);
      const result = await uploadFile(fileStep(sink), file, context(), bench.tools);
      expect(misplaced(sink, [bytes])).toEqual([]);
      expect(result).toEqual({ status: 200, headers: expect.objectContaining({ etag: '"etag-1"' }), size: bytes });
      const [only] = sink.requests;
      expect(only?.headers['content-type']).toBe('image/png');
      expect(Object.keys(only?.headers ?? {}).sort()).toEqual(
        ['accept-encoding', 'connection', 'content-length', 'content-type', 'host'].sort(),
      );
      const about = { type: 'progress', step: 'file', totalBytes: declared ? bytes : undefined };
      expect(bench.events.find(({ type }) => type === 'progress')).toEqual({ ...about, bytes: 0, parts: 0 });
      const progress = bench.progress();
      expect(progress.at(-1)).toEqual({ ...about, bytes, parts: 1 });
      // What goes straight through is told of while it goes, and what is held when it is there.
      expect(progress.length).toBeGreaterThan(bytes > 16 * MIB ? 10 : 0);
      const came = progress.map((event) => event.bytes);
      expect(came).toEqual([...came].sort((one, other) => one - other));
      expect(visible(bench.events)).not.toContain(SIGNATURE);
    });
  }

  it('needs a declared length when it is long', async () => {
    const sink = await startSink();
    const file = fileOf(16 * MIB + 1);
    const problem = await problemOf(uploadFile(fileStep(sink), file, context(), openBench().tools));
    expect(problem.code).toBe('file_length_required');
    expect(file.stream.destroyed).toBe(true);
    expect(sink.requests).toHaveLength(0);
  });

  it('must be as long as declared', async () => {
    const sink = await startSink();
    const upload = (bytes: number, declared: number) =>
      problemOf(uploadFile(fileStep(sink), fileOf(bytes, declared), context(), openBench().tools));
    expect((await upload(9, 10)).code).toBe('file_interrupted');
    expect((await upload(11, 10)).code).toBe('request_invalid');
    expect((await upload(LONG - 1, LONG)).code).toBe('file_interrupted');
    expect((await upload(LONG + 1, LONG)).code).toBe('request_invalid');
    expect(sink.parts.size).toBe(0);
  });

  it('tells why it failed, however the end of its stream and the reason for it overtake each other', async () => {
    const sink = await startSink();
    const upload = () =>
      problemOf(uploadFile(fileStep(sink), fileOf(LONG + 1, LONG), context(), openBench().tools)).then(
        ({ code }) => code,
      );
    for (let round = 0; round < 6; round += 1)
      expect(await Promise.all([upload(), upload()])).toEqual(['request_invalid', 'request_invalid']);
  });

  it('goes only where the connector allows, and a refusal names no more than the host', async () => {
    const sink = await startSink();
    const urls = [
      `https://attacker.example/?X-Amz-Signature=${SIGNATURE}`,
      `http://${HOST}/?X-Amz-Signature=${SIGNATURE}`,
      `https://user:${SIGNATURE}@${HOST}/`,
      `${sink.origin}/object/1`,
      'https://127.0.0.1/',
      'nonsense',
      7,
      null,
    ];
    for (const url of urls) {
      const file = fileOf(10);
      const problem = await problemOf(uploadFile(fileStep(sink), file, context(url), openBench().tools));
      expect(problem.code).toBe('url_refused');
      expect(visible(problem)).not.toContain(SIGNATURE);
      expect(file.stream.destroyed).toBe(true);
    }
    expect(sink.requests).toHaveLength(0);
  });

  it('has no credential with it, even when a connector declares one', async () => {
    const sink = await startSink();
    const headers: UploadFileStep['headers'] = ['Authorization', 'cookie', 'x-note'].map((name) => [
      name,
      compileTemplate('Bearer abc'),
    ]);
    await uploadFile(fileStep(sink, { headers }), fileOf(10), context(), openBench().tools);
    expect(sink.requests[0]?.headers).toMatchObject({ 'x-note': 'Bearer abc' });
    expect(sink.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(sink.requests[0]?.headers).not.toHaveProperty('cookie');
  });

  it('is not sent with a header that would break the request, and leaves out one without a value', async () => {
    const sink = await startSink();
    const upload = (type: unknown) =>
      uploadFile(fileStep(sink), fileOf(10), { inputs: { url: URL_OF_FILE, type } }, openBench().tools);
    expect((await problemOf(upload('a\r\nhost: b'))).code).toBe('header_value_rejected');
    expect((await problemOf(upload({ a: 1 }))).code).toBe('header_value_rejected');
    expect(sink.requests).toHaveLength(0);
    await upload(undefined);
    expect(sink.requests[0]?.headers).not.toHaveProperty('content-type');
  });
});

describe('a file that is refused', () => {
  it('is sent again when it is held, and not when it went straight through', async () => {
    let times = 0;
    const sink = await startSink((_request, response) => {
      times += 1;
      return times % 2 === 1 && refuse(response, 503, 'SlowDown');
    });
    const bench = openBench();
    await uploadFile(fileStep(sink), fileOf(MIB), context(), bench.tools);
    expect(misplaced(sink, [MIB])).toEqual([]);
    expect(sink.requests).toHaveLength(2);
    const long = await problemOf(uploadFile(fileStep(sink), fileOf(LONG, LONG), context(), bench.tools));
    expect(long.code).toBe('upload_refused');
    expect(sink.requests).toHaveLength(3);
  });

  it('is not sent again by POST, which may have done its work', async () => {
    const sink = await startSink((_request, response) => refuse(response, 503, 'SlowDown'));
    const step = fileStep(sink, { method: 'POST' });
    expect((await problemOf(uploadFile(step, fileOf(10), context(), openBench().tools))).code).toBe('upload_refused');
    expect(sink.requests).toHaveLength(1);
    const cut = await startSink((request) => {
      request.socket.resetAndDestroy();
      return true;
    });
    const doubtful = fileStep(cut, { method: 'POST' });
    const problem = await problemOf(uploadFile(doubtful, fileOf(10), context(), openBench().tools));
    expect(problem).toMatchObject({ code: 'provider_unreachable', retryable: false });
  });

  it('with 403 needs another URL, which the refusal says', async () => {
    const sink = await startSink((request, response) => {
      request.resume();
      return refuse(response, 403, 'AccessDenied', 'Request has expired');
    });
    for (const bytes of [10, LONG]) {
      const bench = openBench();
      const problem = await problemOf(uploadFile(fileStep(sink), fileOf(bytes, bytes), context(), bench.tools));
      expect(problem.code).toBe('upload_refused');
      expect(problem.retryable).toBe(false);
      expect(problem.options.hint).toContain('new one');
      expect(problem.options.provider).toEqual({ status: 403, code: 'AccessDenied' });
      expect(visible([problem, bench.events])).not.toContain(SIGNATURE);
    }
    expect(sink.requests).toHaveLength(2);
  });

  it('is not called stored when the storage says so before it has all of it', async () => {
    const sink = await startSink((request, response) => {
      request.pause();
      response.writeHead(200).end();
      return true;
    });
    const file = fileOf(LONG, LONG);
    const problem = await problemOf(uploadFile(fileStep(sink), file, context(), openBench().tools));
    expect(problem.code).toBe('provider_response_invalid');
    expect(file.stream.destroyed).toBe(true);
  });
});

describe('the end of a file in its middle', () => {
  it('closes the connection when the caller goes away, and reads no more', async () => {
    for (const [bytes, declared] of [
      [1024 * MIB, 1024 * MIB],
      [MIB, undefined],
    ] as const) {
      const sink = await startSink((request) => {
        request.on('data', () => {});
        return true;
      });
      const caller = new AbortController();
      const bench = openBench({ signal: caller.signal });
      const file = fileOf(bytes, declared);
      const uploading = rejection(uploadFile(fileStep(sink), file, context(), bench.tools));
      await expect.poll(() => sink.requests.length).toBe(1);
      const reason = new Problem('caller_gone', 'gone');
      caller.abort(reason);
      expect(await uploading).toBe(reason);
      expect(file.stream.destroyed).toBe(true);
      await expect.poll(() => sink.sockets.size, { timeout: 5_000 }).toBe(0);
    }
  });

  it('comes with the reason of the stream that fails', async () => {
    const sink = await startSink();
    for (const error of [new Problem('file_interrupted', 'stalled'), new Error('disk')]) {
      const long = fileOf(LONG, LONG, { at: 20 * MIB, error });
      expect(await rejection(uploadFile(fileStep(sink), long, context(), openBench().tools))).toBe(error);
      const short = fileOf(MIB, undefined, { at: 100_000, error });
      expect(await rejection(uploadFile(fileStep(sink), short, context(), openBench().tools))).toBe(error);
    }
    const closing = fileOf(1024 * MIB, 1024 * MIB);
    const uploading = problemOf(uploadFile(fileStep(sink), closing, context(), openBench().tools));
    await expect.poll(() => closing.pulled()).toBeGreaterThan(MIB);
    closing.stream.destroy();
    expect((await uploading).code).toBe('file_interrupted');
    await expect.poll(() => sink.sockets.size, { timeout: 5_000 }).toBe(0);
    expect(sink.parts.size).toBe(0);
  });

  it('is read no faster than the storage takes it', async () => {
    const sink = await startSink((request) => {
      request.pause();
      return true;
    });
    const bench = openBench({ requestTimeoutMs: 300 });
    const file = fileOf(1024 * MIB, 1024 * MIB);
    const problem = await problemOf(uploadFile(fileStep(sink), file, context(), bench.tools));
    expect(problem.code).toBe('provider_timeout');
    // What the machine's own socket buffers hold, mostly.
    expect(file.pulled()).toBeLessThan(16 * MIB);
    expect(file.stream.destroyed).toBe(true);
  });
});
