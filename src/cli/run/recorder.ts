import type { Action, Connector } from '../../connector/connector.ts';
import { bodyValue } from '../../engine/form.ts';
import { credentialHeader } from '../../local/check/declared-request.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from '../../upstream/json.ts';
import type { Door, OutgoingRequest, UpstreamResponse } from '../../upstream/types.ts';

/** An exchange as an example shows it, not scrubbed yet. */
export interface RecordedExchange {
  request: { method: string; url: string; headers: Record<string, string>; body?: unknown; bytes?: number };
  response: { status: number; headers: Record<string, string>; body?: unknown };
}

/** Sees what is sent and answered. */
export interface Recorder {
  door(real: Door): Door;
  /** What was sent so far, without the requests for tokens, in order. */
  exchanges(): RecordedExchange[];
  /** Every credential that was sent, in clear: to be kept out of what is written. */
  credentials(): string[];
}

// They matter to whoever reads an example; others only where an expression reads them.
const KEPT_HEADERS = ['content-type', 'link', 'retry-after', 'etag', 'location'];
const REQUEST_ID = /^x-.*request-id$|^request-id$|^x-correlation-id$/;

/**
 * Records the exchanges of one action. `origins` gives back the declared origin of one that stands in its place, so that what
 * was recorded at a test provider is about the real one.
 */
export function createRecorder(connector: Connector, action: Action, origins: ReadonlyMap<string, string>): Recorder {
  const methods = [...connector.authentication.values()];
  const endpoints = new Set(
    methods.flatMap(({ tokenEndpoint, introspectionEndpoint, revocationEndpoint }) =>
      [tokenEndpoint, introspectionEndpoint, revocationEndpoint].flatMap((url) => url?.href ?? []),
    ),
  );
  const credentials = new Set(['authorization', ...methods.map(credentialHeader)]);
  const kept = new Set([...KEPT_HEADERS, ...headersRead(action), ...headersRead(connector.errors)]);
  const sent = new Set<string>();
  const seen: { key: string; exchange: RecordedExchange }[] = [];
  const declared = (text: string) =>
    [...origins].reduce((result, [there, real]) => result.replaceAll(there, real), text);

  function record(request: OutgoingRequest, response: UpstreamResponse): void {
    const { method, url, headers, body } = request;
    const own = Object.entries(headers).filter(([name]) => !credentials.has(name));
    const exchange: RecordedExchange = {
      request: { method, url: declared(url.href), headers: Object.fromEntries(own), ...requestBody(request) },
      response: {
        status: response.status,
        headers: Object.fromEntries(
          Object.entries(response.headers)
            .filter(([name]) => kept.has(name) || REQUEST_ID.test(name))
            .map(([name, value]) => [name, declared(value)]),
        ),
        ...responseBody(response),
      },
    };
    const key = `${method} ${url.href} ${typeof body === 'string' ? body : ''}`;
    const before = seen.findIndex((one) => one.key === key && one.exchange.response.status === 401);
    // A token that was refused was renewed: only what came then is the action's.
    if (before >= 0) seen.splice(before, 1);
    seen.push({ key, exchange });
  }

  function addCredential(header: string | undefined): void {
    if (header === undefined) return;
    sent.add(header);
    sent.add(header.replace(/^\S+\s+/, ''));
  }

  function responseBody({ body }: UpstreamResponse): { body?: unknown } {
    if (body.length === 0) return {};
    const text = Buffer.from(declared(body.toString('utf8')));
    try {
      return { body: parseJsonBody(text, { maxDepth: MAX_JSON_DEPTH }) };
    } catch {
      return { body: text.toString('utf8') };
    }
  }

  return {
    door: (real) => ({
      async send(request, options) {
        for (const name of credentials) addCredential(request.headers[name]);
        const response = await real.send(request, options);
        if (!endpoints.has(request.url.href)) record(request, response);
        return response;
      },
      close: () => real.close(),
    }),
    exchanges: () => seen.map(({ exchange }) => exchange),
    credentials: () => [...sent],
  };
}

function requestBody({ headers, body }: OutgoingRequest): { body?: unknown; bytes?: number } {
  if (body === undefined) return {};
  if (typeof body !== 'string') return { bytes: Buffer.isBuffer(body) ? body.length : body.bytes };
  try {
    return { body: bodyValue(body, headers['content-type']) };
  } catch {
    return { body };
  }
}

/** Names of the response headers that expressions below a compiled value read, in lower case. */
function headersRead(compiled: unknown): string[] {
  const names = new Set<string>();
  const visited = new Set<unknown>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || visited.has(value)) return;
    visited.add(value);
    if ('reads' in value && value.reads instanceof Set)
      for (const read of value.reads) {
        const name = /(?:^|\.)headers\.`?([^`.]+)`?$/.exec(String(read))?.[1];
        if (name !== undefined) names.add(name.toLowerCase());
      }
    for (const [key, member] of Object.entries(value)) if (key !== 'examples') look(member);
  };
  look(compiled);
  return [...names];
}
