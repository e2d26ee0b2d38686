import { describe, expect, it } from 'vitest';
import { firstRequestIdAt, isId, newRequestId, timeOfRequestId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/random.ts';

describe('request ids', () => {
  const times = [0, 1, 61, 62, 3_843, 3_844, 999_999_999_999, 1_795_400_000_000, 1_795_400_000_001, 62 ** 8 - 1];

  it('have the form of ids and say when they were made', () => {
    for (const time of times) {
      const id = newRequestId(systemRandom, time);
      expect(isId('req', id)).toBe(true);
      expect(timeOfRequestId(id)).toBe(time);
    }
  });

  it('sort by time, and behind the bound of their millisecond', () => {
    const ids = times.flatMap((time) => [newRequestId(systemRandom, time), newRequestId(systemRandom, time)]);
    expect([...ids].sort().map(timeOfRequestId)).toEqual(ids.map(timeOfRequestId));
    for (const [index, time] of times.entries()) {
      const bound = firstRequestIdAt(time);
      const later = ids.slice(index * 2);
      expect(later.every((id) => id > bound)).toBe(true);
      expect(ids.slice(0, index * 2).every((id) => id < bound)).toBe(true);
    }
  });

  it('differ within a millisecond', () => {
    expect(new Set(Array.from({ length: 5_000 }, () => newRequestId(systemRandom, 5))).size).toBe(5_000);
  });

  it('take times beyond their range for its ends', () => {
    expect(firstRequestIdAt(-5)).toBe('req_00000000');
    expect(firstRequestIdAt(Number.MAX_SAFE_INTEGER)).toBe('req_zzzzzzzz');
    expect(firstRequestIdAt(1.9)).toBe(firstRequestIdAt(1));
  });
});
