import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';

/**
 * Refuses, with `cross_site_refused`, what a page of another origin made a browser send: by the Fetch Metadata (W3C), and
 * where browsers do not send them (old ones; http) by the `Origin` (RFC 6454). Programs that are no browsers send neither.
 */
export function requireSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const same = site === undefined ? origin === undefined || isOwn(origin, host, publicUrl) : site === 'same-origin';
  if (!same) throw new Problem('cross_site_refused', 'The request was made by the page of another site.');
}

function isOwn(origin: string, host: string | undefined, publicUrl: string): boolean {
  if (!URL.canParse(origin)) return false;
  // A proxy in front may end TLS, so that the scheme cannot be compared; or it may rewrite the host.
  return new URL(origin).host === host || new URL(origin).origin === new URL(publicUrl).origin;
}
