import type { Clock } from '../clock.ts';
import { authorizationUrl, exchangeCode } from '../oauth/code-exchange.ts';
import { fetchIdentity } from '../oauth/identity.ts';
import { revoke } from '../oauth/revocation.ts';
import { Problem } from '../problems.ts';
import type { Door } from '../upstream/types.ts';
import type { PersonalOAuth } from './personal-oauth.ts';

/** Told what could not be revoked; never a token. */
export interface RevocationLogger {
  warn(details: object, message: string): void;
}

/** The real providers, through the door. */
export function createProviderOAuth(deps: { door: Door; clock: Clock; logger: RevocationLogger }): PersonalOAuth {
  return {
    authorizationUrl,
    exchangeCode: (client, request) => exchangeCode(deps, client, request),
    fetchIdentity: (client, accessToken, deadlineAt) => fetchIdentity(deps, client, accessToken, { deadlineAt }),
    async revoke(client, { refreshToken, accessToken }) {
      try {
        // With its refresh token, a provider ends the whole grant (RFC 7009 §2.1).
        if (refreshToken) await revoke(deps, client, { token: refreshToken, kind: 'refresh_token' });
        await revoke(deps, client, { token: accessToken, kind: 'access_token' });
      } catch (error) {
        const code = error instanceof Problem ? error.code : 'internal';
        deps.logger.warn({ profile: client.profileId, code }, 'a grant that was not kept could not be revoked');
      }
    },
  };
}
