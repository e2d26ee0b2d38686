import type { CustomFetch, CustomFetchOptions } from 'openid-client';
import { Problem } from '../problems.ts';
import type { Door, OutgoingRequest, SendOptions } from './types.ts';

/** Statuses with which a web `Response` must have no body (Fetch standard, "null body status"). */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/** No longer true of a body that the door has decoded. */
const WIRE_HEADERS: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'transfer-encoding']);

/**
 * openid-client's `customFetch` through the door. `options` is asked anew for every request, so that each gets its deadline.
 * The request's own signal ends it too. Rejects with the door's problems; openid-client wraps those in a `ClientError`, as its
 * `cause`.
 */
export function doorFetch(door: Door, options: () => SendOptions): CustomFetch {
  return async (url, init) => {
    const sending = options();
    const signals = [sending.signal, init.signal].filter((signal) => signal !== undefined);
    const response = await door.send(outgoing(url, init), {
      ...sending,
      ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
    });

    const { status } = response;
    if (status > 599)
      throw new Problem('provider_response_invalid', `The provider answered with the status ${status}.`);
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers)) {
      if (!WIRE_HEADERS.has(name)) headers.set(name, value);
    }
    return new Response(NULL_BODY_STATUSES.has(status) ? null : new Uint8Array(response.body), { status, headers });
  };
}

function outgoing(url: string, init: CustomFetchOptions): OutgoingRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(init.headers)) headers[name.toLowerCase()] = value;
  const { body } = init;
  if (body instanceof URLSearchParams) headers['content-type'] ??= 'application/x-www-form-urlencoded;charset=UTF-8';
  const bytes = bodyOf(body);
  return { method: init.method, url: new URL(url), headers, ...(bytes !== undefined && { body: bytes }) };
}

function bodyOf(body: CustomFetchOptions['body']): string | Buffer | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof ArrayBuffer) return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // A stream cannot be sent twice, and no request of OAuth needs one.
  throw new Problem('internal', 'Streams cannot be sent through the door.');
}
