import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface RecordedRequest {
  /** Counts from 1 since the start or the last reset. */
  number: number;
  /** Milliseconds since the epoch. */
  at: number;
  method: string;
  /** As received, query included, but for the signature of a signed URL and the state of an authorization. */
  path: string;
  /** Credentials replaced by a fingerprint: equal fingerprints mean equal credentials. */
  headers: Record<string, string>;
  /** Absent until answered, and when the connection was cut instead. */
  status?: number;
  /** Fields of a token, introspection or revocation request, secrets replaced likewise. */
  form?: Record<string, string>;
}

export interface RequestLog {
  count: number;
  token_requests: number;
  /** Older requests that are counted but no longer listed. */
  dropped: number;
  requests: RecordedRequest[];
}

export interface RecordedEntry {
  status: number | undefined;
  form: string | undefined;
}

export interface Recorder {
  begin(request: IncomingMessage, isTokenRequest: boolean): RecordedEntry;
  read(): RequestLog;
  reset(): void;
}

interface RawEntry extends RecordedEntry {
  number: number;
  at: number;
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
}

const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);
/** Whoever has the first two can use a signed URL; the state is between an app and a browser. */
const SECRET_PARAMETERS = /((?:X-Amz-(?:Signature|Security-Token)|\bstate)=)([^&]+)/g;
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'client_secret',
  'refresh_token',
  'code',
  'code_verifier',
  'assertion',
  'token',
]);

/** Keeps the last `limit` requests. Masking happens when they are read, because a bench records many and reads none. */
export function createRecorder(now: () => number, limit: number): Recorder {
  let ring: RawEntry[] = [];
  let count = 0;
  let tokenRequests = 0;

  return {
    begin(request, isTokenRequest) {
      if (isTokenRequest) tokenRequests += 1;
      const entry: RawEntry = {
        number: count + 1,
        at: now(),
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        status: undefined,
        form: undefined,
      };
      if (limit > 0) ring[count % limit] = entry;
      count += 1;
      return entry;
    },
    read() {
      const requests = [...ring].sort((a, b) => a.number - b.number).map(masked);
      return { count, token_requests: tokenRequests, dropped: count - requests.length, requests };
    },
    reset() {
      ring = [];
      count = 0;
      tokenRequests = 0;
    },
  };
}

function masked(entry: RawEntry): RecordedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry.headers)) {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    headers[name] = SECRET_HEADERS.has(name) ? maskHeader(text) : text;
  }
  const { number, at, method, path, status, form } = entry;
  return {
    number,
    at,
    method,
    path: path.replace(SECRET_PARAMETERS, (_, name: string, value: string) => name + fingerprint(value)),
    headers,
    ...(status === undefined ? {} : { status }),
    ...(form === undefined ? {} : { form: maskForm(form) }),
  };
}

function maskForm(form: string): Record<string, string> {
  const pairs = [...new URLSearchParams(form)];
  return Object.fromEntries(pairs.map(([name, value]) => [name, SECRET_FIELDS.has(name) ? fingerprint(value) : value]));
}

function maskHeader(value: string): string {
  const scheme = /^[A-Za-z]+(?= )/.exec(value)?.[0];
  return scheme === undefined ? fingerprint(value) : `${scheme} ${fingerprint(value.slice(scheme.length + 1))}`;
}

function fingerprint(secret: string): string {
  return `***${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;
}
