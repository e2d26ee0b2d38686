import { finished, type Readable } from 'node:stream';
import { Problem } from '../problems.ts';

/** The one end that an upload and everything that belongs to it come to. */
export interface UploadEnding {
  /** Aborted with the reason of the first failure, whoever it came from. */
  readonly signal: AbortSignal;
  /** Ends the upload at once and lets go of the stream; the first reason stays. */
  fail(reason: unknown): void;
}

/** Ends an upload when its caller goes away or its stream fails, also while nobody is reading from that. */
export function watchUpload(stream: Readable, caller: AbortSignal): UploadEnding & { release(): void } {
  const controller = new AbortController();
  function fail(reason: unknown): void {
    controller.abort(reason);
    const { reason: kept } = controller.signal;
    stream.destroy(kept instanceof Error ? kept : undefined);
  }
  const onCallerGone = () => fail(caller.reason);
  if (caller.aborted) onCallerGone();
  caller.addEventListener('abort', onCallerGone);
  // Its listeners stay, so that an error of the stream that comes after the upload has a hearer.
  finished(stream, { writable: false }, (error) => {
    if (error) fail(error.code === 'ERR_STREAM_PREMATURE_CLOSE' ? closedEarly() : error);
  });
  return { signal: controller.signal, fail, release: () => caller.removeEventListener('abort', onCallerGone) };
}

/**
 * The bytes of a watched stream. A reader that leaves early does not end it: it would end with a reason of its own, which can
 * overtake the one for which the reader left.
 */
export function chunksOf(stream: Readable): AsyncIterable<Buffer> {
  return stream.iterator({ destroyOnReturn: false });
}

/** What a promise brings, or the signal's reason as soon as it is aborted, however long the promise takes. */
export function unlessEnded<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function closedEarly(): Problem {
  return new Problem('file_interrupted', 'The file stopped coming before its end.');
}
