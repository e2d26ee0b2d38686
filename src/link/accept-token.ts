import type { Clock } from '../clock.ts';
import type { Identity } from '../domain/account.ts';
import type { OAuthClient, ObtainedGrant } from '../oauth/grant.ts';
import { grantedScopes } from '../oauth/granted-scopes.ts';
import { fetchIdentity } from '../oauth/identity.ts';
import { introspect } from '../oauth/introspection.ts';
import { expiryOf } from '../oauth/token-lifetime.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';

/** A token that somebody obtained elsewhere. */
export interface ProvidedToken {
  accessToken: Secret;
  refreshToken: Secret | null;
  /** As its owner says; what the provider says counts when it is less. */
  expiresInS: number | undefined;
}

/** Both requests together; somebody waits for the answer. */
const DEADLINE_MS = 15_000;
const SECOND_MS = 1_000;

/**
 * Asks the provider about a token before it is believed (RFC 7662). Rejects with `credential_inactive` when the provider does
 * not call it active or says that it is another client's, and as `introspect` and `fetchIdentity` do.
 */
export async function acceptToken(
  deps: { door: Door; clock: Clock },
  client: OAuthClient,
  { accessToken, refreshToken, expiresInS }: ProvidedToken,
): Promise<{ grant: ObtainedGrant; identity: Identity | null }> {
  const now = deps.clock.now();
  const limits = { deadlineAt: now + DEADLINE_MS };
  const { active, scopes, clientId, expiresAt } = await introspect(deps, client, accessToken, limits);
  if (!active) throw new Problem('credential_inactive', 'The provider says that the access token is not active.');
  // RFC 7662 §2.2: the answer may be about any client's token. One of another client could never be refreshed.
  if (clientId !== null && clientId !== client.clientId)
    throw new Problem('credential_inactive', 'The access token was given to another client id.');
  const identity = await fetchIdentity(deps, client, accessToken, limits);
  const lifetimes = [expiresInS, expiresAt === null ? undefined : (expiresAt - now) / SECOND_MS];
  const known = lifetimes.filter((lifetime) => lifetime !== undefined);
  const { refreshTokenLifeMs } = client.authentication;
  return {
    identity,
    grant: {
      accessToken,
      refreshToken,
      accessExpiresAt: expiryOf(known.length > 0 ? Math.min(...known) : undefined, now),
      // How old the refresh token is, nobody knows; at best it is new.
      refreshExpiresAt: refreshToken && refreshTokenLifeMs !== undefined ? now + refreshTokenLifeMs : null,
      obtainedAt: now,
      scopes: await grantedScopes(
        client.authentication,
        { scopes: scopes ?? undefined },
        accessToken,
        async () => null,
      ),
    },
  };
}
