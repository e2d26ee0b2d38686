import type { SentRequest } from '../domain/request-record.ts';
import type { RequestName } from '../engine/call.ts';
import type { Attempt } from '../upstream/types.ts';

// An upload of many gigabytes sends thousands of parts. How it began and how it ended is what one looks for.
const KEPT_FIRST = 25;
const KEPT_MAX = 50;

interface Entry {
  readonly name: RequestName;
  readonly startedAt: number;
  answered: boolean;
  readonly sent: SentRequest;
}

/** The requests of one call, put together from what is told of their attempts. Bounded. */
export class SentRequests {
  readonly #entries: Entry[] = [];
  #omitted = 0;

  /** Those kept. */
  list(): SentRequest[] {
    return this.#entries.map(({ sent }) => sent);
  }

  /** How many are not kept. */
  get omitted(): number {
    return this.#omitted;
  }

  attempted(name: RequestName, { number, startedAt, durationMs, status, error }: Attempt): void {
    // Parts of a file go out side by side under one name; the attempt's number tells whose repetition this can be.
    const repeated =
      number > 1 && this.#last((entry) => same(entry, name) && entry.sent.attempts.length === number - 1);
    const { sent, startedAt: beganAt } = repeated || this.#open(name, startedAt);
    sent.status = status ?? null;
    sent.error = error ?? null;
    sent.duration_ms = startedAt + durationMs - beganAt;
    sent.attempts.push(
      status === undefined
        ? { error: error ?? 'unknown', duration_ms: durationMs }
        : { status, duration_ms: durationMs },
    );
  }

  answered(name: RequestName, status: number, requestId: string | undefined): void {
    const entry = this.#last((candidate) => !candidate.answered && same(candidate, name));
    if (!entry) return;
    entry.answered = true;
    entry.sent.status = status;
    entry.sent.provider_request_id = requestId ?? null;
  }

  #open(name: RequestName, startedAt: number): Entry {
    const { step, method, host, path } = name;
    const sent: SentRequest = {
      ...{ step, method, host, path, status: null, error: null, attempts: [], duration_ms: 0 },
      provider_request_id: null,
    };
    const entry = { name, startedAt, answered: false, sent };
    this.#entries.push(entry);
    if (this.#entries.length > KEPT_MAX) {
      this.#entries.splice(KEPT_FIRST, 1);
      this.#omitted += 1;
    }
    return entry;
  }

  #last(fits: (entry: Entry) => boolean): Entry | undefined {
    return this.#entries.findLast(fits);
  }
}

function same({ name }: Entry, other: RequestName): boolean {
  if (name === other) return true;
  const { step, method, host, path } = name;
  return step === other.step && method === other.method && host === other.host && path === other.path;
}
