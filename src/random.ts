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

// A call needs some hundred bytes in several pieces; asking the CSPRNG costs microseconds, however little is asked for.
const STOCK_BYTES = 4_096;
const LARGEST_FROM_STOCK_BYTES = 256;

/** The machine's CSPRNG. */
export const systemRandom: Random = {
  bytes: stockedBytes(),
  fraction: () => randomInt(FRACTION_STEPS) / FRACTION_STEPS,
};

/** Fetches random bytes ahead; each is given out once, and forgotten then. */
function stockedBytes(): Random['bytes'] {
  let stock = Buffer.alloc(0);
  let given = 0;
  return (size) => {
    if (size > LARGEST_FROM_STOCK_BYTES) return randomBytes(size);
    if (given + size > stock.length) {
      stock = randomBytes(STOCK_BYTES);
      given = 0;
    }
    // A copy: what is given out is often wiped by its user, and never shares memory with other secrets.
    const bytes = Buffer.alloc(size);
    stock.copy(bytes, 0, given, given + size);
    stock.fill(0, given, given + size);
    given += size;
    return bytes;
  };
}

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
