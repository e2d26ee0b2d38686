import { randomBytes, randomInt } from 'node:crypto';

/** Randomness as the rest of the code sees it, so that tests can pass a seeded one. */
export interface Random {
  /** `size` bytes, unpredictable (CSPRNG in production). */
  bytes(size: number): Buffer;
  /** A number in [0, 1), for jitter; never for secrets. */
  fraction(): number;
}

// randomInt's range must stay below 2^48.
const FRACTION_STEPS = 2 ** 47;

/** The machine's CSPRNG. */
export const systemRandom: Random = {
  bytes: (size) => randomBytes(size),
  fraction: () => randomInt(FRACTION_STEPS) / FRACTION_STEPS,
};

/** The digits of ids, in the order of their character codes: numbers of equal width sort as texts. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `length` characters of [0-9A-Za-z], each drawn uniformly (rejection sampling). 22 of them carry 130 bits. */
export function randomBase62(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length - text.length + 8)) {
      // 248 is the largest multiple of 62 below 256: higher bytes would favour the first characters.
      if (byte < 248 && text.length < length) text += BASE62[byte % 62];
    }
  }
  return text;
}
