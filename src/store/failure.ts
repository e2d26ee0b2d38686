import { Problem } from '../problems.ts';

// Enough for every message of Redis and SQLite that helps; longer ones quote what was sent.
const MESSAGE_MAX_LENGTH = 160;

/**
 * The problem `store_unavailable` for a failure of the store. The cause is a clean copy: what the drivers throw carries the
 * command's arguments (values, passwords), and Redis quotes arguments in "unknown command" messages.
 */
export function storeUnavailable(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  return new Problem('store_unavailable', 'The store did not do what it was asked.', { cause: cleanFailure(failure) });
}

/** The error with its name, code and shortened message only. */
export function cleanFailure(failure: unknown): Error {
  const clean = new Error(failureText(failure));
  if (failure instanceof Error) clean.name = failure.name;
  if (failure instanceof Error && 'code' in failure && typeof failure.code === 'string') {
    Object.assign(clean, { code: failure.code });
  }
  return clean;
}

/** One line about a failure, safe to log. */
export function failureText(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown failure';
  const [message = ''] = failure.message.split(/,? with args beginning with|\n/);
  return (message || failure.name).slice(0, MESSAGE_MAX_LENGTH);
}

/** Settles like `work`, or rejects after `deadlineMs`. The work itself goes on: what it writes may still happen. */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
