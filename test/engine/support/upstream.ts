import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  /** Without the query, exactly as it came over the wire. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body as JSON. */
  json(): unknown;
}

export interface UpstreamAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON; text as it is. */
  body?: unknown;
  /** Never answers. */
  hang?: boolean;
}

/** A provider on the loopback that gives tokens at /token and answers everything else as the test says. */
export interface Upstream {
  readonly origin: string;
  readonly requests: SeenRequest[];
  /** Scopes of the token requests, in their order. */
  readonly tokenScopes: string[];
  answer: (request: SeenRequest, number: number) => UpstreamAnswer;
  answerToken: (number: number) => UpstreamAnswer;
  close(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const upstream: Pick<Upstream, 'requests' | 'tokenScopes' | 'answer' | 'answerToken'> = {
    requests: [],
    tokenScopes: [],
    answer: () => ({ body: {} }),
    answerToken: (number) => ({
      body: { access_token: `token-number-${number}`, token_type: 'Bearer', expires_in: 3599 },
    }),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    let answer: UpstreamAnswer;
    if (pathname === '/token') {
      upstream.tokenScopes.push(new URLSearchParams(body.toString()).get('scope') ?? '');
      answer = upstream.answerToken(upstream.tokenScopes.length);
    } else {
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body,
        json: () => JSON.parse(body.toString()),
      };
      upstream.requests.push(seen);
      answer = upstream.answer(seen, upstream.requests.length);
    }
    if (answer.hang) return;
    const { status = 200, headers } = answer;
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(status, { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(upstream, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
