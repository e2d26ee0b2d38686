import { Readable } from 'node:stream';
import { Problem } from '../problems.ts';

// A sender that is silent this long while we wait for it is gone; mobile networks take some seconds to find another cell.
const IDLE_TIMEOUT_MS = 30_000;

// Slower than any line over which one would send a file. Whoever sends a byte now and then would hold memory and a connection
// to the storage for ever.
const SLOWEST_BYTES_PER_MS = 1;

export interface IncomingStreamOptions {
  maxBytes: number;
  idleTimeoutMs?: number;
  /** Runs after the last byte and before the end is told; what it throws becomes the stream's failure. */
  beforeEnd?: () => Promise<void>;
}

/**
 * The bytes of a source, pulled only as fast as they are read. Fails with `file_too_large`, with `file_interrupted` when
 * the source breaks off, is silent for too long, or brings less than 1 KB a second for as long (time during which nobody
 * reads does not count).
 */
export function incomingStream(source: Readable, options: IncomingStreamOptions): Readable {
  return Readable.from(guarded(source, options), { objectMode: false });
}

async function* guarded(source: Readable, options: IncomingStreamOptions): AsyncGenerator<Buffer> {
  const { maxBytes, idleTimeoutMs = IDLE_TIMEOUT_MS, beforeEnd } = options;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let total = 0;
  let patienceMs = idleTimeoutMs;
  for (;;) {
    const since = performance.now();
    const { done, value } = await within(chunks.next(), patienceMs);
    if (done) break;
    total += value.length;
    const earnedMs = value.length / SLOWEST_BYTES_PER_MS;
    patienceMs = Math.min(idleTimeoutMs, patienceMs - (performance.now() - since) + earnedMs);
    if (total > maxBytes)
      throw new Problem('file_too_large', `The file is larger than ${maxBytes} bytes.`, { extra: { limit: maxBytes } });
    yield value;
  }
  if (beforeEnd) await within(beforeEnd(), idleTimeoutMs);
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(new Problem('file_interrupted', 'The file stopped coming, or came too slowly.'));
        }, timeoutMs);
      }),
    ]);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('file_interrupted', 'The file broke off before its end.', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
