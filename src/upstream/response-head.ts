import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../problems.ts';
import { type BodyEncoding, tooLarge } from './body-collector.ts';

const IDENTITIES: ReadonlySet<string> = new Set(['', 'identity']);

/** `x-gzip` is the same (RFC 9110 §8.4.1.3). */
const GZIPS: ReadonlySet<string> = new Set(['gzip', 'x-gzip']);

export interface HeadQuestion {
  origin: string;
  method: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  maxResponseBytes: number;
}

/** How the body is to be decoded; throws the problem for which the answer is refused before its body is read. */
export function judgeHead({ origin, method, status, headers, maxResponseBytes }: HeadQuestion): BodyEncoding {
  if (status >= 300 && status < 400 && status !== 304) {
    throw new Problem('provider_redirect_refused', `${origin} answered ${status}${target(headers.location, origin)}.`, {
      provider: { status },
    });
  }
  // The length that an answer to HEAD states is that of a body which does not come (RFC 9110 §8.6).
  if (method !== 'HEAD' && Number(headers['content-length']) > maxResponseBytes) {
    throw tooLarge(origin, maxResponseBytes);
  }
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (IDENTITIES.has(encoding)) return 'identity';
  if (GZIPS.has(encoding)) return 'gzip';
  throw new Problem(
    'provider_response_invalid',
    `The answer of ${origin} has a content-encoding that was not asked for.`,
  );
}

/** One string per name, on an object without a prototype: names are the provider's, `__proto__` among them. */
export function flattenHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/** The origin only: paths and queries of redirects carry signatures and codes. */
function target(location: string | undefined, origin: string): string {
  const url = location === undefined ? null : URL.parse(location, origin);
  return url ? `, a redirect to ${url.origin}` : '';
}
