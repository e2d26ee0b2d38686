import type { GrantDeath, GrantView, OAuthClient, ObtainedGrant } from './grant.ts';
import type { AccessToken } from './token-cache.ts';

export interface UserTokenRequest {
  project: string;
  account: string;
  client: OAuthClient;
  /** How long this caller waits; milliseconds since the epoch. */
  deadlineAt: number;
  signal?: AbortSignal;
}

/** Keeps the grants that people gave. A token that was given is never dropped: persisted first, then used. */
export interface Grants {
  /**
   * A valid access token of the account's grant: from memory without any I/O when there is one, else refreshed by one request
   * however many callers and processes ask. `newerThan` is the generation of a token that the provider has just refused.
   * A key is given as it is; with `newerThan` the one that replaced it, and where none did, it is dead.
   *
   * Rejects with `account_reauth_required` (the grant is dead; the account is marked), `token_*` and
   * `token_endpoint_unavailable` (repeat later, nothing is lost), `credential_rejected` (cooldown after a forced refresh),
   * `store_unavailable`, `deadline_exceeded`, `shutting_down`, and with the signal's reason.
   */
  userToken(request: UserTokenRequest, options?: { newerThan?: number }): Promise<AccessToken>;
  /** Makes what a link brought the account's grant, over any earlier one. Resolves when it is durable. */
  install(project: string, account: string, client: OAuthClient, grant: ObtainedGrant): Promise<void>;
  /** Refreshes now, whatever the time left. Same rejections as {@link userToken}, and `grant_absent` for a key. */
  refreshNow(request: UserTokenRequest): Promise<GrantView>;
  /** Undefined when the account has no grant. */
  inspect(project: string, account: string): Promise<GrantView | undefined>;
  /**
   * Ends the account's grant for good: a tombstone first, so that a refresh under way cannot bring it back, then revocation at
   * the provider. Never rejects for the provider's sake; tells what became of it there.
   */
  remove(
    project: string,
    account: string,
    client: OAuthClient | undefined,
  ): Promise<{ revoked: 'revoked' | 'failed' | 'not_supported' | 'nothing' }>;
  /** Writes what the journal holds to the store; call at start. Resolves with the number of grants saved. */
  replayJournal(): Promise<number>;
  /** Starts no more refreshes; resolves when those under way are over (at most 10 s) and the journal is flushed. */
  close(): Promise<void>;
}

/**
 * Told after every refresh what the grant's scopes are, where that is known: also when they are what they were, so that what
 * was missed once is made up for. Gives whether the account had others.
 */
export type OnScopes = (project: string, account: string, scopes: string[]) => Promise<boolean>;

/** Told when a grant is found dead, before any caller is; must be idempotent. */
export type OnGrantDead = (project: string, account: string, death: GrantDeath) => Promise<void>;
