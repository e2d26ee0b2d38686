import type { Exchange } from '../connector/connector.ts';

/** What tells a request from another. */
export interface RequestLine {
  method: string;
  origin: string;
  /** Path and query. */
  target: string;
}

/** Path and query of a URL, as a client sends them. */
export function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

/**
 * Which exchange answers a request: the first unused one that asks for exactly this; for a retry, the one that the same
 * request got before; else, so that a request which is not as declared shows what differs, the first unused one that is most
 * like it. Undefined when all are used.
 */
export function matchExchange(
  exchanges: readonly Exchange[],
  before: readonly (RequestLine & { exchange: number | undefined })[],
  request: RequestLine,
): number | undefined {
  const used = new Set(before.map(({ exchange }) => exchange));
  const unused = [...exchanges.keys()].filter((index) => !used.has(index));
  const likeness = (index: number) => likenessOf(exchanges[index]?.request, request);
  const exact = unused.find((index) => likeness(index) === EXACT);
  if (exact !== undefined) return exact;
  const again = before.findLast((one) => isSame(one, request));
  if (again?.exchange !== undefined) return again.exchange;
  const best = Math.max(...unused.map(likeness));
  return unused.find((index) => likeness(index) === best);
}

const EXACT = 4;

function likenessOf(declared: Exchange['request'] | undefined, { method, origin, target }: RequestLine): number {
  if (!declared) return 0;
  const url = new URL(declared.url);
  const sameMethod = declared.method === method;
  if (url.origin !== origin) return sameMethod ? 1 : 0;
  if (!sameMethod) return 1;
  if (targetOf(declared.url) === target) return EXACT;
  return url.pathname === target.split('?')[0] ? 3 : 2;
}

function isSame(one: RequestLine, other: RequestLine): boolean {
  return one.method === other.method && one.origin === other.origin && one.target === other.target;
}
