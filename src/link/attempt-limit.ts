import type { Clock } from '../clock.ts';

/** Keeps one address from trying too often. In the memory of the process: it guards resources, never a secret alone. */
export interface AttemptLimit {
  /** Counts an attempt; gives the whole seconds to wait when there were too many. */
  take(address: string): number | undefined;
}

interface Bucket {
  left: number;
  at: number;
}

export interface AttemptLimitOptions {
  /** So many at once. */
  burst: number;
  /** One more after each such time. */
  refillMs: number;
}

// About 100 bytes each.
const MAX_ADDRESSES = 20_000;

/** A token bucket for each address. When there are too many addresses, those that came first are forgotten first. */
export function createAttemptLimit(clock: Clock, { burst, refillMs }: AttemptLimitOptions): AttemptLimit {
  const buckets = new Map<string, Bucket>();
  return {
    take(address) {
      const name = networkOf(address);
      const now = clock.now();
      const { left, at } = buckets.get(name) ?? { left: burst, at: now };
      const refilled = Math.min(burst, left + Math.max(0, now - at) / refillMs);
      buckets.delete(name);
      if (buckets.size >= MAX_ADDRESSES) buckets.delete(buckets.keys().next().value ?? '');
      buckets.set(name, { left: Math.max(refilled >= 1 ? refilled - 1 : refilled, 0), at: now });
      return refilled >= 1 ? undefined : Math.max(1, Math.ceil(((1 - refilled) * refillMs) / 1_000));
    },
  };
}

/** Whoever has one IPv6 address has the 2^64 of its network. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':');
  const zeros = address.includes('::') ? 8 - groups.length - tail.split(':').filter(Boolean).length : 0;
  return [...groups, ...Array.from({ length: zeros }, () => '0')].slice(0, 4).join(':');
}
