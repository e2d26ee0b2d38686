import { quotaExceeded } from './errors.ts';
import type { Switches } from './switches.ts';

export interface RateLimiter {
  /** Counts one request; refuses it with 429 and `Retry-After` seconds when the minute's number is used up. */
  count(key: string, documentedPerMinute: number | undefined, setting: Switches['rate_limits']): void;
}

const MINUTE_MS = 60_000;

/** Fixed windows of one minute per app and endpoint: how the provider publishes its numbers, not how it counts (unknown). */
export function createRateLimiter(now: () => number): RateLimiter {
  let window = 0;
  const counts = new Map<string, number>();
  return {
    count(key, documentedPerMinute, setting) {
      if (setting === 'off') return;
      const limit = setting === 'documented' ? documentedPerMinute : setting;
      if (limit === undefined) return;
      const at = now();
      const current = Math.floor(at / MINUTE_MS);
      if (current !== window) {
        window = current;
        counts.clear();
      }
      const used = (counts.get(key) ?? 0) + 1;
      counts.set(key, used);
      if (used > limit) throw quotaExceeded(Math.ceil(((current + 1) * MINUTE_MS - at) / 1000));
    },
  };
}
