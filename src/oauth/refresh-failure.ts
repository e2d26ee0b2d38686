import type { ProblemCode } from '../problems.ts';

/** What is known of a refresh that brought no token. */
export interface RefreshFacts {
  /** What the provider answered; undefined where no answer could be read. */
  said: { status: number; error: string | undefined; searchable: string } | undefined;
  /** Whether bytes of the request may have reached the provider although no answer was read. */
  maybeReceived: boolean;
  /** The problem that callers would get. */
  code: ProblemCode;
}

export type RefreshFailure =
  /** The provider says that the refresh token is worth nothing. Whether the grant is dead, only a look at the store tells. */
  | 'refused'
  /** Nothing is known to be wrong with the grant: keep it, ask again later. */
  | 'transient'
  /** The app's credentials or the request are at fault; the grant is untouched. */
  | 'misconfigured'
  /** Cut off after bytes were sent: the token may be used up, and what replaced it lost on the way. */
  | 'uncertain';

// RFC 6749 §5.2 has one code for it; gateways in front of token endpoints say it in words.
const REFUSED_WORDS =
  /\binvalid[ _]grant\b|\brefresh[ _]token\b.{0,60}\b(invalid|expired|revoked|unknown|not found|already used|consumed)\b|\b(invalid|expired|revoked|unknown|consumed)\b.{0,30}\brefresh[ _]token\b/;
const CLIENT_AT_FAULT: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client']);
/** Answers that came, and could not be read: the provider may well have done what was asked. */
const UNREADABLE: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['token_response_invalid']);

/** What a failed refresh means for the grant. Pure; the table of the cases is its test. */
export function classifyRefreshFailure({ said, maybeReceived, code }: RefreshFacts): RefreshFailure {
  if (!said) {
    if (UNREADABLE.has(code)) return 'transient';
    if (maybeReceived) return 'uncertain';
    return code === 'host_refused' || code === 'internal' ? 'misconfigured' : 'transient';
  }
  const { status, error, searchable } = said;
  // Also a 200 without a token, whatever error it names: no server that keeps to the protocol refuses a grant so.
  if (status === 200 || status === 429 || status === 408 || status >= 500) return 'transient';
  if (error === 'invalid_grant') return 'refused';
  if (error !== undefined && CLIENT_AT_FAULT.has(error)) return 'misconfigured';
  // Beyond RFC 6749 the words decide, and only where the status says that the request was understood and refused.
  if (REFUSED_WORDS.test(searchable)) return 'refused';
  if (code === 'token_endpoint_unavailable' || code === 'token_response_invalid') return 'transient';
  return 'misconfigured';
}

/**
 * Whether the refresh token may be used up although no new one was read: then a later refusal of it is told as uncertain, and
 * not as the provider's or the person's decision.
 */
export function leavesDoubt({ said, maybeReceived }: RefreshFacts): boolean {
  if (!said) return maybeReceived;
  return said.status === 200 || (said.status >= 500 && said.status !== 503) || said.status === 408;
}
