import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
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
  /** Where this machine reaches it. */
  readonly origin: string;
  /** The address in it. */
  readonly address: string;
  close(): Promise<void>;
}

// Parts of files are longer, bodies that are compared are not.
const MAX_KEPT_BYTES = 1024 * 1024;
// Who listens everywhere is nowhere to be called at.
const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

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
  const bound = server.address() as AddressInfo;
  const address = LOOPBACK_OF[bound.address] ?? bound.address;
  return {
    origin: `http://${isIPv6(address) ? `[${address}]` : address}:${bound.port}`,
    address,
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
    // Proxies send whole URLs, and `OPTIONS *` is none.
    target: incoming.url?.startsWith('/') ? incoming.url : `/${incoming.url ?? ''}`,
    headers: Object.fromEntries(headers),
    bytes,
    body: bytes > 0 && bytes <= MAX_KEPT_BYTES ? Buffer.concat(chunks).toString() : undefined,
  };
}
