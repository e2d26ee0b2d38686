import { tokenRevocation } from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';
import type { OAuthClient } from './grant.ts';
import { inquire } from './token-inquiry.ts';

export interface RevocableToken {
  token: Secret;
  /** RFC 7009 §2.1 `token_type_hint`. */
  kind: 'refresh_token' | 'access_token';
}

/**
 * Revokes a token at the provider (RFC 7009), within 8 s. Resolves with false where the method has no revocation endpoint;
 * rejects as a token request does (`token_*`, `host_refused`).
 */
export async function revoke(
  deps: { door: Door; clock: Clock },
  client: OAuthClient,
  { token, kind }: RevocableToken,
): Promise<boolean> {
  const { revocationEndpoint } = client.authentication;
  if (!revocationEndpoint) return false;
  const endpoints = { revocation_endpoint: revocationEndpoint.href };
  // RFC 7009 §2.2: a token that is already revoked is answered like any other, so that asking again is safe.
  await inquire(deps, { client, token, endpoints, shown: (json) => json }, (config) =>
    tokenRevocation(config, token.reveal(), { token_type_hint: kind }),
  );
  return true;
}
