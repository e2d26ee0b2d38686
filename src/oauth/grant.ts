import type { Authentication } from '../connector/connector.ts';
import type { Secret } from '../secret.ts';

/** An app at the provider, as a connector profile has it. */
export interface OAuthClient {
  profileId: string;
  /** Grows when the client credentials change. */
  profileGeneration: number;
  /** Empty where the accounts bring keys: there is no client. */
  clientId: string;
  /** Null for a public client. */
  clientSecret: Secret | null;
  authentication: Authentication;
  allowedOrigins: ReadonlySet<string>;
}

/** What a token endpoint gave for a person's consent, or for its refresh token. */
export interface ObtainedGrant {
  accessToken: Secret;
  /** Null where the provider gave none. */
  refreshToken: Secret | null;
  /**
   * Until when the access token may be used, a safety margin already taken off; milliseconds since the epoch. `NEVER` makes
   * it a key.
   */
  accessExpiresAt: number;
  /** Until when the refresh token lasts as far as known. */
  refreshExpiresAt: number | null;
  obtainedAt: number;
  /** What was really granted, or null where neither the answer, the token nor introspection says. */
  scopes: string[] | null;
}

/**
 * When keys expire: they are good until the provider refuses them, and nothing could renew them. Tokens of OAuth always have a
 * time, known or assumed.
 */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** The grant that a key is (an API key, a personal access token), brought now. `scopes`: what it may do, where that is known. */
export function grantOfKey(key: Secret, now: number, scopes: string[] | null): ObtainedGrant {
  return {
    accessToken: key,
    refreshToken: null,
    accessExpiresAt: NEVER,
    refreshExpiresAt: null,
    obtainedAt: now,
    scopes,
  };
}

/** Why a grant is of no use any more; a person must link the account again. */
export type GrantDeath =
  /** The provider refused the refresh token: used up, revoked, expired. */
  | 'grant_refused'
  /** The refresh token's time was over before it was used. */
  | 'grant_expired'
  /** The access token expired and there was no refresh token. */
  | 'no_refresh_token'
  /** A refresh was cut off after it was sent, and the provider refuses the old token since. */
  | 'refresh_uncertain'
  /** The provider refused the key. */
  | 'key_refused'
  /** The sealed grant cannot be opened. */
  | 'grant_unreadable';

/** What may be shown of a grant: never a token. Times in ISO 8601. */
export interface GrantView {
  generation: number;
  obtained_at: string;
  /** Null of a key, which has no end that is known. */
  access_expires_in_s: number | null;
  refreshable: boolean;
  refresh_expires_in_s: number | null;
  scopes: string[] | null;
  /** Undefined while it lives. */
  dead?: GrantDeath;
}
