import type { UploadPartsStep } from '../connector/connector.ts';
import { Problem } from '../problems.ts';

const MIB = 1024 ** 2;

/** Two parts of this size are held at once: 64 MiB, what a call may grow the process by. With 10,000 parts, 312 GiB. */
const MAX_PART_BYTES = 32 * MIB;

/** What is held of one file while parts are of the least size: four parts of 5 MiB, three on their way and one filling. */
const HELD_BYTES = 20 * MIB;

const MAX_HELD_PARTS = 4;

/** One filling while the other is on its way; with less, network and caller would wait for each other. */
const MIN_HELD_PARTS = 2;

/** How a file is cut. */
export interface PartSizes {
  /** The number of parts, where the size of the file is known. */
  readonly count: number | undefined;
  /** Bytes of a part that is not the last, numbered from 1. Throws `file_too_large` where no such part may be. */
  sizeOf(number: number): number;
}

/**
 * Decides the sizes of the parts: the least allowed, as far as the number of parts suffices. A known size that needs more gets
 * larger ones throughout; of an unknown size they double in steps that lie equally far apart, so that files of a usual length
 * never meet large parts and very long ones still fit: with 5 MiB and 10,000 parts the first 16 GiB are cut into parts of 5 MiB,
 * and 113 GiB fit. Throws `file_too_large` for what fits in no case.
 */
export function planParts(
  { minPartBytes, maxParts }: Pick<UploadPartsStep, 'minPartBytes' | 'maxParts'>,
  size: number | undefined,
): PartSizes {
  const largest = Math.max(MAX_PART_BYTES, minPartBytes);
  if (size !== undefined) {
    const bytes = Math.max(minPartBytes, Math.ceil(size / maxParts));
    if (bytes > largest) throw tooLarge(largest * maxParts);
    return { count: Math.max(1, Math.ceil(size / bytes)), sizeOf: () => bytes };
  }
  const steps = 1 + Math.floor(Math.log2(largest / minPartBytes));
  const partsOfStep = Math.ceil(maxParts / steps);
  return {
    count: undefined,
    sizeOf(number) {
      if (number > maxParts) throw tooLarge(undefined);
      return minPartBytes * 2 ** Math.floor((number - 1) / partsOfStep);
    },
  };
}

/** How many parts of a size are held in memory at once, the one being filled included. */
export function heldParts(bytes: number): number {
  return Math.min(MAX_HELD_PARTS, Math.max(MIN_HELD_PARTS, Math.floor(HELD_BYTES / bytes)));
}

function tooLarge(limit: number | undefined): Problem {
  return limit === undefined
    ? new Problem('file_too_large', 'The file is larger than fits into the parts that the provider allows.', {
        hint: 'Send the length of the file beforehand; then it is cut into larger parts.',
      })
    : new Problem('file_too_large', `The file is larger than ${limit} bytes.`);
}
