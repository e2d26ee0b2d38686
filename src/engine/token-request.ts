import type { Authentication, Connector } from '../connector/connector.ts';
import type { ConnectorProfile } from '../domain/connector-profile.ts';
import type { AssertionSource } from '../oauth/assertion.ts';
import { tokenEndpointOf } from '../oauth/client-configuration.ts';
import type { UserTokenRequest } from '../oauth/grants.ts';
import type { AppTokenRequest } from '../oauth/token-broker.ts';
import { Problem } from '../problems.ts';

export interface TokenNeed {
  project: string;
  connector: Connector;
  profile: ConnectorProfile;
  authentication: Authentication;
  scopes: readonly string[];
  /** Milliseconds since the epoch. */
  deadlineAt: number;
  signal?: AbortSignal;
}

/**
 * What the broker needs to know to obtain a token with a profile's own credentials. Throws `token_kind_unavailable` for a
 * public client, which has none (RFC 6749 §4.4).
 */
export function appTokenRequest(need: TokenNeed): AppTokenRequest {
  if (need.profile.client_secret === null)
    throw new Problem('token_kind_unavailable', `Connector profile ${need.profile.id} has no client secret.`, {
      hint: 'Tokens of the app itself need a client secret on the connector profile.',
    });
  return brokerRequest(need);
}

/**
 * What the broker needs to know to obtain the token of a profile's service account. Throws `token_kind_unavailable` when the
 * profile lacks the account or its key.
 */
export function serviceAccountTokenRequest(need: TokenNeed): AppTokenRequest {
  return { ...brokerRequest(need), assertion: assertionOf(need) };
}

/** What the grants need to know to give an account's own token. */
export function userTokenRequest(need: Omit<TokenNeed, 'scopes'>, account: string): UserTokenRequest {
  const { project, connector, profile, authentication, deadlineAt, signal } = need;
  return {
    project,
    account,
    client: {
      profileId: profile.id,
      profileGeneration: profile.generation,
      clientId: profile.client_id ?? '',
      clientSecret: profile.client_secret,
      authentication,
      allowedOrigins: connector.origins,
    },
    deadlineAt,
    ...(signal && { signal }),
  };
}

function brokerRequest({ connector, profile, authentication, ...need }: TokenNeed): AppTokenRequest {
  return {
    ...need,
    profile: {
      id: profile.id,
      clientId: profile.client_id ?? '',
      clientSecret: profile.client_secret,
      generation: profile.generation,
    },
    endpoint: tokenEndpointOf(authentication),
    allowedOrigins: connector.origins,
  };
}

function assertionOf({ profile, authentication }: TokenNeed): AssertionSource {
  const { service_account_id: subject, key_id: keyId, private_key: privateKey } = profile;
  if (subject === null || keyId === null || privateKey === null || !authentication.assertion)
    throw new Problem('token_kind_unavailable', `Connector profile ${profile.id} has no service account with a key.`, {
      hint: 'Set "service_account_id", "key_id" and "private_key" on the connector profile.',
    });
  return { subject, keyId, privateKey, ...authentication.assertion };
}
