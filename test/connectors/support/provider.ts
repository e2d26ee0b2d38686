import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Example } from '../../../src/connector/connector.ts';

export interface SeenRequest {
  method: string;
  /** Path and query, exactly as they came over the wire. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A provider on the loopback: gives tokens, and to every other request the answer that it was told to give. */
export interface Provider {
  readonly origin: string;
  /** Gives this answer from now on, and returns the list in which the requests will be. */
  answerWith(response: Example['response']): SeenRequest[];
  close(): Promise<void>;
}

export async function startProvider(tokenPath: string): Promise<Provider> {
  let answer: Example['response'] | undefined;
  let seen: SeenRequest[] = [];
  let tokens = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === tokenPath) {
      tokens += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: `token-${tokens}`, token_type: 'Bearer', expires_in: 3599 }));
      return;
    }
    const body = Buffer.concat(chunks).toString();
    seen.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers, body });
    response.writeHead(answer?.status ?? 500, answer?.headers);
    response.end(textOf(answer?.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith(response) {
      answer = response;
      seen = [];
      return seen;
    },
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}

/** A body given as text is sent as it is, everything else as JSON. */
function textOf(body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
