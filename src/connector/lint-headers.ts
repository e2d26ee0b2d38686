import type { FaultAt, Path } from './yaml-file.ts';

// Set by the server for every request; a declaration would be silently lost or do harm.
const RESERVED_HEADERS = new Set([
  'authorization',
  'host',
  'content-length',
  'accept-encoding',
  'connection',
  'transfer-encoding',
  'cookie',
  'proxy-authorization',
  'te',
  'upgrade',
]);

/** What a credential may stand in although nothing else may. */
const CREDENTIAL_HEADER = 'authorization';

/** Whether an API key cannot be sent in a header, because the server itself says what stands there. */
export function isServerHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'content-type' || (lower !== CREDENTIAL_HEADER && RESERVED_HEADERS.has(lower));
}

/** Reports declared headers that the server sets itself; `at` is the path of the headers. */
export function lintHeaders(at: Path, headers: object | undefined, fault: FaultAt): void {
  for (const name of Object.keys(headers ?? {})) {
    if (RESERVED_HEADERS.has(name.toLowerCase()))
      fault([...at, name], 'ACT012', `header "${name}" is set by the server`, { key: true });
  }
}
