import { heldParts } from './part-sizes.ts';

/** Memory for parts, used again and again, so that it does not grow with the file. For one reader. */
export interface PartBuffers {
  /**
   * A buffer of at least so many bytes, as soon as few enough are held. Sizes must never fall, but for the last part's.
   * Rejects with the signal's reason.
   */
  take(bytes: number): Promise<Buffer>;
  /** Gives a buffer back, when nothing reads from it any more. */
  give(buffer: Buffer): void;
}

export function createPartBuffers(signal: AbortSignal): PartBuffers {
  let idle: Buffer[] = [];
  let held = 0;
  let wake = () => {};
  signal.addEventListener('abort', () => wake(), { once: true });

  return {
    async take(bytes) {
      while (held >= heldParts(bytes) && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      signal.throwIfAborted();
      held += 1;
      // Sizes grow: what is too small now is of no use any more.
      idle = idle.filter((buffer) => buffer.length >= bytes);
      return idle.pop() ?? Buffer.allocUnsafeSlow(bytes);
    },

    give(buffer) {
      held -= 1;
      idle.push(buffer);
      wake();
    },
  };
}
