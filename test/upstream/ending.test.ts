import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { httpUpstream, openDoor, problemOf, read, sending, tcpUpstream, write } from './support.ts';

/** Milliseconds that a promise takes to settle. */
async function timed(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await promise.catch(() => {});
  return performance.now() - start;
}

describe('the deadline', () => {
  it('that has passed already lets nothing out', async () => {
    const upstream = await tcpUpstream(() => {});
    const request = read(upstream.origin);
    const problem = await problemOf(openDoor().send(request, sending(request, { deadlineAt: Date.now() - 1 })));
    expect(problem.code).toBe('deadline_exceeded');
    expect(upstream.sockets).toHaveLength(0);
  });

  it('ends the wait for headers', async () => {
    const upstream = await tcpUpstream(() => {});
    const request = read(upstream.origin);
    const sent = openDoor().send(request, sending(request, { deadlineAt: Date.now() + 200 }));
    const [problem, tookMs] = await Promise.all([problemOf(sent), timed(sent)]);
    expect(problem.code).toBe('provider_timeout');
    expect(tookMs).toBeLessThan(450);
    expect(upstream.received).toHaveLength(1);
    await expect.poll(() => upstream.sockets[0]?.closed).toBe(true);
  });

  it('ends a body that drips', async () => {
    const upstream = await httpUpstream(async (_request, response) => {
      response.writeHead(200);
      while (!response.destroyed) {
        response.write('x');
        await delay(20);
      }
    });
    const request = read(upstream.origin);
    const sent = openDoor().send(request, sending(request, { deadlineAt: Date.now() + 300 }));
    const [problem, tookMs] = await Promise.all([problemOf(sent), timed(sent)]);
    expect(problem.code).toBe('provider_timeout');
    expect(tookMs).toBeGreaterThan(250);
    expect(tookMs).toBeLessThan(550);
  });

  it('ends the wait for a connection', async () => {
    const door = openDoor({ lookup: () => new Promise(() => {}), connectTimeoutMs: 10_000 });
    const request = read('https://silent.test/');
    const sent = door.send(request, sending(request, { deadlineAt: Date.now() + 150 }));
    const [problem, tookMs] = await Promise.all([problemOf(sent), timed(sent)]);
    expect(problem.code).toBe('provider_timeout');
    expect(tookMs).toBeLessThan(5_000);
  });

  it('covers retries and their waits', async () => {
    const upstream = await httpUpstream(
      (_request, response) => void setTimeout(() => response.writeHead(503).end(), 150),
    );
    const request = read(upstream.origin);
    const sent = openDoor({ clock: systemClock }).send(request, sending(request, { deadlineAt: Date.now() + 400 }));
    expect(await timed(sent)).toBeLessThan(650);
  });

  it('leaves a write in doubt when it was sent, and not when it was not', async () => {
    const upstream = await tcpUpstream(() => {});
    const sentWrite = write(upstream.origin);
    const door = openDoor({ lookup: () => new Promise(() => {}), connectTimeoutMs: 1_000 });
    const doubtful = await problemOf(door.send(sentWrite, sending(sentWrite, { deadlineAt: Date.now() + 100 })));
    expect(doubtful).toMatchObject({ code: 'provider_timeout', retryable: false });
    const unsentWrite = write('https://silent.test/');
    const certain = await problemOf(door.send(unsentWrite, sending(unsentWrite, { deadlineAt: Date.now() + 100 })));
    expect(certain).toMatchObject({ code: 'provider_timeout', retryable: true });
  });
});

describe('a caller who goes away', () => {
  it('ends the call with the caller’s own reason, and the connection with it', async () => {
    const upstream = await tcpUpstream(() => {});
    const request = read(upstream.origin);
    const caller = new AbortController();
    const sent = openDoor().send(request, sending(request, { signal: caller.signal }));
    await expect.poll(() => upstream.received.length).toBe(1);
    const reason = new Error('gone');
    caller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    await expect.poll(() => upstream.sockets[0]?.closed).toBe(true);
    expect(upstream.received).toHaveLength(1);
  });

  it('ends a body that is being read', async () => {
    const upstream = await tcpUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
    const request = read(upstream.origin);
    const caller = new AbortController();
    const sent = openDoor().send(request, sending(request, { signal: caller.signal }));
    setTimeout(() => caller.abort(new Error('gone')), 100);
    await expect(sent).rejects.toThrow('gone');
    await expect.poll(() => upstream.sockets[0]?.closed).toBe(true);
  });

  it('ends a wait between attempts', async () => {
    const upstream = await httpUpstream((_request, response) => response.writeHead(429, { 'retry-after': '3' }).end());
    const request = read(upstream.origin);
    const caller = new AbortController();
    const sent = openDoor({ clock: systemClock }).send(request, sending(request, { signal: caller.signal }));
    setTimeout(() => caller.abort(new Error('gone')), 100);
    const [tookMs] = await Promise.all([timed(sent), expect(sent).rejects.toThrow('gone')]);
    expect(tookMs).toBeLessThan(2_000);
    expect(upstream.requests).toHaveLength(1);
  });

  it('before the call lets nothing out', async () => {
    const upstream = await tcpUpstream(() => {});
    const request = read(upstream.origin);
    const sent = openDoor().send(request, sending(request, { signal: AbortSignal.abort(new Error('gone')) }));
    await expect(sent).rejects.toThrow('gone');
    expect(upstream.sockets).toHaveLength(0);
  });

  it('while waiting for a free connection never reaches the provider', async () => {
    const upstream = await httpUpstream((_request, response) => void setTimeout(() => response.end(), 200));
    const door = openDoor();
    const busy = read(`${upstream.origin}/busy`);
    const running = Array.from({ length: 128 }, () => door.send(busy, sending(busy)));
    const queued = write(`${upstream.origin}/queued`);
    const caller = new AbortController();
    const sent = door.send(queued, sending(queued, { signal: caller.signal }));
    caller.abort(new Error('gone'));
    await expect(sent).rejects.toThrow('gone');
    await Promise.all(running);
    await door.send(busy, sending(busy));
    expect(upstream.requests.map((request) => request.url)).not.toContain('/queued');
  });
});

describe('a closed door', () => {
  it('lets running calls finish and nothing more out', async () => {
    const upstream = await httpUpstream((_request, response) => void setTimeout(() => response.end('done'), 100));
    const door = openDoor();
    const request = read(upstream.origin);
    const running = door.send(request, sending(request));
    await expect.poll(() => upstream.requests.length).toBe(1);
    const closing = door.close();
    expect((await problemOf(door.send(request, sending(request)))).code).toBe('shutting_down');
    expect((await running).body.toString()).toBe('done');
    await closing;
  });
});
