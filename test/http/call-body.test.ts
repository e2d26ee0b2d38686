import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { request as undiciRequest } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { limitBodyTime } from '../../src/http/body-deadline.ts';
import { acceptFiles, readCallBody } from '../../src/http/call-body.ts';
import { acceptJson } from '../../src/http/json-body.ts';
import { answerWithProblems } from '../../src/http/problem-responses.ts';
import { Problem } from '../../src/problems.ts';

const MIB = 1024 * 1024;
const MAX_FILE_BYTES = 8 * MIB;
const BODY_TIMEOUT_MS = 300;
const SCHEMA = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: 'integer' },
    flag: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    rules: { type: 'object' },
  },
};

let app: FastifyInstance | undefined;
/** Codes with which the reading of a file failed. */
let failures: string[] = [];
afterEach(async () => {
  await app?.close();
  app = undefined;
  failures = [];
});

/** A server whose one route tells what it got; with ?refuse it refuses without reading the file. */
async function start(): Promise<string> {
  app = Fastify({ forceCloseConnections: true, requestTimeout: 0, bodyLimit: 1024 });
  limitBodyTime(app, BODY_TIMEOUT_MS);
  acceptJson(app);
  answerWithProblems(app, pino({ level: 'silent' }));
  app.register(async (scope) => {
    acceptFiles(scope);
    scope.post<{ Querystring: Record<string, string> }>('/call', async (request) => {
      const { inputs, file } = await readCallBody(request, SCHEMA, MAX_FILE_BYTES);
      if (inputs.refuse !== undefined) throw new Problem('scopes_missing', 'No.');
      let bytes = 0;
      let sum = 0;
      try {
        for await (const chunk of (file?.stream ?? []) as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          sum = sumOf(chunk, sum);
        }
      } catch (error) {
        failures.push(error instanceof Problem ? error.code : String(error));
        throw error;
      }
      return { inputs, file: file && { name: file.name, type: file.contentType, size: file.size, bytes, sum } };
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

const OCTETS = { 'content-type': 'application/octet-stream' };

function fileOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

function sumOf(bytes: Uint8Array, before = 0): number {
  return bytes.reduce((sum, byte) => (sum + byte) % 65_521, before);
}

async function post(url: string, init: RequestInit) {
  const response = await fetch(url, { method: 'POST', ...init });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('a raw body', () => {
  it.each([0, 1, 3 * MIB + 7])(
    'of %d bytes is the file, with its size, and the query has the inputs',
    async (length) => {
      const origin = await start();
      const file = fileOf(length);
      const answer = await post(`${origin}/call?text=a%2Fb&count=3&flag=true&tags=x&tags=y&rules=%7B%22a%22%3A1%7D`, {
        headers: OCTETS,
        body: file,
      });
      expect(answer.body).toEqual({
        inputs: { text: 'a/b', count: 3, flag: true, tags: ['x', 'y'], rules: { a: 1 } },
        file: { size: length, bytes: length, sum: sumOf(file) },
      });
    },
  );

  it('of unknown length is taken as well', async () => {
    const origin = await start();
    async function* chunks() {
      for (let index = 0; index < 10; index += 1) yield fileOf(1_000);
    }
    const { body } = await undiciRequest(`${origin}/call`, {
      method: 'POST',
      headers: OCTETS,
      body: Readable.from(chunks()),
    });
    expect(await body.json()).toMatchObject({ file: { bytes: 10_000 } });
  });

  it('larger than the limit is refused, declared or not', async () => {
    const origin = await start();
    const declared = await post(`${origin}/call`, { headers: OCTETS, body: fileOf(MAX_FILE_BYTES + 1) });
    expect(declared.body.code).toBe('file_too_large');
    async function* chunks() {
      for (let index = 0; index < 9; index += 1) yield fileOf(MIB);
    }
    const { body } = await undiciRequest(`${origin}/call`, {
      method: 'POST',
      headers: OCTETS,
      body: Readable.from(chunks()),
    });
    expect(await body.json()).toMatchObject({ code: 'file_too_large' });
  });

  it('that is refused unread still gets its answer, and its connection is closed', async () => {
    const origin = await start();
    const answer = await post(`${origin}/call?refuse=1`, { headers: OCTETS, body: fileOf(7 * MIB) });
    expect(answer.status).toBe(403);
    expect(answer.body.code).toBe('scopes_missing');
    expect(answer.headers.get('connection')).toBe('close');
  });

  it('that breaks off fails the reading', async () => {
    const origin = await start();
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      'POST /call HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\nabc',
    );
    await delay(50);
    socket.destroy();
    await vi.waitFor(() => expect(failures).toEqual(['file_interrupted']), { timeout: 10_000 });
  });

  it('with a Content-Encoding is refused', async () => {
    const origin = await start();
    const answer = await post(`${origin}/call`, {
      headers: { ...OCTETS, 'content-encoding': 'gzip' },
      body: 'x',
    });
    expect(answer.body.code).toBe('media_type_unsupported');
  });

  it('has no inputs that JSON bodies may not have either', async () => {
    const origin = await start();
    for (const [rules, message] of [
      ['['.repeat(100) + ']'.repeat(100), 'nests too deep'],
      ['{"__proto__":{"admin":true}}', 'has a key that could reach a prototype'],
      ['{"constructor":{"prototype":{}}}', 'has a key that could reach a prototype'],
    ] as const) {
      const answer = await post(`${origin}/call?rules=${encodeURIComponent(rules)}`, { headers: OCTETS, body: '' });
      expect(answer.body).toMatchObject({ code: 'inputs_invalid', errors: [{ path: '/rules', message }] });
    }
    const named = await post(`${origin}/call?__proto__=x&constructor=y`, { headers: OCTETS, body: '' });
    expect(named.status).toBe(200);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('has inputs that are left as they came when they are not of the declared type', async () => {
    const origin = await start();
    const answer = await post(`${origin}/call?count=three&flag=yes&other=1`, { headers: OCTETS, body: '' });
    expect(answer.body).toMatchObject({ inputs: { count: 'three', flag: 'yes', other: '1' } });
    const twice = await post(`${origin}/call?text=a&text=b`, { headers: OCTETS, body: '' });
    expect(twice.body).toMatchObject({ code: 'inputs_invalid', errors: [{ path: '/text' }] });
    const odd = await post(`${origin}/call?rules=%7B`, { headers: OCTETS, body: '' });
    expect(odd.body).toMatchObject({ code: 'inputs_invalid', errors: [{ path: '/rules' }] });
  });
});

describe('a multipart body', () => {
  const form = (...parts: [string, string | Blob, string?][]) => {
    const data = new FormData();
    for (const [name, value, filename] of parts) {
      if (typeof value === 'string') data.append(name, value);
      else data.append(name, value, filename ?? 'file');
    }
    return data;
  };

  it('has the inputs in its fields and the file with its name and type', async () => {
    const origin = await start();
    const file = fileOf(2 * MIB + 3);
    const blob = new Blob([file], { type: 'application/pdf' });
    const answer = await post(`${origin}/call`, {
      body: form(['text', 'Grüße'], ['count', '7'], ['tags', '["a","b"]'], ['file', blob, 'Plan – Ebene 1.pdf']),
    });
    expect(answer.body).toEqual({
      inputs: { text: 'Grüße', count: 7, tags: ['a', 'b'] },
      file: { name: 'Plan – Ebene 1.pdf', type: 'application/pdf', bytes: file.length, sum: sumOf(file) },
    });
  });

  it('may have an empty file, and may have none', async () => {
    const origin = await start();
    const empty = await post(`${origin}/call`, { body: form(['file', new Blob([]), 'empty.txt']) });
    expect(empty.body).toMatchObject({ file: { name: 'empty.txt', bytes: 0 } });
    const none = await post(`${origin}/call`, { body: form(['text', 'x']) });
    expect(none.body).toEqual({ inputs: { text: 'x' } });
  });

  it('with a field or a second file after the file is refused', async () => {
    const origin = await start();
    const blob = new Blob([fileOf(100)]);
    const field = await post(`${origin}/call`, { body: form(['file', blob], ['text', 'late']) });
    expect(field.body).toMatchObject({ code: 'request_invalid', errors: [{ path: '/text' }] });
    const second = await post(`${origin}/call`, { body: form(['file', blob], ['other', blob]) });
    expect(second.body).toMatchObject({ code: 'request_invalid' });
  });

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    [
      'an end that never comes',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nx',
    ],
    ['no parts', 'multipart/form-data; boundary=b', 'nothing'],
  ])('with %s is refused', async (_what, type, body) => {
    const origin = await start();
    const answer = await post(`${origin}/call`, { headers: { 'content-type': type }, body });
    expect(answer.body.code).toBe('request_invalid');
  });

  it('with too many or too large fields is refused', async () => {
    const origin = await start();
    const many = form(...Array.from({ length: 101 }, (_, index): [string, string] => [`f${index}`, 'x']));
    expect((await post(`${origin}/call`, { body: many })).body.code).toBe('request_invalid');
    const large = form(['text', 'x'.repeat(65 * 1024)]);
    expect((await post(`${origin}/call`, { body: large })).body.code).toBe('request_invalid');
  });
});

describe('a JSON body', () => {
  it('that comes too slowly is refused, and the connection closed', async () => {
    const origin = await start();
    const slow = httpRequest(`${origin}/call`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    slow.on('error', () => {});
    slow.write('{"text":');
    const [response] = await once(slow, 'response');
    expect(response.statusCode).toBe(408);
    expect(response.headers.connection).toBe('close');
    slow.destroy();
  });

  it('has the inputs', async () => {
    const origin = await start();
    const answer = await post(`${origin}/call`, {
      headers: { 'content-type': 'application/json' },
      body: '{"text":"x"}',
    });
    expect(answer.body).toEqual({ inputs: { text: 'x' } });
  });
});
