import { Problem } from '../problems.ts';
import type { AddressGuard } from './address-guard.ts';
import type { OutgoingRequest } from './types.ts';

/**
 * What belongs to the connection, and so to the door: the names of RFC 9110 §7.6.1, and `host`, which would also change the
 * name that TLS asks for. `content-length` is left out because it follows from the body.
 */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Throws `host_refused` unless the URL lies, exactly, in an allowed origin that the guard does not refuse outright. */
export function checkTarget(url: URL, allowedOrigins: ReadonlySet<string>, guard: AddressGuard): void {
  const { protocol, origin } = url;
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new Problem('host_refused', `The scheme ${protocol} may not be called.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Problem('host_refused', `A URL with credentials may not be called (${origin}).`);
  }
  if (!allowedOrigins.has(origin)) {
    throw new Problem('host_refused', `${origin} is not among the origins that the connector declares.`);
  }
  const refusal = guard.refusalOfLiteral(url.hostname, protocol);
  if (refusal) throw refusal;
}

/** The request with the headers that the door answers for; only gzip is asked for, the coding whose growth is limited. */
export function withDoorHeaders(request: OutgoingRequest): OutgoingRequest {
  const headers: Record<string, string> = { 'accept-encoding': 'gzip' };
  for (const [name, value] of Object.entries(request.headers)) {
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) headers[name] = value;
  }
  return { ...request, headers };
}
