import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { uploadParts } from '../../src/engine/upload-parts.ts';
import { Problem } from '../../src/problems.ts';
import { httpUpstream, problemOf } from '../upstream/support.ts';
import {
  CONTEXT,
  fileOf,
  HOST,
  MIB,
  misplaced,
  openBench,
  PART,
  partsStep,
  refuse,
  SIGNATURE,
  startSink,
  visible,
} from './upload-support.ts';

const SMALL = 256 * 1024;

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A storage that reads nothing until it is told to; and so long does not see either that a connection is closed. */
async function holdingSink() {
  const held: IncomingMessage[] = [];
  const sink = await startSink((request) => {
    request.pause();
    held.push(request);
    return true;
  });
  return { sink, readOn: () => held.splice(0).forEach((request) => void request.resume()) };
}

describe('the parts of a file', () => {
  const sizes: [name: string, bytes: number, parts: number[]][] = [
    ['0 bytes', 0, [0]],
    ['1 byte', 1, [1]],
    ['exactly 5 MiB', PART, [PART]],
    ['5 MiB + 1', PART + 1, [PART, 1]],
    ['125 MiB + 1', 25 * PART + 1, [...Array<number>(25).fill(PART), 1]],
  ];

  for (const [name, bytes, parts] of sizes) {
    for (const known of [true, false]) {
      it(`of ${name}, of ${known ? 'known' : 'unknown'} size, arrive whole and in their places`, async () => {
        const sink = await startSink();
        const bench = openBench();
        const file = fileOf(bytes, known ? bytes : undefined);
        const result = await uploadParts(partsStep(sink), file, CONTEXT, bench.tools);
        expect(misplaced(sink, parts)).toEqual([]);
        expect(result).toEqual({
          body: expect.objectContaining({ uploadKey: 'key-1' }),
          size: bytes,
          parts: parts.length,
          etags: parts.map((_, index) => `etag-${index + 1}`),
        });
        expect(sink.mostAtOnce()).toBeLessThanOrEqual(4);
        const progress = bench.progress();
        expect(progress.map((event) => event.parts)).toEqual(parts.map((_, index) => index + 1));
        expect(progress.at(-1)).toMatchObject({ bytes, step: 'parts', totalBytes: known ? bytes : undefined });
        for (const { headers } of sink.requests) {
          expect(Object.keys(headers).sort()).toEqual(['accept-encoding', 'connection', 'content-length', 'host']);
        }
        expect(visible(bench.events)).not.toContain(SIGNATURE);
      });
    }
  }

  it('grow when a known size would need too many of them', async () => {
    const sink = await startSink();
    const file = fileOf(10 * SMALL, 10 * SMALL);
    await uploadParts(partsStep(sink, { minPartBytes: SMALL, maxParts: 4 }), file, CONTEXT, openBench().tools);
    expect(
      misplaced(
        sink,
        [2.5, 2.5, 2.5, 2.5].map((times) => times * SMALL),
      ),
    ).toEqual([]);
  });

  it('grow step by step when the size is unknown', async () => {
    const sink = await startSink();
    const file = fileOf(20 * MIB);
    await uploadParts(partsStep(sink, { minPartBytes: 4 * MIB, maxParts: 8 }), file, CONTEXT, openBench().tools);
    expect(
      misplaced(
        sink,
        [4, 4, 8, 4].map((times) => times * MIB),
      ),
    ).toEqual([]);
  });

  it('are not begun for a file that cannot fit', async () => {
    const sink = await startSink();
    const file = fileOf(0, 10_001 * 32 * MIB);
    const problem = await problemOf(uploadParts(partsStep(sink), file, CONTEXT, openBench().tools));
    expect(problem.code).toBe('file_too_large');
    expect(sink.requests).toHaveLength(0);
    expect(file.stream.destroyed).toBe(true);
  });

  it('end a file of unknown size that turns out not to fit', async () => {
    const sink = await startSink();
    const step = partsStep(sink, { minPartBytes: 32 * MIB, maxParts: 1 });
    const problem = await problemOf(uploadParts(step, fileOf(32 * MIB + 1), CONTEXT, openBench().tools));
    expect(problem.code).toBe('file_too_large');
  });
});

describe('the URLs of the parts', () => {
  async function asked(bytes: number, known: boolean): Promise<[first: number, count: number][]> {
    const sink = await startSink();
    const bench = openBench();
    const step = partsStep(sink, { minPartBytes: 1_000 });
    await uploadParts(step, fileOf(bytes, known ? bytes : undefined), CONTEXT, bench.tools);
    expect(sink.parts.size).toBe(Math.max(1, Math.ceil(bytes / 1_000)));
    return bench.asked.map(({ first, count }) => [first, count]);
  }

  it('are asked for in whole batches when the size is known', async () => {
    expect(await asked(0, true)).toEqual([[1, 1]]);
    expect(await asked(1_000, true)).toEqual([[1, 1]]);
    expect(await asked(1_001, true)).toEqual([[1, 2]]);
    expect(await asked(25_001, true)).toEqual([
      [1, 25],
      [26, 1],
    ]);
  });

  it('are asked for in growing batches when it is not, and never one alone for the first of several', async () => {
    expect(await asked(0, false)).toEqual([[1, 1]]);
    expect(await asked(1_000, false)).toEqual([[1, 1]]);
    expect(await asked(1_001, false)).toEqual([[1, 4]]);
    expect(await asked(4_001, false)).toEqual([
      [1, 4],
      [5, 1],
    ]);
    expect(await asked(60_000, false)).toEqual([
      [1, 4],
      [5, 8],
      [13, 16],
      [29, 25],
      [54, 25],
    ]);
  });

  it('are asked for with the first answer at hand, once there', async () => {
    const sink = await startSink();
    const bench = openBench();
    await uploadParts(partsStep(sink, { minPartBytes: 1_000, maxUrls: 2 }), fileOf(6_000), CONTEXT, bench.tools);
    const [first, ...later] = bench.asked;
    expect(first?.known).toBeUndefined();
    expect(later).toHaveLength(2);
    for (const { known } of later) expect(known).toMatchObject({ uploadKey: 'key-1' });
  });

  it('are not asked for before the first part of their batch is full', async () => {
    const sink = await startSink();
    const bench = openBench();
    const file = fileOf(50_000);
    const askedAt: number[] = [];
    const { send } = bench.tools;
    const tools = {
      ...bench.tools,
      send: (...question: Parameters<typeof send>) => {
        askedAt.push(sink.parts.size);
        return send(...question);
      },
    };
    await uploadParts(partsStep(sink, { minPartBytes: 1_000, maxUrls: 10 }), file, CONTEXT, tools);
    expect(bench.asked.map(({ first }) => first)).toEqual([1, 5, 13, 23, 33, 43]);
    // Of the parts before it at most three are under way then: the fourth of what is held is the part that it is for.
    for (const [index, { first }] of bench.asked.entries()) expect(askedAt[index]).toBeGreaterThanOrEqual(first - 4);
  });

  it('that are foreign are refused with nothing sent, and only their host is named', async () => {
    const sink = await startSink();
    for (const host of ['storage.test.attacker.example', '127.0.0.1', 'user:pass@bucket.storage.test']) {
      const bench = openBench({ host });
      const file = fileOf(3 * SMALL);
      const step = partsStep(sink, { minPartBytes: SMALL });
      const problem = await problemOf(uploadParts(step, file, CONTEXT, bench.tools));
      expect(problem.code).toBe('host_refused');
      expect(problem.message).toContain(host.split('@').at(-1));
      expect(visible(problem)).not.toContain(SIGNATURE);
      expect(visible(problem)).not.toContain('pass@');
      expect(file.stream.destroyed).toBe(true);
    }
    expect(sink.requests).toHaveLength(0);
  });

  it('that are missing or no texts are an unusable answer', async () => {
    const sink = await startSink();
    for (const urls of [undefined, [], 7, {}]) {
      const bench = openBench({ answer: () => ({ urls }) });
      const problem = await problemOf(uploadParts(partsStep(sink), fileOf(10), CONTEXT, bench.tools));
      expect(problem.code).toBe('provider_response_invalid');
    }
    const bench = openBench({ answer: () => ({ urls: [7] }) });
    expect((await problemOf(uploadParts(partsStep(sink), fileOf(10), CONTEXT, bench.tools))).code).toBe('host_refused');
  });

  it('that are fewer than asked for are used, and more asked for when they are used up', async () => {
    const sink = await startSink();
    const bench = openBench({ answer: (_, urls) => ({ urls: urls.slice(0, 2) }) });
    await uploadParts(partsStep(sink, { minPartBytes: 1_000 }), fileOf(5_000, 5_000), CONTEXT, bench.tools);
    expect(bench.asked.map(({ first, count }) => [first, count])).toEqual([
      [1, 5],
      [3, 3],
      [5, 1],
    ]);
  });

  it('whose request is refused end the upload with that refusal', async () => {
    const sink = await startSink();
    const bench = openBench();
    const refusal = new Problem('provider_forbidden', 'no');
    const file = fileOf(3 * SMALL);
    const tools = { ...bench.tools, send: async () => Promise.reject(refusal) };
    expect(await rejection(uploadParts(partsStep(sink), file, CONTEXT, tools))).toBe(refusal);
    expect(file.stream.destroyed).toBe(true);
  });
});

describe('a part that fails', () => {
  it('is sent again with the same bytes after 503, 500, 429 and a broken connection', async () => {
    const seen = new Map<number, number>();
    const sink = await startSink((request, response, number) => {
      const time = (seen.get(number) ?? 0) + 1;
      seen.set(number, time);
      if (number % 2 === 0 || time > 4) return false;
      if (time === 1) return refuse(response, number === 1 ? 503 : 500, 'SlowDown');
      if (time === 2) return refuse(response, 429, 'SlowDown');
      if (time === 3) return refuse(response, 400, 'RequestTimeout');
      // In the middle of the body.
      request.once('data', () => request.socket.resetAndDestroy());
      return true;
    });
    const bench = openBench();
    const step = partsStep(sink, { minPartBytes: SMALL });
    const result = await uploadParts(step, fileOf(6 * SMALL), CONTEXT, bench.tools);
    expect(misplaced(sink, Array<number>(6).fill(SMALL))).toEqual([]);
    expect(result.etags).toEqual([1, 2, 3, 4, 5, 6].map((number) => `etag-${number}`));
    expect(bench.waits).toHaveLength(12);
    expect(bench.asked).toHaveLength(2);
    const attempts = bench.events.filter((event) => event.type === 'attempt').map(({ attempt }) => attempt.number);
    expect(attempts.filter((number) => number === 5)).toHaveLength(3);
    expect(visible(bench.events)).not.toContain(SIGNATURE);
  });

  it('waits as long as the storage asks', async () => {
    let refused = false;
    const sink = await startSink((_request, response) => {
      if (refused) return false;
      refused = true;
      response.writeHead(503, { 'retry-after': '7' }).end();
      return true;
    });
    const bench = openBench();
    await uploadParts(partsStep(sink), fileOf(10), CONTEXT, bench.tools);
    expect(bench.waits).toEqual([7_000]);
  });

  it('fails the upload after five attempts', async () => {
    const sink = await startSink((_request, response, number) => number === 2 && refuse(response, 503, 'SlowDown'));
    const bench = openBench();
    const file = fileOf(50 * SMALL);
    const step = partsStep(sink, { minPartBytes: SMALL });
    const problem = await problemOf(uploadParts(step, file, CONTEXT, bench.tools));
    expect(problem.code).toBe('upload_refused');
    expect(problem.options.provider).toEqual({ status: 503, code: 'SlowDown' });
    expect(sink.requests.filter(({ number }) => number === 2)).toHaveLength(5);
    expect(visible(problem)).not.toContain(SIGNATURE);
    expect(file.stream.destroyed).toBe(true);
  });

  it('fails the upload when nobody listens', async () => {
    const gone = await httpUpstream((_request, response) => response.end());
    const bench = openBench();
    const step = partsStep({ origin: `http://127.0.0.1:${gone.port}` });
    const dead = partsStep({ origin: 'http://127.0.0.1:1' });
    expect(await uploadParts(step, fileOf(1), CONTEXT, bench.tools)).toMatchObject({ etags: [''] });
    const problem = await problemOf(uploadParts(dead, fileOf(1), CONTEXT, bench.tools));
    expect(problem.code).toBe('provider_unreachable');
    expect(bench.waits).toHaveLength(4);
    expect(visible(problem)).not.toContain(SIGNATURE);
  });

  it('is not sent again after another refusal, whose code is told and nothing else', async () => {
    const sink = await startSink((_request, response) => refuse(response, 403, 'SignatureDoesNotMatch'));
    const bench = openBench();
    const problem = await problemOf(uploadParts(partsStep(sink), fileOf(10), CONTEXT, bench.tools));
    expect(problem.code).toBe('upload_refused');
    expect(problem.options.provider).toEqual({ status: 403, code: 'SignatureDoesNotMatch' });
    expect(sink.requests).toHaveLength(1);
    expect(visible(problem)).not.toContain(SIGNATURE);
    expect(visible(bench.events)).not.toContain(SIGNATURE);
  });

  it('is not followed elsewhere', async () => {
    const elsewhere = await httpUpstream((_request, response) => response.end());
    const sink = await startSink((_request, response) => {
      response.writeHead(307, { location: `${elsewhere.origin}/?s=${SIGNATURE}` }).end();
      return true;
    });
    const problem = await problemOf(uploadParts(partsStep(sink), fileOf(10), CONTEXT, openBench().tools));
    expect(problem.code).toBe('provider_redirect_refused');
    expect(visible(problem)).not.toContain(SIGNATURE);
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('is sent again when the storage takes nothing of it', async () => {
    let stalled = false;
    const sink = await startSink((request) => {
      if (stalled) return false;
      stalled = true;
      request.pause();
      return true;
    });
    const bench = openBench({ requestTimeoutMs: 300 });
    await uploadParts(partsStep(sink, { minPartBytes: 12 * MIB }), fileOf(12 * MIB), CONTEXT, bench.tools);
    expect(misplaced(sink, [12 * MIB])).toEqual([]);
    expect(sink.requests).toHaveLength(2);
  });
});

describe('a URL that has expired', () => {
  it('is renewed for exactly its part, and the rest of its batch is not used any more', async () => {
    const sink = await startSink((request, response, number) => {
      const signed = Number(new URL(request.url ?? '', 'http://x').searchParams.get('n'));
      return number >= 3 && signed <= 8 && refuse(response, 403, 'AccessDenied', 'Request has expired');
    });
    const bench = openBench();
    const step = partsStep(sink, { minPartBytes: SMALL });
    await uploadParts(step, fileOf(8 * SMALL, 8 * SMALL), CONTEXT, bench.tools);
    expect(misplaced(sink, Array<number>(8).fill(SMALL))).toEqual([]);
    expect(bench.asked[0]).toMatchObject({ first: 1, count: 8 });
    const renewals = bench.asked.slice(1);
    expect(renewals).toContainEqual({ first: 3, count: 1, known: expect.objectContaining({ uploadKey: 'key-1' }) });
    const wasted = sink.requests.length - 8;
    expect(wasted).toBeLessThanOrEqual(4);
  });

  it('is renewed twice for a part and not more', async () => {
    const sink = await startSink((_request, response) => refuse(response, 403, 'AccessDenied', 'Request has expired'));
    const bench = openBench();
    const problem = await problemOf(uploadParts(partsStep(sink), fileOf(10), CONTEXT, bench.tools));
    expect(problem.code).toBe('upload_refused');
    expect(problem.options.provider).toEqual({ status: 403, code: 'AccessDenied' });
    expect(bench.asked.map(({ first, count }) => [first, count])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(sink.requests).toHaveLength(3);
    expect(visible(problem)).not.toContain(SIGNATURE);
  });
});

describe('the end of an upload in its middle', () => {
  it('closes the connections to the storage at once and reads no more when the caller goes away', async () => {
    const { sink, readOn } = await holdingSink();
    const caller = new AbortController();
    const bench = openBench({ signal: caller.signal });
    const file = fileOf(1024 * MIB);
    const uploading = rejection(uploadParts(partsStep(sink), file, CONTEXT, bench.tools));
    await expect.poll(() => sink.requests.length).toBe(4);
    const reason = new Problem('caller_gone', 'gone');
    const start = performance.now();
    caller.abort(reason);
    expect(await uploading).toBe(reason);
    expect(performance.now() - start).toBeLessThan(2_000);
    readOn();
    await expect.poll(() => sink.sockets.size, { timeout: 5_000 }).toBe(0);
    expect(file.stream.destroyed).toBe(true);
    const pulled = file.pulled();
    await delay(50);
    expect(file.pulled()).toBe(pulled);
  });

  it('comes at once when the caller has gone before it began', async () => {
    const sink = await startSink();
    const reason = new Error('gone');
    const bench = openBench({ signal: AbortSignal.abort(reason) });
    const file = fileOf(10);
    expect(await rejection(uploadParts(partsStep(sink), file, CONTEXT, bench.tools))).toBe(reason);
    expect(file.stream.destroyed).toBe(true);
    expect(bench.asked).toHaveLength(0);
    expect(sink.requests).toHaveLength(0);
  });

  it('comes with the reason of the stream that fails, also while parts wait', async () => {
    const { sink, readOn } = await holdingSink();
    for (const error of [new Problem('file_interrupted', 'stalled'), new Error('disk')]) {
      const file = fileOf(1024 * MIB, undefined, { at: 3 * SMALL - 1, error });
      const step = partsStep(sink, { minPartBytes: SMALL });
      expect(await rejection(uploadParts(step, file, CONTEXT, openBench().tools))).toBe(error);
      readOn();
      await expect.poll(() => sink.sockets.size, { timeout: 5_000 }).toBe(0);
    }
    // Nothing is being read from it at this time, for all that is held is full.
    const file = fileOf(1024 * MIB);
    const uploading = rejection(
      uploadParts(partsStep(sink, { minPartBytes: SMALL }), file, CONTEXT, openBench().tools),
    );
    await expect.poll(() => sink.sockets.size).toBe(4);
    await delay(20);
    const error = new Error('cut');
    file.stream.destroy(error);
    expect(await uploading).toBe(error);
    readOn();
    await expect.poll(() => sink.sockets.size, { timeout: 5_000 }).toBe(0);
  });

  it('is file_interrupted when the stream just closes', async () => {
    const sink = await startSink();
    const file = fileOf(1024 * MIB);
    const uploading = problemOf(uploadParts(partsStep(sink), file, CONTEXT, openBench().tools));
    await expect.poll(() => sink.requests.length).toBeGreaterThan(2);
    file.stream.destroy();
    expect((await uploading).code).toBe('file_interrupted');
  });

  it('comes when fewer or more bytes than declared arrive', async () => {
    const sink = await startSink();
    const step = partsStep(sink, { minPartBytes: SMALL });
    const short = await problemOf(uploadParts(step, fileOf(2 * SMALL, 3 * SMALL), CONTEXT, openBench().tools));
    expect(short.code).toBe('file_interrupted');
    const long = await problemOf(uploadParts(step, fileOf(3 * SMALL, 2 * SMALL), CONTEXT, openBench().tools));
    expect(long.code).toBe('request_invalid');
    const some = await problemOf(uploadParts(step, fileOf(1, 0), CONTEXT, openBench().tools));
    expect(some.code).toBe('request_invalid');
  });
});

describe('what is held', () => {
  it('stays below four parts while the storage is slow', async () => {
    let slow = true;
    const waiting: (() => void)[] = [];
    const sink = await startSink((request) => {
      if (slow) {
        request.pause();
        waiting.push(() => request.resume());
      }
      return false;
    });
    const bench = openBench();
    const file = fileOf(60 * MIB);
    const bound = 4 * PART + 128 * 1024;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, file.pulled() - sink.received());
    }, 1);
    const uploading = uploadParts(partsStep(sink), file, CONTEXT, bench.tools);
    try {
      await expect.poll(() => sink.requests.length).toBe(4);
      await delay(100);
      expect(sink.requests).toHaveLength(4);
      expect(file.pulled()).toBeLessThanOrEqual(bound);
      slow = false;
      for (const resume of waiting) resume();
      await uploading;
    } finally {
      clearInterval(watch);
    }
    expect(most).toBeLessThanOrEqual(bound);
    expect(misplaced(sink, Array<number>(12).fill(PART))).toEqual([]);
  });

  it('names the storage by its host in events, and nothing more of the URL', async () => {
    const sink = await startSink();
    const bench = openBench();
    await uploadParts(partsStep(sink), fileOf(10), CONTEXT, bench.tools);
    const request = { step: 'parts', method: 'PUT', host: '127.0.0.1', path: '(signed url)' };
    expect(bench.events).toEqual([
      { type: 'progress', step: 'parts', bytes: 0, parts: 0, totalBytes: undefined },
      { type: 'attempt', request, attempt: expect.objectContaining({ number: 1, status: 200 }) },
      { type: 'answered', request, status: 200, requestId: 'REQ1' },
      { type: 'progress', step: 'parts', bytes: 10, parts: 1, totalBytes: undefined },
    ]);
    expect(HOST).not.toBe('127.0.0.1');
  });
});
