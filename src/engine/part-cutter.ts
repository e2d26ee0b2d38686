import { Problem } from '../problems.ts';
import type { IncomingFile } from './call.ts';
import type { PartBuffers } from './part-buffers.ts';
import type { PartSizes } from './part-sizes.ts';
import { chunksOf } from './upload-ending.ts';
import { createReclaim } from './upload-reclaim.ts';

export interface Part {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /** What `bytes` lies in: to be given back. */
  readonly buffer: Buffer;
  readonly last: boolean;
}

/**
 * Cuts a file into parts, in order. A part comes when it is known whether another follows; an empty file is one empty part.
 * Reads only as fast as buffers come free. Throws what the stream fails with, `file_interrupted` when fewer bytes come than
 * were declared, `request_invalid` as soon as more do, `file_too_large`.
 */
export async function* cutParts(file: IncomingFile, sizes: PartSizes, buffers: PartBuffers): AsyncGenerator<Part> {
  const { stream, size } = file;
  const reclaim = createReclaim();
  let total = 0;
  let number = 1;
  const startPart = async () => {
    const limit = Math.min(sizes.sizeOf(number), (size ?? Number.POSITIVE_INFINITY) - total);
    return { limit, filled: 0, buffer: await buffers.take(limit) };
  };

  let part = await startPart();
  for await (const chunk of chunksOf(stream)) {
    if (size !== undefined && total + chunk.length > size) throw tooLong(size);
    let at = 0;
    while (at < chunk.length) {
      if (part.filled === part.limit) {
        yield { number, bytes: part.buffer.subarray(0, part.filled), buffer: part.buffer, last: false };
        number += 1;
        part = await startPart();
      }
      const copied = chunk.copy(part.buffer, part.filled, at, at + part.limit - part.filled);
      part.filled += copied;
      total += copied;
      at += copied;
    }
    reclaim(chunk.length);
  }
  if (size !== undefined && total < size) throw tooShort(size, total);
  yield { number, bytes: part.buffer.subarray(0, part.filled), buffer: part.buffer, last: true };
}

/** `request_invalid`: more bytes came than were declared. */
export function tooLong(size: number): Problem {
  return new Problem('request_invalid', `The file is longer than the ${size} bytes that were declared for it.`, {
    hint: 'Declare the length that the file has, or none.',
  });
}

/** `file_interrupted`: the file ended before its declared length. */
export function tooShort(size: number, came: number): Problem {
  return new Problem('file_interrupted', `The file ended after ${came} of the ${size} bytes declared for it.`);
}
