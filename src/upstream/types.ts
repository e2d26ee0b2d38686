import type { Readable } from 'node:stream';

/** A request as it leaves, complete: nothing is added to it but what the protocol needs. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  /** Lower-case names. May carry a bearer: never log them. */
  headers: Readonly<Record<string, string>>;
  body?: string | Buffer | StreamedBody;
}

/**
 * A body that is sent as it comes, with backpressure. It is sent once, whatever `retry` says; `retry` then only says whether
 * a failure leaves doubt. Its own failure is what the sending rejects with, unchanged (`file_interrupted` when it closes before
 * its end). A sending that was begun destroys it when it ends early.
 */
export interface StreamedBody {
  readonly stream: Readable;
  /** Exactly the bytes that the stream brings: its Content-Length. */
  readonly bytes: number;
}

export interface SendOptions {
  /** Origins (`https://host[:port]`) that may be called; anything else is the problem `host_refused`. */
  allowedOrigins: ReadonlySet<string>;
  /** When the whole sending, retries and reading included, must be over; milliseconds since the epoch. */
  deadlineAt: number;
  /**
   * Longest time for which the provider may take nothing of a streamed body, or keep its answer to itself after it, in
   * milliseconds. A slow source does not count.
   */
  stallMs?: number;
  /** Cap on the decoded body. */
  maxResponseBytes: number;
  /**
   * `safe`: may be repeated after any transient failure (reads). `unsent`: only when the request certainly never reached
   * the provider (writes).
   */
  retry: 'safe' | 'unsent';
  /** Ends the sending at once: the caller went away. */
  signal?: AbortSignal;
  /**
   * Waited for before every attempt, its time counted in the deadline. When it rejects before the first attempt, so does the
   * sending; before a further one, what the attempt before brought stands.
   */
  beforeAttempt?: () => Promise<void>;
  /** Told of every attempt, for the request log. */
  onAttempt?: (attempt: Attempt) => void;
}

export interface Attempt {
  number: number;
  startedAt: number;
  durationMs: number;
  /** The status, when there was an answer. */
  status?: number;
  /** What its Retry-After asks for, where it has one that can be read. */
  retryAfterMs?: number;
  /** A code such as ECONNREFUSED, when there was none. */
  error?: string;
}

/** An answer of any status but a redirect, decoded and complete. */
export interface UpstreamResponse {
  status: number;
  /** Lower-case names; several values of one name joined by ", ". */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  attempts: number;
}

/**
 * The one way out. Rejects with the problems `host_refused`, `provider_timeout`, `provider_unreachable`,
 * `provider_response_too_large`, `provider_response_invalid` (undecodable), `provider_redirect_refused`,
 * `deadline_exceeded` (no time was left to send at all).
 */
export interface Door {
  send(request: OutgoingRequest, options: SendOptions): Promise<UpstreamResponse>;
  close(): Promise<void>;
}
