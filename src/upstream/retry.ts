import { isTransient } from './failure.ts';
import type { SendOptions } from './types.ts';

/** Retries of one sending, on top of its first attempt. */
export const MAX_RETRIES = 2;

/** First backoff's upper bound; doubles with every retry. Long enough to outlive a restart of one upstream process. */
const BACKOFF_BASE_MS = 250;

/** A caller is waiting: beyond this the answer "repeat later" serves better. */
const BACKOFF_CAP_MS = 5_000;

/** Longest wait that a provider may ask for and get. */
const RETRY_AFTER_CAP_MS = 120_000;

/** Callers told the same time would all come back in the same instant; they are spread over this share of it, upwards. */
const RETRY_AFTER_JITTER = 0.1;

/** A wait that leaves less than this would turn a clear refusal into a timeout. */
const MIN_ATTEMPT_MS = 50;

/**
 * 500 is not here: it says nothing about being passing, and is as often the provider's bug on exactly this request.
 */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What became of one attempt, as far as repeating it is concerned. */
export type AttemptResult =
  | { status: number; retryAfterMs: number | undefined }
  /** `started`: the request was handed to a connection, so bytes of it may have reached the provider. */
  | { error: unknown; started: boolean };

export interface RetryQuestion {
  mode: SendOptions['retry'];
  /** Retries already made for this sending. */
  retries: number;
  result: AttemptResult;
  /** What the deadline leaves, in milliseconds. */
  remainingMs: number;
  /** Jitter, in [0, 1). */
  fraction: number;
}

/**
 * How many milliseconds to wait before the next attempt, or undefined when there shall be none.
 * In mode `unsent` an answered write is repeated after 429 only: a rate limiter refuses before anything is done, while a 503
 * may come from a gateway whose upstream is already at work.
 */
export function retryDelay(question: RetryQuestion): number | undefined {
  const { result, retries, fraction, remainingMs } = question;
  if (retries >= MAX_RETRIES || !mayRepeat(question)) return undefined;

  const askedMs = 'status' in result ? result.retryAfterMs : undefined;
  if (askedMs !== undefined && askedMs > RETRY_AFTER_CAP_MS) return undefined;
  const waitMs =
    askedMs === undefined || askedMs === 0
      ? fraction * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** retries)
      : askedMs * (1 + fraction * RETRY_AFTER_JITTER);
  return waitMs + MIN_ATTEMPT_MS <= remainingMs ? waitMs : undefined;
}

function mayRepeat({ mode, result }: RetryQuestion): boolean {
  if ('status' in result) return mode === 'safe' ? TRANSIENT_STATUSES.has(result.status) : result.status === 429;
  return isTransient(result.error) && (mode === 'safe' || !result.started);
}
