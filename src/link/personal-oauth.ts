import type { Identity } from '../domain/account.ts';
import type { OAuthClient, ObtainedGrant } from '../oauth/grant.ts';
import type { Secret } from '../secret.ts';

/** What the link flow needs of OAuth (RFC 6749 §4.1 with RFC 7636). */
export interface PersonalOAuth {
  /** Where the person consents. */
  authorizationUrl(
    client: OAuthClient,
    request: { redirectUri: string; scopes: readonly string[]; state: Secret; codeChallenge: string },
  ): URL;
  /** Rejects with `token_*` problems, `deadline_exceeded` and `authorization_refused`. */
  exchangeCode(
    client: OAuthClient,
    request: { code: Secret; redirectUri: string; codeVerifier: Secret; deadlineAt: number },
  ): Promise<ObtainedGrant>;
  /** Who consented; null where the provider does not say. */
  fetchIdentity(client: OAuthClient, accessToken: Secret, deadlineAt: number): Promise<Identity | null>;
  /** Ends a grant that is not to be kept; never rejects. */
  revoke(client: OAuthClient, grant: ObtainedGrant): Promise<void>;
}
