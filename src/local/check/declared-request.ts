import type { Authentication, Exchange } from '../../connector/connector.ts';
import { isForm } from '../../connector/media-type.ts';
import { decodeForm, encodeForm } from '../../engine/form.ts';
import type { SeenRequest } from '../player.ts';
import { plainJson } from './difference.ts';

export type DeclaredRequest = Exchange['request'];

// What the connection, the door and the engine add to every request.
const OWN_HEADERS = ['host', 'connection', 'accept-encoding', 'content-length', 'transfer-encoding', 'authorization'];

/** A request that was sent, as an example would declare it: without credentials and without what every request has. */
export function declaredOf(
  seen: SeenRequest,
  declared: DeclaredRequest | undefined,
  authentication: Authentication | undefined,
): DeclaredRequest {
  const own = new Set([...OWN_HEADERS, credentialHeader(authentication)]);
  const headers = Object.entries(seen.headers).flatMap(([name, value]) =>
    own.has(name) || value === undefined ? [] : [[name, String(value)] as const],
  );
  return {
    method: seen.method,
    url: `${seen.origin}${seen.target}`,
    headers: Object.fromEntries(headers),
    body: declared?.bytes === undefined ? bodyOf(seen) : undefined,
    bytes: declared?.bytes === undefined ? undefined : seen.bytes,
  };
}

/** Lower-case name of the header that carries the credential. */
export function credentialHeader(authentication: Authentication | undefined): string {
  const placement = authentication?.placement;
  return placement?.in === 'header' ? placement.name : 'authorization';
}

/** The members of a form as they are sent, in order; undefined for a body that is no form. */
export function formPairs(request: Pick<DeclaredRequest, 'headers' | 'body'>): [string, string][] | undefined {
  const { headers, body } = request;
  if (!isForm(headers['content-type'])) return undefined;
  if (body === undefined) return [];
  try {
    return [...new URLSearchParams(typeof body === 'string' ? body : encodeForm(body))];
  } catch {
    // What is no form is compared as it is.
    return undefined;
  }
}

function bodyOf({ headers, body }: SeenRequest): unknown {
  if (body === '') return undefined;
  if (isForm(headers['content-type'])) return decodeForm(body);
  try {
    return plainJson(JSON.parse(body));
  } catch {
    return body;
  }
}
