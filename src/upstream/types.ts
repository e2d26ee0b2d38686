/** A request as it leaves, complete: nothing is added to it but what the protocol needs. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  /** Lower-case names. May carry a bearer: never log them. */
  headers: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

export interface SendOptions {
  /** Origins (`https://host[:port]`) that may be called; anything else is the problem `host_refused`. */
  allowedOrigins: ReadonlySet<string>;
  /** When the whole sending, retries and reading included, must be over; milliseconds since the epoch. */
  deadlineAt: number;
  /** Cap on the decoded body. */
  maxResponseBytes: number;
  /**
   * `safe`: may be repeated after any transient failure (reads). `unsent`: only when the request certainly never reached
   * the provider (writes).
   */
  retry: 'safe' | 'unsent';
  /** Ends the sending at once: the caller went away. */
  signal?: AbortSignal;
  /** Told of every attempt, for the request log. */
  onAttempt?: (attempt: Attempt) => void;
}

export interface Attempt {
  number: number;
  startedAt: number;
  durationMs: number;
  /** The status, when there was an answer. */
  status?: number;
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
