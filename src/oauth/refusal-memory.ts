import { Problem, type ProblemCode } from '../problems.ts';

// Until an operator acts nothing changes, but who has just mended the app at the provider should not wait long.
const REJECTED_MS = 10_000;
// Enough that a storm of callers makes one request a second, little enough that a hiccup is over soon.
const TRANSIENT_MS = 1_000;
const MAX_ENTRIES = 10_000;
const SECOND_MS = 1_000;

/** How long a failure answers for the token endpoint. Codes that are not listed are not remembered. */
const REMEMBERED_MS: Partial<Record<ProblemCode, number>> = {
  token_client_rejected: REJECTED_MS,
  token_scope_rejected: REJECTED_MS,
  token_request_rejected: REJECTED_MS,
  token_endpoint_unavailable: TRANSIENT_MS,
  token_response_invalid: TRANSIENT_MS,
};

/** The failures of the last seconds, so that a storm of callers does not become a storm at the token endpoint. */
export interface RefusalMemory {
  remember(key: string, error: unknown, now: number): void;
  /** The remembered problem of the key, its Retry-After counted down, or undefined when a new try is due. */
  recall(key: string, now: number): Problem | undefined;
}

export function createRefusalMemory(): RefusalMemory {
  const refusals = new Map<string, { problem: Problem; from: number; until: number }>();
  return {
    remember(key, error, now) {
      if (!(error instanceof Problem)) return;
      const ms =
        error.code === 'token_rate_limited' ? (error.options.retryAfterS ?? 1) * SECOND_MS : REMEMBERED_MS[error.code];
      if (ms === undefined) return;
      refusals.delete(key);
      refusals.set(key, { problem: error, from: now, until: now + ms });
      const { value: oldest } = refusals.keys().next();
      if (refusals.size > MAX_ENTRIES && oldest !== undefined) refusals.delete(oldest);
    },
    recall(key, now) {
      const refusal = refusals.get(key);
      if (!refusal) return undefined;
      // Before its beginning: the clock was set back, and would make seconds hours.
      if (refusal.until <= now || now < refusal.from) {
        refusals.delete(key);
        return undefined;
      }
      const { problem, until } = refusal;
      if (problem.options.retryAfterS === undefined) return problem;
      const retryAfterS = Math.ceil((until - now) / SECOND_MS);
      return new Problem(problem.code, problem.message, { ...problem.options, retryAfterS });
    },
  };
}
