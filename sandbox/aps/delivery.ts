import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { type Answer, JSON_API_TYPE } from './answer.ts';
import { encodedAnswer, patchedAnswer } from './fault-answers.ts';
import type { Fault } from './faults.ts';

/** What the live edge adds to each answer (recorded traffic); Strict-Transport-Security is left out over plain HTTP. */
const EDGE_HEADERS = {
  Vary: 'Accept-Encoding',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'origin-when-cross-origin',
} as const;
const FILLER_BYTES = 64 * 1024;
const DEFAULT_MISSING_BYTES = 100;

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer, answer.body.length);
  response.end(answer.body);
}

/** Sends the answer the way the fault says. Resolves when it is over, however it ended; never rejects. */
export async function deliver(response: ServerResponse, answer: Answer, fault: Fault | undefined): Promise<void> {
  if (response.destroyed) return;
  if (answer.stream !== undefined && fault?.kind !== 'reset') return stream(response, answer, answer.stream, fault);
  switch (fault?.kind) {
    case 'drip':
      return drip(response, answer, fault.bytes_per_chunk, fault.interval_ms);
    case 'truncated':
      return truncate(response, answer, fault.missing_bytes ?? DEFAULT_MISSING_BYTES);
    case 'encoding':
      return sendAnswer(response, encodedAnswer(fault, answer));
    case 'patch_json':
      return sendAnswer(response, patchedAnswer(fault, answer));
    case 'reset':
      return reset(response, answer, fault.at);
    default:
      return sendAnswer(response, answer);
  }
}

/** Faults whose body is made while it is sent, so that none of them needs the memory it simulates. */
export async function deliverStream(
  response: ServerResponse,
  fault: Extract<Fault, { kind: 'huge_body' | 'gzip_bomb' }>,
): Promise<void> {
  const bomb = fault.kind === 'gzip_bomb';
  const headers = { 'Content-Type': JSON_API_TYPE, ...(bomb ? { 'Content-Encoding': 'gzip' } : {}) };
  writeHead(response, { status: 200, headers });
  const source = Readable.from(longJson(bomb ? fault.decoded_bytes : fault.bytes));
  const sent = bomb ? pipeline(source, createGzip(), response) : pipeline(source, response);
  // The client going away in the middle is what these faults are for.
  await sent.catch(() => undefined);
}

export function destroySocket(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function writeHead(response: ServerResponse, answer: Omit<Answer, 'body'>, contentLength?: number): void {
  const { status, headers, bare } = answer;
  const length =
    contentLength === undefined || status === 304 || status === 204 ? {} : { 'Content-Length': contentLength };
  const edge = bare === true ? {} : { ...EDGE_HEADERS, 'X-Request-ID': randomUUID() };
  response.writeHead(status, { ...edge, ...headers, ...length });
}

/** Of the faults, only `truncated` changes how a stream travels: it ends early, its length having promised all of it. */
async function stream(
  response: ServerResponse,
  answer: Answer,
  { bytes, content }: NonNullable<Answer['stream']>,
  fault: Fault | undefined,
): Promise<void> {
  writeHead(response, answer, bytes);
  const missing = fault?.kind === 'truncated' ? (fault.missing_bytes ?? DEFAULT_MISSING_BYTES) : 0;
  const source = Readable.from(missing === 0 ? content : withoutEnd(content, bytes - missing), { objectMode: false });
  // A client that goes away in the middle is no error of the sandbox.
  await pipeline(source, response, { end: missing === 0 }).catch(() => undefined);
  if (missing > 0) response.socket?.end();
}

function* withoutEnd(content: Iterable<Buffer>, bytes: number): Generator<Buffer> {
  let left = bytes;
  for (const piece of content) {
    if (left <= 0) return;
    yield piece.subarray(0, left);
    left -= piece.length;
  }
}

async function drip(response: ServerResponse, answer: Answer, chunk: number, intervalMs: number): Promise<void> {
  writeHead(response, answer, answer.body.length);
  response.flushHeaders();
  for (let at = 0; at < answer.body.length && !response.destroyed; at += chunk) {
    if (at > 0) await delay(intervalMs, undefined, { ref: false });
    response.write(answer.body.subarray(at, at + chunk));
  }
  response.end();
}

function truncate(response: ServerResponse, answer: Answer, missingBytes: number): Promise<void> {
  writeHead(response, answer, answer.body.length + missingBytes);
  return new Promise((resolve) => {
    response.write(answer.body, () => {
      // An orderly end of the connection: the client must notice by counting.
      response.socket?.end();
      resolve();
    });
  });
}

function reset(response: ServerResponse, answer: Answer, at: Extract<Fault, { kind: 'reset' }>['at']): Promise<void> {
  return new Promise((resolve) => {
    const destroy = () => {
      destroySocket(response);
      resolve();
    };
    if (at !== 'after_headers') return destroy();
    const [start = answer.body] = answer.stream?.content ?? [];
    writeHead(response, answer, answer.stream?.bytes ?? answer.body.length);
    // One byte makes sure that the headers left; a reset could otherwise overtake them.
    response.write(start.subarray(0, 1), () => setImmediate(destroy));
  });
}

/** A valid JSON:API list of at least so many bytes. */
function* longJson(bytes: number): Generator<Buffer> {
  const head = Buffer.from('{"jsonapi":{"version":"1.0"},"data":["');
  yield head;
  const filler = Buffer.alloc(FILLER_BYTES, 'a');
  for (let left = bytes - head.length; left > 0; left -= filler.length) {
    yield left < filler.length ? filler.subarray(0, left) : filler;
  }
  yield Buffer.from('"]}');
}
