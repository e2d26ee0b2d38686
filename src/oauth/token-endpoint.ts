import { clientCredentialsGrant, genericGrantRequest } from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';
import { type AssertionSource, JWT_BEARER, signAssertion } from './assertion.ts';
import { callTokenEndpoint, type TokenCall } from './token-call.ts';

export interface TokenEndpoint {
  url: URL;
  /** RFC 6749 §2.3.1. Never both: some providers refuse that. */
  clientAuthentication: 'client_secret_basic' | 'client_secret_post';
}

/** How a token without a person is come by: with the client's own credentials, or with a signed assertion. */
export interface ClientCredentialsRequest {
  endpoint: TokenEndpoint;
  clientId: string;
  /** Null for a public client, which can only ask with an assertion. */
  clientSecret: Secret | null;
  /** Asks with a signed assertion (RFC 7523 §2.1) instead of the client credentials alone. */
  assertion?: AssertionSource | undefined;
  scopes: readonly string[];
  allowedOrigins: ReadonlySet<string>;
  /** When the answer must be there; milliseconds since the epoch. */
  deadlineAt: number;
}

export interface IssuedToken {
  token: Secret;
  /** Until when it may be used, a safety margin already taken off; milliseconds since the epoch. */
  expiresAt: number;
  obtainedAt: number;
  /** What the answer says was granted (RFC 6749 §5.1 `scope`), else what was asked for. */
  scopes: readonly string[];
}

/**
 * One request for a token without a person: client credentials (RFC 6749 §4.4) or a signed assertion (RFC 7523 §2.1).
 * Rejects with `token_client_rejected` (also for a private key that cannot be read), `token_scope_rejected`,
 * `token_request_rejected`, `token_rate_limited` (with retryAfterS), `token_endpoint_unavailable`,
 * `token_response_invalid`, `host_refused`; each with what the provider said, and none with the secret or a token in it.
 */
export async function requestAppToken(
  deps: { door: Door; clock: Clock },
  request: ClientCredentialsRequest,
): Promise<IssuedToken> {
  const { endpoint, clientId, clientSecret, scopes, allowedOrigins, deadlineAt } = request;
  const credentials = { clientId, clientSecret, clientAuthentication: endpoint.clientAuthentication };
  const way = await wayOf(deps.clock, request);
  const outcome = await callTokenEndpoint(deps, {
    credentials,
    endpoint: endpoint.url,
    allowedOrigins,
    deadlineAt,
    ...way,
  });
  if ('failure' in outcome) throw outcome.failure.problem;
  const { accessToken, expiresAt, obtainedAt, scopes: granted } = outcome.answer;
  return { token: accessToken, expiresAt, obtainedAt, scopes: granted ?? scopes };
}

async function wayOf(
  clock: Clock,
  { assertion, clientId, scopes }: ClientCredentialsRequest,
): Promise<Pick<TokenCall, 'ask' | 'retry' | 'secrets'>> {
  const parameters: Record<string, string> = scopes.length > 0 ? { scope: scopes.join(' ') } : {};
  if (!assertion) {
    // Asking twice for an app token harms nothing: the first token is merely unused.
    return { retry: 'safe', secrets: [], ask: (config) => clientCredentialsGrant(config, parameters) };
  }
  const signed = await signAssertion(assertion, { clientId, scopes, now: clock.now() });
  return {
    // A server may remember the jti of what it has seen and refuse it the second time.
    retry: 'unsent',
    secrets: [signed],
    ask: (config) => genericGrantRequest(config, JWT_BEARER, { ...parameters, assertion: signed.reveal() }),
  };
}
