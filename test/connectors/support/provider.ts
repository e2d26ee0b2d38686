import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exchange } from '../../../src/connector/connector.ts';

export interface SeenRequest {
  method: string;
  /** Path and query, exactly as they came over the wire. */
  target: string;
  headers: IncomingHttpHeaders;
  /** Length of the body in bytes. */
  bytes: number;
  /** The body as text; empty where it is longer than any that is looked into. */
  body: string;
  /** Index of the exchange that it was answered with; undefined when none fitted. */
  exchange: number | undefined;
}

/** A provider on the loopback: gives tokens, and to every other request the answer that it was told to give. */
export interface Provider {
  readonly origin: string;
  /** Gives these answers from now on, one after the other, and returns the list in which the requests will be. */
  play(exchanges: readonly Exchange[]): SeenRequest[];
  /** Gives one answer to whatever comes. */
  answerWith(response: Exchange['response']): SeenRequest[];
  close(): Promise<void>;
}

// Parts of files are far longer, JSON bodies of examples far shorter.
const MAX_KEPT_BYTES = 1024 * 1024;

export async function startProvider(tokenPath: string): Promise<Provider> {
  let exchanges: readonly Exchange[] = [];
  let always: Exchange['response'] | undefined;
  let seen: SeenRequest[] = [];
  let tokens = 0;
  const server = createServer(async (request, response) => {
    const mine = seen;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes <= MAX_KEPT_BYTES) chunks.push(chunk as Buffer);
    }
    if (request.url === tokenPath) {
      tokens += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: `token-${tokens}`, token_type: 'Bearer', expires_in: 3599 }));
      return;
    }
    const { method = '', url: target = '', headers } = request;
    const exchange = always ? 0 : exchangeFor(method, target);
    const body = bytes <= MAX_KEPT_BYTES ? Buffer.concat(chunks).toString() : '';
    mine.push({ method, target, headers, bytes, body, exchange });
    const answer = always ?? (exchange === undefined ? undefined : exchanges[exchange]?.response);
    response.writeHead(answer?.status ?? 500, answer?.headers);
    response.end(textOf(answer?.body));
  });

  /** The first unused exchange that the request fits; else, for a retry, the last that was used with one like it. */
  function exchangeFor(method: string, target: string): number | undefined {
    const fits = ({ request }: Exchange) => request.method === method && targetOf(request.url) === target;
    const used = new Set(seen.map(({ exchange }) => exchange));
    const next = exchanges.findIndex((exchange, index) => !used.has(index) && fits(exchange));
    const again = exchanges.findLastIndex((exchange, index) => used.has(index) && fits(exchange));
    return [next, again].find((index) => index >= 0);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play(wanted) {
      exchanges = wanted;
      always = undefined;
      seen = [];
      return seen;
    },
    answerWith(response) {
      always = response;
      seen = [];
      return seen;
    },
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}

/** Path and query of a URL, as a client sends them. */
export function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

/** A body given as text is sent as it is, everything else as JSON. */
function textOf(body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
