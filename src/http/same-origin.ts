import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';

/**
 * Refuses, with `cross_site_refused`, what a page of another origin made a browser send: by the Fetch Metadata (W3C), and
 * for browsers without them by the `Origin` (RFC 6454). Programs that are no browsers send neither.
 */
export function requireSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const foreignSite = site !== undefined && site !== 'same-origin';
  // A proxy in front may end TLS, so that the scheme cannot be compared.
  const foreignOrigin = origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host);
  if (foreignSite || foreignOrigin)
    throw new Problem('cross_site_refused', 'The request was made by the page of another site.');
}
