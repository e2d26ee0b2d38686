import { buildAuthorizationUrl, genericGrantRequest } from 'openid-client';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';
import { configurationOf, credentialsOf, tokenEndpointOf } from './client-configuration.ts';
import type { OAuthClient, ObtainedGrant } from './grant.ts';
import { grantedScopes } from './granted-scopes.ts';
import { introspect } from './introspection.ts';
import { callTokenEndpoint, type TokenAnswer } from './token-call.ts';

export interface AuthorizationRequest {
  redirectUri: string;
  scopes: readonly string[];
  state: Secret;
  /** S256 of the verifier (RFC 7636 §4.2). */
  codeChallenge: string;
}

export interface CodeExchange {
  code: Secret;
  /** Exactly that of the authorization request (RFC 6749 §4.1.3). */
  redirectUri: string;
  codeVerifier: Secret;
  /** Milliseconds since the epoch. */
  deadlineAt: number;
}

/** Where to send a person's browser (RFC 6749 §4.1.1, RFC 7636 §4.3). Throws `internal` for a method without such a page. */
export function authorizationUrl(client: OAuthClient, request: AuthorizationRequest): URL {
  const { authorizationEndpoint, authorizationParameters } = client.authentication;
  if (!authorizationEndpoint) throw new Problem('internal', 'The authentication method has no authorization endpoint.');
  const endpoints = { authorization_endpoint: authorizationEndpoint.href };
  return buildAuthorizationUrl(configurationOf(credentialsOf(client), endpoints, undefined), {
    ...Object.fromEntries(authorizationParameters),
    // Behind what the connector declares, which therefore cannot weaken any of these.
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: request.redirectUri,
    state: request.state.reveal(),
    code_challenge: request.codeChallenge,
    code_challenge_method: 'S256',
    ...(request.scopes.length > 0 && { scope: request.scopes.join(' ') }),
  });
}

/**
 * Redeems an authorization code (RFC 6749 §4.1.3) and finds out what was granted. The code is sent once. Rejects as a token
 * request does (`token_*`, `host_refused`); a code that is refused is `token_request_rejected`. When it resolves, the grant
 * must be stored before anything else is done.
 */
export async function exchangeCode(
  deps: { door: Door; clock: Clock },
  client: OAuthClient,
  exchange: CodeExchange,
): Promise<ObtainedGrant> {
  const { code, codeVerifier, redirectUri, deadlineAt } = exchange;
  const outcome = await callTokenEndpoint(deps, {
    credentials: credentialsOf(client),
    endpoint: tokenEndpointOf(client.authentication).url,
    allowedOrigins: client.allowedOrigins,
    deadlineAt,
    retry: 'unsent',
    secrets: [code, codeVerifier],
    ask: (config) =>
      genericGrantRequest(config, 'authorization_code', {
        code: code.reveal(),
        redirect_uri: redirectUri,
        code_verifier: codeVerifier.reveal(),
      }),
  });
  if ('failure' in outcome) throw outcome.failure.problem;
  const { answer } = outcome;
  const fallback = async () => (await introspect(deps, client, answer.accessToken, { deadlineAt })).scopes;
  const scopes = await grantedScopes(client.authentication, answer, answer.accessToken, fallback);
  return { ...grantOf(client, answer), scopes };
}

/** What a token endpoint's answer amounts to; its scopes only as far as the answer itself says. */
export function grantOf({ authentication }: OAuthClient, answer: TokenAnswer): ObtainedGrant {
  const { accessToken, refreshToken, expiresAt, obtainedAt, scopes } = answer;
  const lifeMs = authentication.refreshTokenLifeMs;
  return {
    accessToken,
    refreshToken,
    accessExpiresAt: expiresAt,
    refreshExpiresAt: refreshToken === null || lifeMs === undefined ? null : obtainedAt + lifeMs,
    obtainedAt,
    scopes: scopes ?? null,
  };
}
