import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  None,
} from 'openid-client';
import type { Authentication } from '../connector/connector.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import { doorFetch } from '../upstream/fetch.ts';
import type { Door, SendOptions, UpstreamResponse } from '../upstream/types.ts';
import type { OAuthClient } from './grant.ts';
import { failureOf, refusalOf } from './token-refusals.ts';

/** A client as its provider's endpoints know it. */
export interface ClientCredentials {
  clientId: string;
  /** Null for a public client, which only names itself, in the body (RFC 6749 §2.3.1, §3.2.1). */
  clientSecret: Secret | null;
  /** RFC 6749 §2.3.1. Never both: some providers refuse that. */
  clientAuthentication: 'client_secret_basic' | 'client_secret_post';
}

/** The endpoints of an authorization server that a request needs (RFC 8414 §2 names). */
export interface Endpoints {
  token_endpoint?: string;
  authorization_endpoint?: string;
  introspection_endpoint?: string;
  revocation_endpoint?: string;
}

/** openid-client's view of a client, every request of which leaves through the door. */
export function configurationOf(
  credentials: ClientCredentials,
  endpoints: Endpoints,
  sending: { door: Door; options: SendOptions } | undefined,
): Configuration {
  const [anyEndpoint = 'https://invalid.invalid'] = Object.values(endpoints);
  const server = { issuer: new URL(anyEndpoint).origin, ...endpoints };
  const config = new Configuration(server, credentials.clientId, undefined, authenticationOf(credentials));
  // Whether plain http may be used is the door's decision, like every other question of where a request may go.
  allowInsecureRequests(config);
  // So is how long it may take: a second clock could give up an answer that the door is about to bring.
  config.timeout = undefined;
  if (sending) config[customFetch] = doorFetch(sending.door, () => sending.options);
  return config;
}

function authenticationOf({ clientSecret, clientAuthentication }: ClientCredentials): ClientAuth {
  if (clientSecret === null) return None();
  return clientAuthentication === 'client_secret_basic'
    ? ClientSecretBasic(clientSecret.reveal())
    : ClientSecretPost(clientSecret.reveal());
}

export function credentialsOf({ clientId, clientSecret, authentication }: OAuthClient): ClientCredentials {
  const { clientAuthentication } = tokenEndpointOf(authentication);
  return { clientId, clientSecret, clientAuthentication };
}

/** Where and how a method obtains tokens. Throws `internal` for one that obtains none. */
export function tokenEndpointOf({ tokenEndpoint, clientAuthentication }: Authentication): {
  url: URL;
  clientAuthentication: ClientCredentials['clientAuthentication'];
} {
  if (!tokenEndpoint || !clientAuthentication)
    throw new Problem('internal', 'The authentication method has no token endpoint.');
  return { url: tokenEndpoint, clientAuthentication };
}

/** The values of a client that no text about an exchange may show. */
export function secretsOfClient({ clientId, clientSecret }: ClientCredentials): string[] {
  if (clientSecret === null) return [];
  const secret = clientSecret.reveal();
  const [formId = '', formSecret = ''] = [clientId, secret].map(encodeURIComponent);
  return [secret, `${clientId}:${secret}`, `${formId}:${formSecret}`];
}

/**
 * The problem for a request that openid-client rejected: from what the door recorded, because openid-client's own errors hide
 * what the door threw and may carry the whole answer.
 */
export function problemOf(
  recorded: { failure: unknown; response: UpstreamResponse | undefined },
  error: unknown,
  secrets: readonly string[],
  now: number,
): Problem {
  if (recorded.failure instanceof Problem) return failureOf(recorded.failure);
  if (recorded.response) return refusalOf(recorded.response, secrets, now);
  return new Problem('internal', 'The request could not be made.', { cause: withoutContents(error) });
}

function withoutContents(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
  return new Error(`${error.name} (${code})`);
}
