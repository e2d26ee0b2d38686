import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { Problem } from '../problems.ts';

export type BodyEncoding = 'identity' | 'gzip';

/** Compressed bodies up to this are decoded at once: cheaper than a stream, and short enough not to stall the process. */
const SYNC_GUNZIP_BYTES = 16 * 1024;

/** Decoded over compressed size that is believed, once {@link RATIO_FREE_BYTES} are decoded. Real JSON stays below 30. */
const MAX_RATIO = 100;
const RATIO_FREE_BYTES = 1024 * 1024;

/** Chunks below this are copied together, into blocks of the size below. */
const SMALL_CHUNK_BYTES = 4 * 1024;
const BLOCK_BYTES = 16 * 1024;

/** What the collector wants from whoever feeds it. Exactly one of `done` and `fail` is called, once, unless destroyed. */
export interface BodySink {
  done(body: Buffer): void;
  /** `provider_response_too_large` or `provider_response_invalid`. */
  fail(problem: Problem): void;
  pause(): void;
  resume(): void;
}

/** Receives a body as it arrives and decodes it, never holding more than the cap. */
export interface BodyCollector {
  push(chunk: Buffer): void;
  end(): void;
  /** Lets go of everything; nothing is reported afterwards. */
  destroy(): void;
}

export function createBodyCollector(
  encoding: BodyEncoding,
  maxBytes: number,
  origin: string,
  sink: BodySink,
): BodyCollector {
  return encoding === 'gzip' ? collectGzip(maxBytes, origin, sink) : collectPlain(maxBytes, origin, sink);
}

/** `provider_response_too_large` for a body beyond the cap, or one that unpacks implausibly. */
export function tooLarge(origin: string, maxBytes: number): Problem {
  return new Problem('provider_response_too_large', `The answer of ${origin} exceeds ${maxBytes} bytes.`);
}

function collectPlain(maxBytes: number, origin: string, sink: BodySink): BodyCollector {
  const joiner = createJoiner();
  let over = false;
  return {
    push(chunk) {
      if (over) return;
      over = joiner.size + chunk.length > maxBytes;
      if (over) sink.fail(tooLarge(origin, maxBytes));
      else joiner.add(chunk);
    },
    end() {
      if (!over) sink.done(joiner.take());
    },
    destroy() {
      over = true;
    },
  };
}

function collectGzip(maxBytes: number, origin: string, sink: BodySink): BodyCollector {
  const small = createJoiner();
  const decoded = createJoiner();
  let wireBytes = 0;
  let over = false;
  let stream: ReturnType<typeof createGunzip> | undefined;

  const allowance = (compressed: number) => Math.min(maxBytes, Math.max(RATIO_FREE_BYTES, compressed * MAX_RATIO));

  function finish(report: () => void): void {
    if (over) return;
    over = true;
    stream?.destroy();
    report();
  }

  function startStream(): ReturnType<typeof createGunzip> {
    const gunzip = createGunzip();
    gunzip.on('data', (chunk: Buffer) => {
      // Measured against what is decoded so far, not what has arrived: a bomb shows itself in its first kilobytes.
      if (decoded.size + chunk.length > allowance(gunzip.bytesWritten))
        finish(() => sink.fail(tooLarge(origin, maxBytes)));
      else decoded.add(chunk);
    });
    gunzip.on('drain', () => sink.resume());
    gunzip.on('end', () => finish(() => sink.done(decoded.take())));
    gunzip.on('error', () => finish(() => sink.fail(undecodable(origin))));
    return gunzip;
  }

  return {
    push(chunk) {
      if (over) return;
      wireBytes += chunk.length;
      if (!stream) {
        small.add(chunk);
        if (wireBytes <= SYNC_GUNZIP_BYTES) return;
        stream = startStream();
        if (!stream.write(small.take())) sink.pause();
        return;
      }
      if (!stream.write(chunk)) sink.pause();
    },
    end() {
      if (over) return;
      if (stream) {
        stream.end();
        return;
      }
      if (wireBytes === 0) return finish(() => sink.done(Buffer.alloc(0)));
      try {
        const body = gunzipSync(small.take(), {
          maxOutputLength: allowance(wireBytes),
          finishFlush: constants.Z_FINISH,
        });
        finish(() => sink.done(body));
      } catch (error) {
        const isOver = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
        finish(() => sink.fail(isOver ? tooLarge(origin, maxBytes) : undecodable(origin)));
      }
    },
    destroy() {
      finish(() => {});
    },
  };
}

function undecodable(origin: string): Problem {
  return new Problem('provider_response_invalid', `The answer of ${origin} is not the gzip that it claims to be.`);
}

/**
 * Joins chunks. Small ones are copied into blocks: a list of them would cost a hundred bytes and more for each, and a provider
 * may send ten million chunks of one byte.
 */
function createJoiner(): { readonly size: number; add(chunk: Buffer): void; take(): Buffer } {
  const pieces: Buffer[] = [];
  let block = Buffer.alloc(0);
  let begin = 0;
  let end = 0;
  let size = 0;

  function closePiece(): void {
    if (end > begin) pieces.push(block.subarray(begin, end));
    begin = end;
  }

  return {
    get size() {
      return size;
    },
    add(chunk) {
      // Most answers are one chunk, which is taken as it is.
      if (size === 0 || chunk.length >= SMALL_CHUNK_BYTES) {
        closePiece();
        pieces.push(chunk);
      } else {
        if (end + chunk.length > block.length) {
          closePiece();
          block = Buffer.allocUnsafe(BLOCK_BYTES);
          begin = end = 0;
        }
        end += chunk.copy(block, end);
      }
      size += chunk.length;
    },
    take() {
      closePiece();
      const [only] = pieces;
      return only && pieces.length === 1 ? only : Buffer.concat(pieces, size);
    },
  };
}
