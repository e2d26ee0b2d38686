import { Problem, type ProblemCode } from '../problems.ts';
import { type ProviderWords, readProviderWords } from '../upstream/provider-words.ts';
import { parseRetryAfter } from '../upstream/retry-after.ts';
import type { UpstreamResponse } from '../upstream/types.ts';

// When a 429 names no time.
const DEFAULT_RETRY_AFTER_S = 30;
// A longer one is a fault or an attack on us: nobody waits that long without trying.
const MAX_RETRY_AFTER_S = 3600;
const SECOND_MS = 1000;

const CLIENT_ERRORS = new Set(['invalid_client', 'unauthorized_client']);
// RFC 6749 §4.1.2.1 and RFC 8628 §3.5; some token endpoints send them with a 4xx.
const TRANSIENT_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);

/**
 * The problem for an answer of the token endpoint that gave no usable token. `secrets` are the values that must not show in
 * it. Codes: `token_client_rejected`, `token_scope_rejected`, `token_request_rejected`, `token_rate_limited`,
 * `token_endpoint_unavailable`, `token_response_invalid`.
 */
export function refusalOf(response: UpstreamResponse, secrets: readonly string[], now: number): Problem {
  const words = readProviderWords(response, secrets);
  const code = classify(response.status, words);
  const said = words.detail.message ?? words.detail.code;
  return new Problem(code, `${SUMMARY[code]} (status ${response.status}${said === undefined ? '' : `: ${said}`}).`, {
    provider: words.detail,
    ...(code === 'token_rate_limited' && { retryAfterS: retryAfterOf(response.headers['retry-after'], now) }),
  });
}

type RefusalCode = Extract<ProblemCode, `token_${'client' | 'scope' | 'request'}_rejected`> | TransientCode;
type TransientCode = 'token_rate_limited' | 'token_endpoint_unavailable' | 'token_response_invalid';

const SUMMARY: Record<RefusalCode, string> = {
  token_client_rejected: 'The token endpoint refused the client credentials',
  token_scope_rejected: 'The token endpoint refused the scopes',
  token_request_rejected: 'The token endpoint refused the request',
  token_rate_limited: 'The token endpoint limits the rate of requests',
  token_endpoint_unavailable: 'The token endpoint failed',
  token_response_invalid: 'The token endpoint gave an unusable answer',
};

function classify(status: number, { error, searchable }: ProviderWords): RefusalCode {
  if (status === 429) return 'token_rate_limited';
  if (status >= 500 || status === 408) return 'token_endpoint_unavailable';
  if (status !== 200 && (status < 400 || status > 499)) return 'token_response_invalid';
  // From here on 4xx, or a 200 that carries an error in the place of a token.
  if (error !== undefined && TRANSIENT_ERRORS.has(error)) return 'token_endpoint_unavailable';
  if (status === 401 || (error !== undefined && CLIENT_ERRORS.has(error))) return 'token_client_rejected';
  if (error === 'invalid_scope') return 'token_scope_rejected';
  if (status === 400 && /\bscopes?\b/.test(searchable)) return 'token_scope_rejected';
  return status === 200 ? 'token_response_invalid' : 'token_request_rejected';
}

function retryAfterOf(header: string | undefined, now: number): number {
  const ms = parseRetryAfter(header, now);
  if (ms === undefined) return DEFAULT_RETRY_AFTER_S;
  return Math.min(Math.max(Math.ceil(ms / SECOND_MS), 1), MAX_RETRY_AFTER_S);
}

/** The problem for a token request that got no answer, from what the door said. */
export function failureOf(problem: Problem): Problem {
  switch (problem.code) {
    case 'provider_timeout':
    case 'provider_unreachable':
    case 'provider_unavailable':
    case 'deadline_exceeded':
      return new Problem('token_endpoint_unavailable', 'The token endpoint did not answer.', { cause: problem });
    case 'provider_response_too_large':
    case 'provider_response_invalid':
    case 'provider_redirect_refused':
      return new Problem('token_response_invalid', 'The token endpoint gave an unusable answer.', { cause: problem });
    case 'provider_rate_limited':
      return new Problem('token_rate_limited', 'Too many requests to the token endpoint.', {
        retryAfterS: problem.options.retryAfterS ?? DEFAULT_RETRY_AFTER_S,
        cause: problem,
      });
    default:
      return problem;
  }
}
