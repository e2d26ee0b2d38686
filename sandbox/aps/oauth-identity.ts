import { type Answer, jsonAnswer } from './answer.ts';
import { KNOWN_SCOPES } from './defaults.ts';
import { gatewayError, scopeMissing } from './errors.ts';
import {
  AUTHORIZE_PATH,
  INTROSPECT_PATH,
  KEYS_PATH,
  REVOKE_PATH,
  TOKEN_PATH,
  USERINFO_PATH,
  USERPROFILE_ORIGIN,
} from './oauth-paths.ts';
import type { Person } from './sandbox-people.ts';
import { ISSUER, type IssuedToken } from './token-issuer.ts';

/**
 * `GET /userinfo`, members as in the OpenAPI example without address, phone and pictures. 403 for an app's own token and
 * without `openid` or `user-profile:read`; how the real service words these is not documented.
 */
export function answerUserinfo(token: IssuedToken, find: (userId: string) => Person): Answer {
  if (token.userId === undefined) {
    throw gatewayError(403, 'This resource supports three-legged authentication only.', 'AUTH-010');
  }
  if (!token.scopes.has('openid') && !token.scopes.has('user-profile:read')) throw scopeMissing();
  const { id, name, givenName, familyName, userName, email, updatedAt } = find(token.userId);
  const body = {
    sub: id,
    name,
    given_name: givenName,
    family_name: familyName,
    preferred_username: userName,
    email,
    email_verified: true,
    profile: `https://profile.autodesk.com/${encodeURIComponent(id)}`,
    locale: 'en-US',
    ...(updatedAt === undefined ? {} : { updated_at: Math.floor(Date.parse(updatedAt) / 1000) }),
    is_2fa_enabled: false,
    country_code: 'US',
    language: 'en',
    eidm_guid: id,
    opt_in: false,
  };
  return jsonAnswer(200, body, 'application/json');
}

/**
 * `GET /.well-known/openid-configuration`, with the real service's addresses: they are what tokens say as `iss`, and clients
 * get from there to the sandbox in the way they get there for everything else.
 */
export function discoveryAnswer(): Answer {
  const at = (path: string) => `${ISSUER}${path}`;
  const body = {
    issuer: ISSUER,
    authorization_endpoint: at(AUTHORIZE_PATH),
    token_endpoint: at(TOKEN_PATH),
    userinfo_endpoint: `${USERPROFILE_ORIGIN}${USERINFO_PATH}`,
    jwks_uri: at(KEYS_PATH),
    revocation_endpoint: at(REVOKE_PATH),
    introspection_endpoint: at(INTROSPECT_PATH),
    scopes_supported: [...KNOWN_SCOPES].filter((scope) => !scope.startsWith('application:')),
    response_types_supported: ['code'],
    response_modes_supported: ['fragment', 'query'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
  return jsonAnswer(200, body, 'application/json');
}
