import { PassThrough, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import type { OutgoingRequest } from '../../src/upstream/types.ts';
import { attemptLog, httpUpstream, openDoor, problemOf, sending, tcpUpstream } from './support.ts';

const MIB = 1024 ** 2;

function put(url: string, stream: Readable, bytes: number, method = 'PUT'): OutgoingRequest {
  return { method, url: new URL(url), headers: {}, body: { stream, bytes } };
}

/** So many zeros, in pieces; never ends before. */
function zeros(bytes: number): Readable {
  let left = bytes;
  return new Readable({
    read() {
      const piece = Math.min(left, 64 * 1024);
      left -= piece;
      this.push(piece === 0 ? null : Buffer.alloc(piece));
    },
  });
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Counts what it gets, and answers at the end with the status. */
async function counting(status = 200) {
  const bodies: number[] = [];
  const upstream = await httpUpstream((request, response) => {
    const index = bodies.push(0) - 1;
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => {
      bodies[index] = (bodies[index] ?? 0) + chunk.length;
    });
    request.on('end', () => response.writeHead(status).end());
  });
  return { ...upstream, bodies };
}

describe('a streamed body', () => {
  it('is sent with its length, and the connection is used again', async () => {
    const upstream = await counting();
    const door = openDoor();
    for (const bytes of [0, 1, 3 * MIB]) {
      const request = put(upstream.origin, zeros(bytes), bytes);
      expect(await door.send(request, sending(request))).toMatchObject({ status: 200, attempts: 1 });
      expect(upstream.requests.at(-1)?.headers['content-length']).toBe(String(bytes));
      expect(upstream.requests.at(-1)?.headers).not.toHaveProperty('transfer-encoding');
      // A connection is free again a turn after its answer.
      await delay(10);
    }
    expect(upstream.bodies).toEqual([0, 1, 3 * MIB]);
    expect(upstream.connections()).toBe(1);
  });

  it('is never sent twice, whatever the answer or the failure', async () => {
    const upstream = await counting(503);
    const log = attemptLog();
    const request = put(upstream.origin, zeros(MIB), MIB);
    const options = sending(request, { retry: 'safe', onAttempt: log.onAttempt });
    expect((await openDoor().send(request, options)).status).toBe(503);
    expect(log.attempts).toHaveLength(1);

    const cut = await tcpUpstream((socket) => void socket.resetAndDestroy());
    const broken = put(cut.origin, zeros(MIB), MIB);
    const problem = await problemOf(openDoor().send(broken, sending(broken, { retry: 'safe' })));
    expect(problem).toMatchObject({ code: 'provider_unreachable', retryable: true });
    const doubtful = put(cut.origin, zeros(MIB), MIB, 'POST');
    const doubt = await problemOf(openDoor().send(doubtful, sending(doubtful, { retry: 'unsent' })));
    expect(doubt).toMatchObject({ code: 'provider_unreachable', retryable: false });
    expect(cut.sockets).toHaveLength(2);
  });

  it('that fails ends the sending with its own reason, and the connection', async () => {
    const upstream = await counting();
    for (const reason of [new Error('disk'), new Problem('file_interrupted', 'stalled')]) {
      const stream = new PassThrough();
      stream.write(Buffer.alloc(1_000));
      const request = put(upstream.origin, stream, 2_000);
      const sent = rejection(openDoor().send(request, sending(request, { retry: 'unsent' })));
      await expect.poll(() => upstream.bodies.at(-1)).toBe(1_000);
      stream.destroy(reason);
      expect(await sent).toBe(reason);
      await expect.poll(() => upstream.requests.at(-1)?.socket.destroyed).toBe(true);
    }
  });

  it('that has failed before it is sent does the same, with nothing sent', async () => {
    const upstream = await tcpUpstream(() => {});
    const reason = new Error('disk');
    const failed = new PassThrough();
    failed.on('error', () => {}).destroy(reason);
    await delay(1);
    const request = put(upstream.origin, failed, 10);
    expect(await rejection(openDoor().send(request, sending(request)))).toBe(reason);
    const closed = new PassThrough();
    closed.destroy();
    await delay(1);
    const other = put(upstream.origin, closed, 10);
    expect((await problemOf(openDoor().send(other, sending(other)))).code).toBe('file_interrupted');
    expect(upstream.received).toHaveLength(0);
  });

  it('that fails while a connection is waited for is not waited for any longer', async () => {
    const door = openDoor({ lookup: () => new Promise(() => {}), connectTimeoutMs: 10_000 });
    const stream = new PassThrough();
    const request = put('https://silent.test/', stream, 10);
    const sent = rejection(door.send(request, sending(request)));
    const reason = new Error('disk');
    const start = performance.now();
    stream.destroy(reason);
    expect(await sent).toBe(reason);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('that closes before its end is file_interrupted', async () => {
    const upstream = await counting();
    const stream = new PassThrough();
    stream.write(Buffer.alloc(1_000));
    const request = put(upstream.origin, stream, 2_000);
    const sent = problemOf(openDoor().send(request, sending(request)));
    await expect.poll(() => upstream.bodies.at(-1)).toBe(1_000);
    stream.destroy();
    expect((await sent).code).toBe('file_interrupted');
  });

  it('of another length than stated never looks like a whole request', async () => {
    const complete: number[] = [];
    const upstream = await httpUpstream((request, response) => {
      request.on('error', () => {});
      request.resume().on('end', () => {
        complete.push(request.complete ? 1 : 0);
        response.end();
      });
    });
    for (const came of [999, 1_001]) {
      const request = put(upstream.origin, zeros(came), 1_000);
      expect(await rejection(openDoor().send(request, sending(request)))).toBeInstanceOf(Error);
    }
    await delay(20);
    expect(complete).toEqual([]);
  });

  it('is destroyed when the caller goes away, when the deadline passes and when the host is refused', async () => {
    const upstream = await tcpUpstream(() => {});
    const caller = new AbortController();
    const left = put(upstream.origin, zeros(1024 * MIB), 1024 * MIB);
    const leaving = rejection(openDoor().send(left, sending(left, { signal: caller.signal })));
    await expect.poll(() => upstream.sockets.length).toBe(1);
    const reason = new Error('gone');
    caller.abort(reason);
    expect(await leaving).toBe(reason);

    const stream = new PassThrough();
    const late = put(upstream.origin, stream, 10);
    const timeout = await problemOf(openDoor().send(late, sending(late, { deadlineAt: Date.now() + 100 })));
    expect(timeout.code).toBe('provider_timeout');
    expect(stream.destroyed).toBe(true);

    const foreign = new PassThrough();
    const refused = put(upstream.origin, foreign, 10);
    const problem = await problemOf(openDoor().send(refused, sending(refused, { allowedOrigins: new Set() })));
    expect(problem.code).toBe('host_refused');
    expect(foreign.destroyed).toBe(true);
  });
});

describe('a silence', () => {
  it('of the provider within a streamed body ends the sending', async () => {
    const upstream = await httpUpstream((request) => void request.pause());
    const request = put(upstream.origin, zeros(1024 * MIB), 1024 * MIB);
    const options = sending(request, { stallMs: 200, deadlineAt: Number.POSITIVE_INFINITY });
    expect((await problemOf(openDoor().send(request, options))).code).toBe('provider_timeout');
  });

  it('of the provider after a streamed body ends the sending', async () => {
    const upstream = await httpUpstream((request) => void request.resume());
    const request = put(upstream.origin, zeros(MIB), MIB);
    const options = sending(request, { stallMs: 200, deadlineAt: Number.POSITIVE_INFINITY });
    expect((await problemOf(openDoor().send(request, options))).code).toBe('provider_timeout');
  });

  it('of the source does not', async () => {
    const upstream = await counting();
    const stream = new PassThrough();
    const request = put(upstream.origin, stream, 3);
    const options = sending(request, { stallMs: 200, deadlineAt: Number.POSITIVE_INFINITY });
    const sent = openDoor().send(request, options);
    stream.write('a');
    await delay(1_600);
    stream.write('b');
    await delay(300);
    stream.end('c');
    expect((await sent).status).toBe(200);
    expect(upstream.bodies).toEqual([3]);
  });
});
