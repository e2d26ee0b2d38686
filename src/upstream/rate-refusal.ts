import type { RateLimit } from '../connector/connector.ts';
import { Problem } from '../problems.ts';

// What a request needs after its turn; one that gets less would only time out.
const LEAST_TIME_TO_SEND_MS = 250;

/** Whether a turn at that time is of no use to one with this deadline; both milliseconds since the epoch. */
export function comesTooLate(turn: number, deadlineAt: number): boolean {
  return turn + LEAST_TIME_TO_SEND_MS > deadlineAt;
}

/** `rate_budget_exhausted`: the turn would come in so many milliseconds, which is too late. */
export function usedUp({ id, requests, windowMs }: RateLimit, waitMs: number): Problem {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1_000));
  return new Problem(
    'rate_budget_exhausted',
    `The provider allows ${requests} of these requests in ${windowMs / 1_000} s, and they are used up.`,
    { retryAfterS, extra: { rate_limit: id } },
  );
}
