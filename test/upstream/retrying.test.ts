import { describe, expect, it } from 'vitest';
import {
  attemptLog,
  httpUpstream,
  impatientClock,
  openDoor,
  problemOf,
  read,
  sending,
  tcpUpstream,
  write,
} from './support.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** A port on which nothing listens. */
async function closedPort(): Promise<string> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('a read', () => {
  it.each([429, 502, 503, 504])(
    'answered by %i is sent three times at most, and the last answer is given',
    async (status) => {
      const upstream = await httpUpstream((_request, response) => response.writeHead(status).end('busy'));
      const request = read(upstream.origin);
      const log = attemptLog();
      const answer = await openDoor().send(request, sending(request, { onAttempt: log.onAttempt }));
      expect(answer).toMatchObject({ status, attempts: 3 });
      expect(upstream.requests).toHaveLength(3);
      expect(log.attempts.map((attempt) => [attempt.number, attempt.status])).toEqual([
        [1, status],
        [2, status],
        [3, status],
      ]);
    },
  );

  it.each([200, 400, 401, 403, 404, 409, 500, 501])('answered by %i is sent once', async (status) => {
    const upstream = await httpUpstream((_request, response) => response.writeHead(status).end());
    const request = read(upstream.origin);
    expect(await openDoor().send(request, sending(request))).toMatchObject({ status, attempts: 1 });
    expect(upstream.requests).toHaveLength(1);
  });

  it('is repeated after a reset, and the repetition’s answer counts', async () => {
    const upstream = await tcpUpstream((socket, piece) => {
      if (piece === 1) socket.resetAndDestroy();
      else socket.write(OK);
    });
    const request = read(upstream.origin);
    const log = attemptLog();
    const answer = await openDoor().send(request, sending(request, { onAttempt: log.onAttempt }));
    expect(answer).toMatchObject({ status: 200, attempts: 2 });
    expect(log.attempts[0]).toMatchObject({ number: 1, error: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
  });

  it('survives the loss of a reused idle connection', async () => {
    const upstream = await tcpUpstream((socket, piece) => {
      if (piece === 2) socket.resetAndDestroy();
      else socket.write(OK);
    });
    const door = openDoor();
    const request = read(upstream.origin);
    await door.send(request, sending(request));
    expect(await door.send(request, sending(request))).toMatchObject({ status: 200, attempts: 2 });
  });
});

describe('a write', () => {
  it('is never repeated once bytes of it were sent on a fresh connection', async () => {
    const upstream = await tcpUpstream((socket) => socket.resetAndDestroy());
    const request = write(upstream.origin);
    const problem = await problemOf(openDoor().send(request, sending(request)));
    expect(problem.code).toBe('provider_unreachable');
    expect(problem.retryable).toBe(false);
    expect(upstream.received).toHaveLength(1);
  });

  it('is never repeated once it was handed to a reused idle connection', async () => {
    const upstream = await tcpUpstream((socket, piece) => {
      if (piece === 1) socket.write(OK);
      else socket.resetAndDestroy();
    });
    const door = openDoor();
    const reading = read(upstream.origin);
    await door.send(reading, sending(reading));
    const request = write(upstream.origin);
    expect((await problemOf(door.send(request, sending(request)))).retryable).toBe(false);
    expect(upstream.received.filter((text) => text.startsWith('POST'))).toHaveLength(1);
  });

  it('is repeated when nothing listens, since it cannot have arrived', async () => {
    const origin = await closedPort();
    const request = write(origin);
    const log = attemptLog();
    const problem = await problemOf(openDoor().send(request, sending(request, { onAttempt: log.onAttempt })));
    expect(problem.code).toBe('provider_unreachable');
    expect(problem.retryable).toBe(true);
    expect(log.attempts.map((attempt) => attempt.error)).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED']);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('is repeated when its name is not found (%s)', async (code) => {
    let lookups = 0;
    const door = openDoor({
      lookup: async () => {
        lookups += 1;
        throw Object.assign(new Error('no such name'), { code });
      },
    });
    const request = write('https://nowhere.test/');
    expect((await problemOf(door.send(request, sending(request)))).code).toBe('provider_unreachable');
    expect(lookups).toBe(3);
  });

  it('is repeated when the connection is not made in time', async () => {
    let lookups = 0;
    const door = openDoor({
      connectTimeoutMs: 100,
      lookup: () => {
        lookups += 1;
        return new Promise(() => {});
      },
    });
    const request = write('https://silent.test/');
    const problem = await problemOf(door.send(request, sending(request)));
    expect(problem.code).toBe('provider_unreachable');
    expect(problem.retryable).toBe(true);
    expect(lookups).toBe(3);
  });

  it('is repeated when the TLS handshake is broken off, and not when the other side speaks no TLS', async () => {
    const broken = await tcpUpstream((socket) => socket.resetAndDestroy());
    const request = write(`https://127.0.0.1:${broken.port}`);
    const problem = await problemOf(openDoor().send(request, sending(request)));
    expect(problem.code).toBe('provider_unreachable');
    expect(problem.retryable).toBe(true);
    expect(broken.sockets).toHaveLength(3);
    expect(broken.received.join()).not.toContain('POST');

    const plain = await tcpUpstream((socket) => socket.end(OK));
    const other = write(`https://127.0.0.1:${plain.port}`);
    expect((await problemOf(openDoor().send(other, sending(other)))).code).toBe('provider_unreachable');
    expect(plain.sockets).toHaveLength(1);
  });

  it('answered by 429 is repeated, and by 503 it is not', async () => {
    for (const [status, sent] of [
      [429, 3],
      [503, 1],
      [502, 1],
    ] as const) {
      const upstream = await httpUpstream((_request, response) => response.writeHead(status).end());
      const request = write(upstream.origin);
      expect(await openDoor().send(request, sending(request))).toMatchObject({ status, attempts: sent });
      expect(upstream.requests).toHaveLength(sent);
    }
  });
});

describe('Retry-After', () => {
  async function waitsFor(retryAfter: string, deadlineInMs = 600_000): Promise<{ waits: number[]; sent: number }> {
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(429, { 'retry-after': retryAfter }).end();
    });
    const clock = impatientClock();
    const request = read(upstream.origin);
    const answer = await openDoor({ clock }).send(request, sending(request, { deadlineAt: Date.now() + deadlineInMs }));
    expect(answer.status).toBe(429);
    return { waits: clock.waits, sent: upstream.requests.length };
  }

  it('in seconds is waited for, and not less', async () => {
    const { waits, sent } = await waitsFor('25');
    expect(sent).toBe(3);
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(25_000);
      expect(wait).toBeLessThanOrEqual(27_500);
    }
  });

  it('as a date is waited for', async () => {
    const { waits } = await waitsFor(new Date(Date.now() + 30_000).toUTCString());
    expect(waits[0]).toBeGreaterThan(28_000);
    expect(waits[0]).toBeLessThan(34_000);
  });

  it('that is negative or garbage is ignored', async () => {
    for (const value of ['-5', 'soon', '1.5', '0x10']) {
      const { waits, sent } = await waitsFor(value);
      expect(sent).toBe(3);
      expect(Math.max(...waits)).toBeLessThan(1_000);
    }
  });

  it('beyond the deadline, or beyond two minutes, is handed to the caller at once', async () => {
    expect(await waitsFor('10', 5_000)).toEqual({ waits: [], sent: 1 });
    expect(await waitsFor('121')).toEqual({ waits: [], sent: 1 });
  });
});

describe('the retry budget', () => {
  it('keeps a failing provider from being called more than a fifth more often', async () => {
    const upstream = await httpUpstream((_request, response) => response.writeHead(503).end());
    const door = openDoor();
    const request = read(upstream.origin);
    for (let call = 0; call < 20; call += 1) {
      await Promise.all(Array.from({ length: 10 }, () => door.send(request, sending(request))));
    }
    expect(upstream.requests.length).toBeGreaterThan(200);
    expect(upstream.requests.length).toBeLessThanOrEqual(243);
  });

  it('of one origin is not used up by another', async () => {
    const failing = await httpUpstream((_request, response) => response.writeHead(503).end());
    const other = await httpUpstream((_request, response) => response.writeHead(503).end());
    const door = openDoor();
    const request = read(failing.origin);
    for (let call = 0; call < 5; call += 1) await door.send(request, sending(request));
    expect(failing.requests).toHaveLength(8);
    const elsewhere = read(other.origin);
    expect((await door.send(elsewhere, sending(elsewhere))).attempts).toBe(3);
  });
});
