import { Readable } from 'node:stream';
import { Problem } from '../problems.ts';

// A sender that is silent this long while we wait for it is gone; mobile networks take some seconds to find another cell.
const IDLE_TIMEOUT_MS = 30_000;

export interface IncomingStreamOptions {
  maxBytes: number;
  idleTimeoutMs?: number;
  /** Runs after the last byte and before the end is told; what it throws becomes the stream's failure. */
  beforeEnd?: () => Promise<void>;
}

/**
 * The bytes of a source, pulled only as fast as they are read. Fails with `file_too_large`, with `file_interrupted` when
 * the source breaks off or is silent for too long (time during which nobody reads does not count).
 */
export function incomingStream(source: Readable, options: IncomingStreamOptions): Readable {
  return Readable.from(guarded(source, options), { objectMode: false });
}

async function* guarded(source: Readable, options: IncomingStreamOptions): AsyncGenerator<Buffer> {
  const { maxBytes, idleTimeoutMs = IDLE_TIMEOUT_MS, beforeEnd } = options;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let total = 0;
  for (;;) {
    const { done, value } = await nextWithin(chunks, idleTimeoutMs);
    if (done) break;
    total += value.length;
    if (total > maxBytes)
      throw new Problem('file_too_large', `The file is larger than ${maxBytes} bytes.`, { extra: { limit: maxBytes } });
    yield value;
  }
  await beforeEnd?.();
}

async function nextWithin(chunks: AsyncIterator<Buffer>, timeoutMs: number): Promise<IteratorResult<Buffer>> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      chunks.next(),
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(new Problem('file_interrupted', `Nothing of the file came for ${timeoutMs / 1_000} s.`));
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
