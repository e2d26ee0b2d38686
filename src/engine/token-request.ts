import type { Authentication, Connector } from '../connector/connector.ts';
import type { ConnectorProfile } from '../domain/connector-profile.ts';
import type { AppTokenRequest } from '../oauth/token-broker.ts';

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

/** What the broker needs to know to obtain a token with a profile's own credentials. */
export function appTokenRequest({ connector, profile, authentication, ...need }: TokenNeed): AppTokenRequest {
  return {
    ...need,
    profile: {
      id: profile.id,
      clientId: profile.client_id,
      clientSecret: profile.client_secret,
      generation: profile.generation,
    },
    endpoint: { url: authentication.tokenEndpoint, clientAuthentication: authentication.clientAuthentication },
    allowedOrigins: connector.origins,
  };
}
