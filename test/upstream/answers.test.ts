import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { httpUpstream, openDoor, problemOf, read, sending, tcpUpstream, write } from './support.ts';

const MIB = 1024 * 1024;

describe('an ordinary answer', () => {
  it('comes with its status, joined lower-case headers and body', async () => {
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(
        404,
        [
          ['X-One', 'a'],
          ['x-one', 'b'],
          ['__proto__', 'p'],
          ['Content-Type', 'text/plain'],
        ].flat(),
      );
      response.end('none');
    });
    const request = read(`${upstream.origin}/a/b?c=d%20e`);
    const answer = await openDoor().send(request, sending(request));
    expect(answer.status).toBe(404);
    expect(answer.headers['x-one']).toBe('a, b');
    expect(answer.headers['content-type']).toBe('text/plain');
    expect(({} as Record<string, unknown>).p).toBeUndefined();
    expect(answer.body.toString()).toBe('none');
    expect(answer.attempts).toBe(1);
    expect(upstream.requests[0]?.url).toBe('/a/b?c=d%20e');
  });

  it('is asked for in gzip only, whatever the request wanted, and the connection headers are the door’s', async () => {
    const upstream = await httpUpstream((_request, response) => response.end());
    const request = read(upstream.origin, {
      headers: { 'accept-encoding': 'br', host: 'evil.test', connection: 'close', te: 'trailers', 'x-kept': '1' },
    });
    await openDoor().send(request, sending(request));
    const headers = upstream.requests[0]?.headers;
    expect(headers?.['accept-encoding']).toBe('gzip');
    expect(headers?.host).toBe(new URL(upstream.origin).host);
    expect(headers?.te).toBeUndefined();
    expect(headers?.['x-kept']).toBe('1');
  });

  it('to HEAD may state a length beyond the cap, since no body comes', async () => {
    const upstream = await httpUpstream((_request, response) =>
      response.writeHead(200, { 'content-length': 9 * MIB }).end(),
    );
    const request = read(upstream.origin, { method: 'HEAD' });
    const answer = await openDoor().send(request, sending(request, { retry: 'safe' }));
    expect(answer.body).toHaveLength(0);
  });

  it('comes over a connection that was used before', async () => {
    const upstream = await httpUpstream((_request, response) => response.end('x'));
    const door = openDoor();
    const request = read(upstream.origin);
    for (let call = 0; call < 20; call += 1) await door.send(request, sending(request));
    // A connection is free again one turn of the event loop after its answer, so calls in a row take turns on two.
    expect(upstream.connections()).toBeLessThanOrEqual(2);
  });

  it('keeps its bytes through many small chunks', async () => {
    const upstream = await tcpUpstream((socket) => {
      const chunks = Array.from({ length: 30_000 }, (_, at) => `1\r\n${at % 10}\r\n`).join('');
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    });
    const request = read(upstream.origin);
    const { body } = await openDoor().send(request, sending(request));
    expect(body.toString()).toBe('0123456789'.repeat(3_000));
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308, 300])(
    'with %i is refused and not followed, and its query stays unsaid',
    async (status) => {
      const canary = await httpUpstream((_request, response) => response.end('followed'));
      const upstream = await httpUpstream((_request, response) => {
        response.writeHead(status, { location: `${canary.origin}/secret-path?code=secret-code` }).end();
      });
      const request = read(upstream.origin);
      const problem = await problemOf(openDoor().send(request, sending(request)));
      expect(problem.code).toBe('provider_redirect_refused');
      expect(problem.message).not.toContain('secret');
      expect(upstream.requests).toHaveLength(1);
      expect(canary.connections()).toBe(0);
    },
  );

  it('is not what 304 is', async () => {
    const upstream = await httpUpstream((_request, response) => response.writeHead(304, { etag: '"1"' }).end());
    const request = read(upstream.origin);
    expect((await openDoor().send(request, sending(request))).status).toBe(304);
  });
});

describe('a compressed answer', () => {
  it.each([100, 200_000])('of gzip is decoded (%i items)', async (items) => {
    // Numbers in a scattered order, so that the larger text stays beyond what is decoded at once.
    const text = JSON.stringify(Array.from({ length: items }, (_, at) => (at * 7919) % 1_000_003));
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'GZIP' }).end(gzipSync(text));
    });
    const request = read(upstream.origin);
    const answer = await openDoor().send(request, sending(request, { maxResponseBytes: 10 * MIB }));
    expect(answer.body.toString()).toBe(text);
  });

  it('may have no body at all', async () => {
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(204, { 'content-encoding': 'gzip' }).end();
    });
    const request = read(upstream.origin);
    expect((await openDoor().send(request, sending(request))).body).toHaveLength(0);
  });

  it.each(['br', 'deflate', 'gzip, gzip', 'gzip, br', 'zstd', 'compress'])('of %s is refused', async (encoding) => {
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(brotliCompressSync('{}'));
    });
    const request = read(upstream.origin);
    expect((await problemOf(openDoor().send(request, sending(request)))).code).toBe('provider_response_invalid');
  });

  const large = gzipSync(JSON.stringify(Array.from({ length: 50_000 }, (_, at) => (at * 7919) % 1_000_003)));
  it.each([
    ['that is none', Buffer.from('plain text')],
    ['that ends early', gzipSync('{"a":1}'.repeat(20)).subarray(0, -9)],
    ['that is large and ends early', large.subarray(0, -9)],
    [
      'that is large and damaged',
      Buffer.concat([large.subarray(0, 40_000), Buffer.alloc(5_000), large.subarray(45_000)]),
    ],
  ])('of gzip %s is invalid', async (_what, wire) => {
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(wire);
    });
    const request = read(upstream.origin);
    expect((await problemOf(openDoor().send(request, sending(request)))).code).toBe('provider_response_invalid');
    expect(upstream.requests).toHaveLength(1);
  });

  it('that unpacks beyond the cap is refused, small or large on the wire', async () => {
    for (const size of [2 * MIB, 40 * MIB]) {
      const bomb = gzipSync(Buffer.alloc(size));
      const upstream = await httpUpstream((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      });
      const request = read(upstream.origin);
      expect((await problemOf(openDoor().send(request, sending(request)))).code).toBe('provider_response_too_large');
    }
  });

  it('that unpacks more than a hundredfold is refused below the cap, once past the first MiB', async () => {
    const door = openDoor();
    const upstream = await httpUpstream((request, response) => {
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(Number(request.url?.slice(1)))));
    });
    const fine = read(`${upstream.origin}/${MIB}`);
    expect((await door.send(fine, sending(fine, { maxResponseBytes: 50 * MIB }))).body).toHaveLength(MIB);
    for (const size of [10 * MIB, 40 * MIB]) {
      const bomb = read(`${upstream.origin}/${size}`);
      const problem = await problemOf(door.send(bomb, sending(bomb, { maxResponseBytes: 50 * MIB })));
      expect(problem.code).toBe('provider_response_too_large');
    }
  });

  it('may be a bomb a hundred times over without filling the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MIB));
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const door = openDoor();
    const request = read(upstream.origin);
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    const options = () => sending(request, { maxResponseBytes: 10 * MIB, deadlineAt: Date.now() + 15_000 });
    const problems = await Promise.all(Array.from({ length: 100 }, () => problemOf(door.send(request, options()))));
    clearInterval(watch);
    expect(new Set(problems.map((problem) => problem.code))).toEqual(new Set(['provider_response_too_large']));
    expect((peak - before) / MIB).toBeLessThan(200);
  });
});

describe('an answer beyond the cap', () => {
  it('is refused by its stated length, before its body, and its connection is dropped', async () => {
    const upstream = await tcpUpstream((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n'),
    );
    const request = read(upstream.origin);
    expect((await problemOf(openDoor().send(request, sending(request)))).code).toBe('provider_response_too_large');
    await expect.poll(() => upstream.sockets[0]?.closed).toBe(true);
  });

  it('is refused while it streams without a length, and not drained', async () => {
    let written = 0;
    const upstream = await httpUpstream((_request, response) => {
      const pump = () => {
        while (!response.destroyed && written < 500 * MIB) {
          written += 64 * 1024;
          if (!response.write(Buffer.alloc(64 * 1024))) return void response.once('drain', pump);
        }
      };
      pump();
    });
    const request = read(upstream.origin);
    expect((await problemOf(openDoor().send(request, sending(request)))).code).toBe('provider_response_too_large');
    expect(written).toBeLessThan(50 * MIB);
  });

  it('may reach the cap exactly', async () => {
    const upstream = await httpUpstream((_request, response) => response.end(Buffer.alloc(1000)));
    const request = read(upstream.origin);
    const door = openDoor();
    expect((await door.send(request, sending(request, { maxResponseBytes: 1000 }))).body).toHaveLength(1000);
    const problem = await problemOf(door.send(request, sending(request, { maxResponseBytes: 999 })));
    expect(problem.code).toBe('provider_response_too_large');
  });
});

describe('a broken answer', () => {
  it.each([
    ['shorter than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'],
    ['cut within a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nshort'],
    ['cut within the headers', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['of no bytes', ''],
    [
      'cut within a chunk, closing anyway',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n10\r\nshort',
    ],
    ['with two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ])('%s is a lost connection: reads are repeated twice, writes never', async (_what, text) => {
    const upstream = await tcpUpstream((socket) => socket.end(text));
    const door = openDoor();
    const reading = read(upstream.origin);
    const readProblem = await problemOf(door.send(reading, sending(reading)));
    expect(readProblem.code).toBe('provider_unreachable');
    expect(readProblem.retryable).toBe(true);
    expect(upstream.received).toHaveLength(3);

    const writing = write(upstream.origin);
    const writeProblem = await problemOf(door.send(writing, sending(writing)));
    expect(writeProblem.code).toBe('provider_unreachable');
    expect(writeProblem.retryable).toBe(false);
    expect(upstream.received).toHaveLength(4);
  });

  it.each([
    ['not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    [
      'with endless headers',
      `HTTP/1.1 200 OK\r\n${'x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(2_000)}\r\n`,
    ],
  ])('that is %s is invalid, not repeated, and not quoted', async (_what, text) => {
    const upstream = await tcpUpstream((socket) => socket.write(text));
    const request = read(upstream.origin);
    const problem = await problemOf(openDoor().send(request, sending(request)));
    expect(problem.code).toBe('provider_response_invalid');
    expect(problem.message).not.toContain('SSH');
    expect(problem.cause).toBeUndefined();
    expect(upstream.received).toHaveLength(1);
  });
});
