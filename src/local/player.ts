import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exchange } from '../connector/connector.ts';
import { createAddressGuard } from '../upstream/address-guard.ts';
import { checkTarget } from '../upstream/target.ts';
import type { Door } from '../upstream/types.ts';
import { matchExchange } from './match-exchange.ts';

/** A request as it came over the wire. */
export interface SeenRequest {
  method: string;
  /** The one that was meant. */
  origin: string;
  /** Path and query, exactly as they came. */
  target: string;
  headers: IncomingHttpHeaders;
  /** Length of the body in bytes. */
  bytes: number;
  /** The body as text; empty where it is longer than any that is looked into. */
  body: string;
  /** Index of the exchange that it was answered with; undefined when none was left. */
  exchange: number | undefined;
}

/** A provider on the loopback that answers with the exchanges of an example. */
export interface Player {
  /** A door that leads here, whatever origin is meant. It refuses the origins that the real one would refuse. */
  door(real: Door): Door;
  /** Gives these answers from now on, and returns the list in which the requests will be. */
  play(exchanges: readonly Exchange[]): readonly SeenRequest[];
  /** Gives one answer to whatever comes. */
  answerWith(response: Exchange['response']): readonly SeenRequest[];
  close(): Promise<void>;
}

// Parts of files are far longer, JSON bodies of examples far shorter.
const MAX_KEPT_BYTES = 1024 * 1024;
const TOKEN_LIFE_S = 3_599;
// What is sent elsewhere is told apart by it: `/~<number of the origin>/path`.
const ORIGIN_MARK = /^\/~(\d+)(\/.*)$/;

/** Starts one. To the token endpoints it answers with made-up tokens, `token-1` and so on. */
export async function startPlayer(tokenEndpoints: readonly URL[]): Promise<Player> {
  const tokenUrls = new Set(tokenEndpoints.map(({ href }) => href));
  const guard = createAddressGuard({ allowPrivateAddresses: [] });
  const origins: string[] = [];
  let exchanges: readonly Exchange[] = [];
  let always: Exchange['response'] | undefined;
  let seen: SeenRequest[] = [];
  let tokens = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mine = seen;
    const [, number, target = ''] = ORIGIN_MARK.exec(request.url ?? '') ?? [];
    const origin = origins[Number(number)] ?? '';
    const { bytes, body } = await readBody(request);
    if (tokenUrls.has(`${origin}${target}`)) {
      tokens += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: `token-${tokens}`, token_type: 'Bearer', expires_in: TOKEN_LIFE_S }));
      return;
    }
    const { method = '', headers } = request;
    const exchange = always ? 0 : matchExchange(exchanges, mine, { method, origin, target });
    mine.push({ method, origin, target, headers, bytes, body, exchange });
    const given = always ?? (exchange === undefined ? undefined : exchanges[exchange]?.response);
    response.writeHead(given?.status ?? 500, given?.headers);
    response.end(textOf(given?.body));
  }

  // A header that HTTP does not allow, say; the connection's end is an answer, too.
  const server = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function begin(wanted: readonly Exchange[], one: Exchange['response'] | undefined): readonly SeenRequest[] {
    exchanges = wanted;
    always = one;
    seen = [];
    return seen;
  }

  return {
    door: (real) => ({
      async send(request, options) {
        const { origin, pathname, search } = request.url;
        checkTarget(request.url, options.allowedOrigins, guard);
        if (!origins.includes(origin)) origins.push(origin);
        const url = new URL(`${here}/~${origins.indexOf(origin)}${pathname}${search}`);
        return real.send({ ...request, url }, { ...options, allowedOrigins: new Set([here]) });
      },
      close: () => real.close(),
    }),
    play: (wanted) => begin(wanted, undefined),
    answerWith: (response) => begin([], response),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<{ bytes: number; body: string }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= MAX_KEPT_BYTES) chunks.push(chunk as Buffer);
  }
  return { bytes, body: bytes <= MAX_KEPT_BYTES ? Buffer.concat(chunks).toString() : '' };
}

/** A body given as text is sent as it is, everything else as JSON. */
export function textOf(body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
