import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import type { OriginPattern, UploadPartsStep } from '../../src/connector/connector.ts';
import { compileOriginPattern } from '../../src/connector/origin-pattern.ts';
import type { CallEvent, IncomingFile } from '../../src/engine/call.ts';
import type { StepTools } from '../../src/engine/step-tools.ts';
import { compileExpression } from '../../src/expression/compile.ts';
import type { ExpressionContext } from '../../src/expression/expression.ts';
import { systemRandom } from '../../src/random.ts';
import type { Door } from '../../src/upstream/types.ts';
import { impatientClock, openDoor } from '../upstream/support.ts';

export const MIB = 1024 ** 2;
export const PART = 5 * MIB;
export const HOST = 'bucket.storage.test';
/** Stands in every signed URL, and must stand nowhere else. */
export const SIGNATURE = 'f00dfeedc0ffee1234567890abcdef55';

// Not a divisor of any part: bytes in the wrong place give other hashes.
const BLOCK = randomBytes(1_000_003);

/** The bytes of the test file from an offset on, at most so many. */
export function contentAt(offset: number, length: number): Buffer {
  const from = offset % BLOCK.length;
  return BLOCK.subarray(from, Math.min(BLOCK.length, from + length));
}

export function hashOf(offset: number, length: number): string {
  const hash = createHash('sha256');
  for (let at = offset; at < offset + length; ) {
    const piece = contentAt(at, offset + length - at);
    hash.update(piece);
    at += piece.length;
  }
  return hash.digest('hex');
}

export interface TestFile extends IncomingFile {
  /** Bytes that were read from it so far. */
  pulled(): number;
}

/** A file of so many bytes, whose length is declared only when `declared` says so. */
export function fileOf(bytes: number, declared?: number, failAt?: { at: number; error: Error }): TestFile {
  let at = 0;
  const stream = new Readable({
    read() {
      if (failAt && at >= failAt.at) {
        this.destroy(failAt.error);
        return;
      }
      const piece = contentAt(at, Math.min(64 * 1024, bytes - at));
      at += piece.length;
      this.push(piece.length === 0 ? null : piece);
    },
  });
  return { stream, name: 'model.rvt', contentType: undefined, size: declared, pulled: () => at };
}

export interface StoredPart {
  url: string;
  headers: IncomingMessage['headers'];
  bytes: number;
  sha256: string;
}

export interface Sink {
  origin: string;
  /** Every request, in the order of their heads. */
  requests: { url: string; number: number; headers: IncomingMessage['headers'] }[];
  /** The last complete content of each part, by its number. */
  parts: Map<number, StoredPart>;
  sockets: Set<Socket>;
  received(): number;
  mostAtOnce(): number;
}

/** Says what to do with a request before its body is read; true when it has seen to the answer itself. */
export type Interference = (request: IncomingMessage, response: ServerResponse, number: number) => boolean | undefined;

/** A storage on the loopback that checks what it gets and keeps none of it. */
export async function startSink(interfere: Interference = () => undefined): Promise<Sink> {
  const sink: Sink = {
    origin: '',
    requests: [],
    parts: new Map(),
    sockets: new Set(),
    received: () => received,
    mostAtOnce: () => mostAtOnce,
  };
  let received = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    const number = Number(new URL(url, 'http://x').pathname.split('/').at(-1));
    sink.requests.push({ url, number, headers: request.headers });
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    response.on('close', () => {
      atOnce -= 1;
    });
    request.on('error', () => {});
    if (interfere(request, response, number)) return;
    const hash: Hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
      received += chunk.length;
    });
    request.on('end', () => {
      sink.parts.set(number, { url, headers: request.headers, bytes, sha256: hash.digest('hex') });
      response.writeHead(200, { etag: `"etag-${number}"`, 'x-amz-request-id': `REQ${number}` }).end();
    });
  });
  server.on('connection', (socket) => {
    sink.sockets.add(socket);
    socket.on('close', () => sink.sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  sink.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return sink;
}

/** A refusal as S3 words it, the signature quoted in it. */
export function refuse(response: ServerResponse, status: number, code: string, message = 'no'): true {
  response
    .writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': `REQ-${SIGNATURE}` })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message} ${SIGNATURE}</Message></Error>`);
  return true;
}

/** Admits https://*.storage.test, and sends what is for the one that the tests use to the sink. */
export function originsTo(sink: { origin: string }): OriginPattern {
  return compileOriginPattern(['https://*.storage.test'], new Map([[`https://${HOST}`, sink.origin]]));
}

export interface Asked {
  first: number;
  count: number;
  /** What the step's own answer was known to be. */
  known: unknown;
}

export interface Bench {
  tools: StepTools;
  asked: Asked[];
  events: CallEvent[];
  /** Without that of the beginning, which says how much there is, and nothing of it sent. */
  progress: () => Extract<CallEvent, { type: 'progress' }>[];
  waits: number[];
}

export interface BenchOptions {
  door?: Door;
  signal?: AbortSignal;
  host?: string;
  /** The body of the answer to a request for URLs. */
  answer?: (asked: Asked, urls: string[]) => unknown;
  requestTimeoutMs?: number;
}

/** Tools over a real door; requests for URLs are answered as a provider does that signs them one by one. */
export function openBench(options: BenchOptions = {}): Bench {
  const asked: Asked[] = [];
  const events: CallEvent[] = [];
  const clock = impatientClock();
  let signed = 0;
  const send: StepTools['send'] = async (step, _plan, context) => {
    const { parts, steps } = context as {
      parts: { first: number; count: number };
      steps?: Record<string, { body: unknown }>;
    };
    const question: Asked = { ...parts, known: steps?.[step]?.body };
    asked.push(question);
    const urls = Array.from({ length: parts.count }, (_, index) => {
      signed += 1;
      return `https://${options.host ?? HOST}/object/${parts.first + index}?n=${signed}&X-Amz-Signature=${SIGNATURE}`;
    });
    const body = options.answer?.(question, urls) ?? { uploadKey: `key-${asked.length}`, urls };
    return { status: 200, headers: {}, body };
  };
  return {
    tools: {
      send,
      door: options.door ?? openDoor(),
      clock,
      random: systemRandom,
      errors: { code: undefined, message: undefined, requestId: undefined, rules: [] },
      requestTimeoutMs: options.requestTimeoutMs ?? 5_000,
      maxResponseBytes: MIB,
      signal: options.signal ?? new AbortController().signal,
      observe: (event) => void events.push(event),
    },
    asked,
    events,
    progress: () => events.filter((event) => event.type === 'progress').filter(({ bytes, parts }) => bytes + parts > 0),
    waits: clock.waits,
  };
}

export function partsStep(sink: { origin: string }, more: Partial<UploadPartsStep> = {}): UploadPartsStep {
  return {
    kind: 'upload_parts',
    id: 'parts',
    when: undefined,
    urls: {} as UploadPartsStep['urls'],
    urlList: compileExpression('body.urls'),
    origins: originsTo(sink),
    maxUrls: 25,
    minPartBytes: PART,
    maxParts: 10_000,
    expiredWhen: compileExpression('status = 403 and $contains(body, "expired")'),
    ...more,
  };
}

export const CONTEXT: ExpressionContext = { inputs: { name: 'x' }, account: {}, steps: { earlier: { body: 1 } } };

/** Everything that can be seen of a failure or of events, causes included. */
export function visible(value: unknown): string {
  return inspect(value, { depth: 20, showHidden: true });
}

/** That the sink has exactly the file, in parts of the given sizes. */
export function misplaced(sink: Sink, sizes: readonly number[]): string[] {
  const wrong: string[] = [];
  let offset = 0;
  if (sink.parts.size !== sizes.length) wrong.push(`${sink.parts.size} parts instead of ${sizes.length}`);
  for (const [index, size] of sizes.entries()) {
    const part = sink.parts.get(index + 1);
    if (part?.bytes !== size) wrong.push(`part ${index + 1} has ${part?.bytes} bytes instead of ${size}`);
    else if (part.sha256 !== hashOf(offset, size)) wrong.push(`part ${index + 1} has other bytes`);
    else if (part.headers['content-length'] !== String(size)) wrong.push(`part ${index + 1} declares another length`);
    offset += size;
  }
  return wrong;
}
