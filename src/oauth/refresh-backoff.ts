import { Problem } from '../problems.ts';

/** How long a grant that could not be refreshed is left alone, so that its callers do not become a storm. */
export interface RefreshBackoff {
  /** Notes one more failure in a row; gives the pause in milliseconds. */
  note(key: string, problem: Problem, now: number, fraction: number): number;
  /** The problem of the last failure with the time left as Retry-After, or undefined when a new try is due. */
  recall(key: string, now: number): Problem | undefined;
  clear(key: string): void;
}

// A hiccup is over soon; who waits for an hour-long outage costs one request a minute.
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;
const MAX_ENTRIES = 10_000;
const SECOND_MS = 1_000;

export function createRefreshBackoff(): RefreshBackoff {
  const entries = new Map<string, { problem: Problem; failures: number; from: number; until: number }>();
  return {
    note(key, problem, now, fraction) {
      const failures = (entries.get(key)?.failures ?? 0) + 1;
      const growing = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS) * (0.75 + fraction / 2);
      const pauseMs = Math.max(growing, (problem.options.retryAfterS ?? 0) * SECOND_MS);
      entries.delete(key);
      entries.set(key, { problem, failures, from: now, until: now + pauseMs });
      const { value: oldest } = entries.keys().next();
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
      return pauseMs;
    },
    recall(key, now) {
      const entry = entries.get(key);
      // Kept after its end: the next failure counts as one more in a row.
      // Before its beginning: the clock was set back, and would make a minute hours.
      if (!entry || entry.until <= now || now < entry.from) return undefined;
      const { problem, until } = entry;
      const retryAfterS = Math.max(1, Math.ceil((until - now) / SECOND_MS));
      return new Problem(problem.code, problem.message, { ...problem.options, retryAfterS });
    },
    clear: (key) => void entries.delete(key),
  };
}
