import { tokenRevocation } from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';
import { configurationOf, credentialsOf, problemOf, secretsOfClient } from './client-configuration.ts';
import type { OAuthClient } from './grant.ts';
import { OAUTH_DEADLINE_MS } from './introspection.ts';
import { recordingDoor } from './recording-door.ts';

export interface RevocableToken {
  token: Secret;
  /** RFC 7009 §2.1 `token_type_hint`. */
  kind: 'refresh_token' | 'access_token';
}

const MAX_RESPONSE_BYTES = 64 * 1024;

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
  const recorder = recordingDoor(deps.door, (json) => json);
  const credentials = credentialsOf(client);
  const config = configurationOf(
    credentials,
    { revocation_endpoint: revocationEndpoint.href },
    {
      door: recorder.door,
      options: {
        allowedOrigins: client.allowedOrigins,
        deadlineAt: deps.clock.now() + OAUTH_DEADLINE_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        // RFC 7009 §2.2: a token that is already revoked is answered like any other.
        retry: 'safe',
      },
    },
  );
  try {
    await tokenRevocation(config, token.reveal(), { token_type_hint: kind });
    return true;
  } catch (error) {
    throw problemOf(recorder, error, [...secretsOfClient(credentials), token.reveal()], deps.clock.now());
  }
}
