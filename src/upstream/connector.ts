import { buildConnector } from 'undici';
import type { AddressGuard, Scheme } from './address-guard.ts';

/**
 * undici's connector behind the address guard. Names are checked in the lookup; addresses written as such are checked here,
 * because Node asks no lookup for them.
 */
export function createConnector(guard: AddressGuard, connectTimeoutMs: number): buildConnector.connector {
  const connectBy = (scheme: Scheme) =>
    buildConnector({ allowH2: false, timeout: connectTimeoutMs, lookup: guard.lookup(scheme) });
  const https = connectBy('https:');
  const http = connectBy('http:');

  return (options, callback) => {
    const scheme = options.protocol === 'https:' ? 'https:' : 'http:';
    const refusal = guard.refusalOfLiteral(options.hostname, scheme);
    if (refusal) {
      // undici is still inside its own dispatching here; it expects an answer later, as sockets give it.
      queueMicrotask(() => callback(refusal, null));
      return;
    }
    (scheme === 'https:' ? https : http)(options, callback);
  };
}
