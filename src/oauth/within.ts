import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';

/** How long one caller waits, while others may go on waiting for the same thing. */
export interface Patience {
  /** Milliseconds since the epoch. */
  deadlineAt: number;
  signal?: AbortSignal | undefined;
}

// Node's timers count in 32 bits.
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What `work` brings; rejects with `deadline_exceeded` or the signal's reason when that comes first. The work goes on. */
export async function within<T>(clock: Clock, work: Promise<T>, { deadlineAt, signal }: Patience): Promise<T> {
  const done = new AbortController();
  const limit = signal ? AbortSignal.any([done.signal, signal]) : done.signal;
  try {
    return await Promise.race([work, deadline(clock, deadlineAt, limit)]);
  } finally {
    done.abort();
  }
}

async function deadline(clock: Clock, deadlineAt: number, signal: AbortSignal): Promise<never> {
  await clock.sleep(Math.min(Math.max(deadlineAt - clock.now(), 0), MAX_TIMER_MS), signal);
  throw new Problem('deadline_exceeded', 'The token was not obtained before the deadline.');
}
