import { describe, expect, it } from 'vitest';
import { heldParts, planParts } from '../../src/engine/part-sizes.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const limits = { minPartBytes: 5 * MIB, maxParts: 10_000 };

describe('the sizes of parts', () => {
  it('of a known size are the least with which it fits', () => {
    for (const size of [0, 1, 5 * MIB, 5 * MIB + 1, 48 * GIB, 49 * GIB, 312 * GIB]) {
      const { count = 0, sizeOf } = planParts(limits, size);
      const bytes = sizeOf(1);
      expect(bytes).toBe(Math.max(5 * MIB, Math.ceil(size / 10_000)));
      expect(count).toBe(Math.max(1, Math.ceil(size / bytes)));
      expect(count).toBeLessThanOrEqual(10_000);
    }
  });

  it('of an unknown size stay the least for the first 16 GiB, never fall, and take 113 GiB', () => {
    const { count, sizeOf } = planParts(limits, undefined);
    expect(count).toBeUndefined();
    let total = 0;
    let before = 0;
    for (let number = 1; number <= 10_000; number += 1) {
      const bytes = sizeOf(number);
      expect(bytes).toBeGreaterThanOrEqual(before);
      before = bytes;
      total += bytes;
      if (total <= 16 * GIB) expect(bytes).toBe(5 * MIB);
    }
    expect(total).toBeGreaterThan(113 * GIB);
    expect(() => sizeOf(10_001)).toThrow(expect.objectContaining({ code: 'file_too_large' }));
  });

  it('of any provider keep what is held within 64 MiB, with at least two parts', () => {
    for (const minPartBytes of [1, 1_000, 256 * 1024, 5 * MIB, 16 * MIB, 32 * MIB]) {
      for (const size of [undefined, 1, 10_000 * minPartBytes, 10_000 * 32 * MIB]) {
        const { sizeOf } = planParts({ minPartBytes, maxParts: 10_000 }, size);
        for (const number of [1, 5_000, 10_000]) {
          const held = heldParts(sizeOf(number));
          expect(held).toBeGreaterThanOrEqual(2);
          expect(held * sizeOf(number)).toBeLessThanOrEqual(64 * MIB);
        }
      }
    }
  });
});
