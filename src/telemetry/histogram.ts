/**
 * Times in buckets whose bounds grow by a ninth, so that many can be merged and a quantile of them be told within
 * {@link QUANTILE_ERROR} of the true one, from 0.05 ms to an hour. Sparse: what did not happen takes no room.
 */
export class Histogram {
  /** How many, by bucket. */
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** Counts a time, milliseconds. */
  add(ms: number): void {
    this.#put(bucketOf(ms), 1);
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.#counts) this.#put(bucket, count);
  }

  get total(): number {
    return this.#total;
  }

  /** The time below which a share (0 to 1) of all lies, milliseconds with three digits; null when there are none. */
  quantile(share: number): number | null {
    let left = Math.max(1, Math.ceil(share * this.#total));
    for (const [bucket, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      left -= count;
      if (left <= 0) return Number(middleOf(bucket).toPrecision(3));
    }
    return null;
  }

  /** As numbers for {@link Histogram.from}: bucket, count, bucket, count, … */
  encode(): number[] {
    return [...this.#counts].flat();
  }

  /** Of what {@link encode} gave; anything else in it is left out. */
  static from(encoded: unknown): Histogram {
    const histogram = new Histogram();
    const numbers: unknown[] = Array.isArray(encoded) ? encoded : [];
    for (let at = 0; at + 1 < numbers.length; at += 2) {
      const [bucket, count] = [Number(numbers[at]), Number(numbers[at + 1])];
      if (Number.isInteger(bucket) && bucket >= 0 && bucket <= LAST_BUCKET && count > 0) histogram.#put(bucket, count);
    }
    return histogram;
  }

  #put(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.#total += count;
  }
}

// Eight to a doubling: an error that no chart shows, and some 200 buckets from the shortest time to the longest.
const PER_DOUBLING = 8;
const SHORTEST_MS = 0.05;
const LONGEST_MS = 3_600_000;
const LAST_BUCKET = Math.ceil(PER_DOUBLING * Math.log2(LONGEST_MS / SHORTEST_MS));

/** Share by which a quantile may be wrong: half a bucket. */
export const QUANTILE_ERROR = 2 ** (0.5 / PER_DOUBLING) - 1;

/** The bucket of which the time is in, its upper bound included. */
function bucketOf(ms: number): number {
  if (!(ms > SHORTEST_MS)) return 0;
  return Math.min(LAST_BUCKET, Math.ceil(PER_DOUBLING * Math.log2(ms / SHORTEST_MS)));
}

function middleOf(bucket: number): number {
  return bucket === 0 ? SHORTEST_MS : SHORTEST_MS * 2 ** ((bucket - 0.5) / PER_DOUBLING);
}
