import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock.ts';
import { textOf } from '../local/player.ts';
import type { MockRequest } from './choose-example.ts';
import type { MockProvider, MockRecord } from './mock-provider.ts';

export interface MockServerOptions {
  host: string;
  /** 0: any that is free. */
  port: number;
  /** How long every answer is held back. */
  delayMs: number;
  clock: Clock;
  onAnswer: (record: MockRecord) => void;
}

export interface MockServer {
  readonly origin: string;
  close(): Promise<void>;
}

// Parts of files are longer, bodies that are compared are not.
const MAX_KEPT_BYTES = 1024 * 1024;

/** Serves a mock provider over HTTP. Rejects with what the system says when it cannot listen. */
export async function startMockServer(provider: MockProvider, options: MockServerOptions): Promise<MockServer> {
  const { host, port, delayMs, clock, onAnswer } = options;

  async function respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (delayMs > 0) await clock.sleep(delayMs);
    const { answer, record } = provider.answer(request);
    onAnswer(record);
    response.writeHead(answer.status, answer.headers);
    response.end(textOf(answer.body));
  }

  const server = createServer((incoming, response) => {
    // What cannot be sent, such as a header that HTTP does not allow, is told as far as possible.
    respond(incoming, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { port: bound } = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<MockRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes <= MAX_KEPT_BYTES) chunks.push(chunk as Buffer);
  }
  const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return {
    method: incoming.method ?? '',
    target: incoming.url ?? '/',
    headers: Object.fromEntries(headers),
    bytes,
    body: bytes > 0 && bytes <= MAX_KEPT_BYTES ? Buffer.concat(chunks).toString() : undefined,
  };
}
