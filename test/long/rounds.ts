/** How many rounds a chaos test runs; `CHAOS_ROUNDS` overrides it. */
export function rounds(usual: number): number {
  return Number(process.env.CHAOS_ROUNDS ?? usual);
}

/** Random numbers in [0, 1) from a seed, which is printed so that a failure can be repeated with `CHAOS_SEED`. */
export function seededFractions(title: string): () => number {
  let state = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`${title}: CHAOS_SEED=${state}\n`);
  return () => {
    // mulberry32: small, and good enough to choose moments.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
