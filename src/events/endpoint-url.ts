import { isIP } from 'node:net';
import type { AddressGuard } from '../upstream/address-guard.ts';

/** So long may a URL be: receivers put their own keys into it. */
export const MAX_URL_CHARS = 2_000;

const LOOPBACK = '127.0.0.1';

/**
 * What is wrong with the URL of a webhook endpoint, or undefined: https to anywhere that the door may go, http only to an
 * address that the operator of the server allowed. Names are looked at by the door, when it connects.
 */
export function faultOfEndpointUrl(guard: AddressGuard, text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must have no user name or password';
  if (text.includes('#')) return 'must have no fragment';
  const { protocol } = url;
  const hostname = url.hostname === 'localhost' ? LOOPBACK : url.hostname;
  if (guard.refusalOfLiteral(hostname, protocol)) return 'must not go to a private address';
  const isAddress = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
  if (protocol === 'http:' && !isAddress) return 'must be an https URL';
  return undefined;
}
