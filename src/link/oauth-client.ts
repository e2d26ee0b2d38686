import type { Authentication, Connector } from '../connector/connector.ts';
import type { ConnectorProfile } from '../domain/connector-profile.ts';
import type { OAuthClient } from '../oauth/grant.ts';
import { Problem } from '../problems.ts';

/** A profile's app at the provider. Throws `profile_disabled` when the connector has the profile's method no more. */
export function oauthClientOf(connector: Connector, profile: ConnectorProfile): OAuthClient {
  return {
    profileId: profile.id,
    profileGeneration: profile.generation,
    clientId: profile.client_id ?? '',
    clientSecret: profile.client_secret,
    authentication: authenticationOf(connector, profile),
    allowedOrigins: connector.origins,
  };
}

/** How a profile obtains tokens. Throws as {@link oauthClientOf}. */
export function authenticationOf(
  connector: Connector,
  profile: Pick<ConnectorProfile, 'id' | 'authentication'>,
): Authentication {
  const authentication = connector.authentication.get(profile.authentication);
  if (!authentication)
    throw new Problem('profile_disabled', `Connector profile ${profile.id} has a method that is not there any more.`);
  return authentication;
}
