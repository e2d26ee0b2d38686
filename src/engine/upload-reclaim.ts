import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes between two collections: one takes about a millisecond, the arrival of so many bytes five and more.
 */
const RECLAIM_EVERY_BYTES = 8 * 1024 ** 2;

/** Told of bytes of a file that are done with, and frees the memory of their pieces from time to time. */
export type Reclaim = (bytes: number) => void;

/**
 * Sockets give every piece memory of its own outside the heap, of which the collector knows little: left to itself it lets 60
 * to 90 MiB of dead pieces stand, and then walks the whole heap for them, 5 to 40 ms each time. Collecting the young objects
 * in between frees them while they are few, and makes long uploads faster. Does nothing before the first 8 MiB.
 */
export function createReclaim(): Reclaim {
  let since = 0;
  let collect: ((options: { type: 'minor' }) => void) | undefined;
  return (bytes) => {
    since += bytes;
    if (since < RECLAIM_EVERY_BYTES) return;
    since = 0;
    collect ??= obtainCollector();
    collect({ type: 'minor' });
  };
}

/** V8 hands its collector to contexts that are made while this flag is set, and to no others. */
function obtainCollector(): (options: { type: 'minor' }) => void {
  setFlagsFromString('--expose-gc');
  try {
    const found: unknown = runInNewContext('globalThis.gc');
    return typeof found === 'function' ? (found as (options: { type: 'minor' }) => void) : () => {};
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
