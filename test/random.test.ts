import { describe, expect, it } from 'vitest';
import { systemRandom } from '../src/random.ts';

const SIZES = [1, 12, 30, 32, 255, 256, 257, 5_000];

describe("the machine's randomness", () => {
  it('gives as many bytes as asked for, and none of them twice', () => {
    const seen = new Set<string>();
    let drawn = 0;
    for (let round = 0; round < 200; round += 1) {
      for (const size of SIZES) {
        const bytes = systemRandom.bytes(size);
        expect(bytes.length).toBe(size);
        if (size < 12) continue;
        seen.add(bytes.subarray(0, 12).toString('hex'));
        drawn += 1;
      }
    }
    expect(seen.size).toBe(drawn);
  });

  it('gives bytes that share no memory with later ones', () => {
    const first = systemRandom.bytes(16);
    const second = systemRandom.bytes(16);
    const before = second.toString('hex');
    first.fill(0);
    expect(second.toString('hex')).toBe(before);
    expect(first.buffer).not.toBe(second.buffer);
  });
});
