import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
  at: number;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  delayMs?: number;
  /** Answers when this has resolved. */
  after?: Promise<unknown>;
  /** Cuts the connection instead of answering. */
  cut?: boolean;
}

/** A token endpoint that answers whatever a test wants, over real HTTP. */
export interface TokenServer {
  readonly url: URL;
  readonly requests: ReceivedRequest[];
  /** What the next requests get; `number` counts from 1. */
  answer: (request: ReceivedRequest, number: number) => Answer;
  close(): Promise<void>;
}

/** A good answer with a token that tells its number and fits none of the planted secrets. */
export function goodAnswer(number: number, extra: Record<string, unknown> = {}): Answer {
  return {
    body: JSON.stringify({ access_token: tokenText(number), token_type: 'Bearer', expires_in: 3599, ...extra }),
  };
}

export function tokenText(number: number): string {
  return `planted-access-token-number-${number}-AbCdEf`;
}

export async function startTokenServer(): Promise<TokenServer> {
  const requests: ReceivedRequest[] = [];
  const tokenServer = { requests, answer: (_request: ReceivedRequest, number: number): Answer => goodAnswer(number) };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const received = { headers: request.headers, form, at: Date.now() };
      const number = requests.push(received);
      const answer = tokenServer.answer(received, number);
      if (answer.after) void answer.after.then(() => reply(response, answer));
      else if (answer.delayMs) setTimeout(reply, answer.delayMs, response, answer);
      else reply(response, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(tokenServer, {
    url: new URL(`http://127.0.0.1:${port}/oauth/token`),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function reply(response: ServerResponse, { status = 200, headers = {}, body = '', cut }: Answer): void {
  if (cut) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
