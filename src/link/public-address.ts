import type { AddressInfo } from 'node:net';

/** Where browsers and providers reach this server. */
export interface PublicAddress {
  /** The URL of a path that begins with a slash. */
  url(path: string): string;
  /** Whether it is reached by https. */
  secure(): boolean;
}

/**
 * The address that the operator set, else http at the address listened on, which is known only when the server listens. On
 * all interfaces that is `localhost`: `0.0.0.0` is no address that a browser could be sent to.
 */
export function createPublicAddress(
  configured: URL | undefined,
  listening: () => AddressInfo | string | null,
): PublicAddress {
  function base(): URL {
    if (configured) return configured;
    const address = listening();
    if (address === null || typeof address === 'string') return new URL('http://localhost');
    const host = ['0.0.0.0', '::'].includes(address.address) ? 'localhost' : bracketed(address.address);
    return new URL(`http://${host}:${address.port}`);
  }
  return {
    url(path) {
      const { origin, pathname } = base();
      return `${origin}${pathname.replace(/\/$/, '')}${path}`;
    },
    secure: () => base().protocol === 'https:',
  };
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
