import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, jsonAnswer } from './answer.ts';
import type { SandboxApp } from './defaults.ts';
import { type AppRegistry, sameText } from './oauth-apps.ts';
import { authenticateClient, readForm, refuseRepeated } from './oauth-client-authentication.ts';
import {
  invalidGrant,
  invalidRequest,
  missingParameter,
  NO_STORE,
  OAUTH_JSON,
  unauthorizedClient,
} from './oauth-errors.ts';
import type { Consent, GrantStore } from './oauth-grants.ts';
import { narrowScopes, readScopes } from './oauth-scopes.ts';
import { checkAssertion, type ServiceAccounts } from './oauth-service-accounts.ts';
import type { Person } from './sandbox-people.ts';
import type { Switches } from './switches.ts';
import type { TokenIssuer, TokenOwner } from './token-issuer.ts';

export interface TokenParts {
  apps: AppRegistry;
  grants: GrantStore;
  serviceAccounts: ServiceAccounts;
  issuer: TokenIssuer;
  person(userId: string): Person;
  now: () => number;
}

/** RFC 7636 §4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

type Grant = (form: URLSearchParams, app: SandboxApp, parts: TokenParts, switches: Switches) => Promise<Answer>;

const GRANTS: ReadonlyMap<string, Grant> = new Map([
  ['client_credentials', clientCredentials],
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer', jwtBearer],
]);

/** `POST /authentication/v2/token`. Throws `OauthRefusal`. */
export async function answerToken(
  request: { headers: IncomingHttpHeaders; body: string },
  parts: TokenParts,
  switches: Switches,
): Promise<Answer> {
  const form = readForm(request.headers, request.body);
  refuseRepeated(form);
  const app = authenticateClient(request.headers, form, parts.apps);
  const grant = GRANTS.get(form.get('grant_type') ?? '');
  if (grant === undefined) throw invalidRequest("The token request must specify a valid 'grant_type'.");
  return grant(form, app, parts, switches);
}

/** The `grant_type` of a token request, as far as it says one. */
export function grantTypeOf(headers: IncomingHttpHeaders, body: string): string | undefined {
  return readForm(headers, body).get('grant_type') ?? undefined;
}

async function clientCredentials(form: URLSearchParams, app: SandboxApp, parts: TokenParts, switches: Switches) {
  if (app.clientSecret === undefined) throw unauthorizedClient();
  const scopes = readScopes(form.get('scope'), app);
  if (scopes.length === 0) throw missingParameter('scope');
  return tokenAnswer(parts, switches, { clientId: app.clientId }, scopes);
}

/** A request that fails leaves the code as it was: whether the real service uses it up then is not documented. */
async function authorizationCode(form: URLSearchParams, app: SandboxApp, parts: TokenParts, switches: Switches) {
  const code = required(form, 'code');
  const redirectUri = required(form, 'redirect_uri');
  const consent = parts.grants.openCode(code, app.clientId);
  if (!sameText(consent.redirectUri, redirectUri)) throw invalidGrant("The 'redirect_uri' is invalid.");
  checkVerifier(consent, form.get('code_verifier'));
  const { family, refreshToken } = parts.grants.redeemCode(code, consent, switches.refresh_token_life_s);
  const owner = { clientId: app.clientId, userId: family.userId, familyId: family.id };
  const idToken = consent.scopes.includes('openid') ? await signIdToken(consent, parts, switches) : undefined;
  return tokenAnswer(parts, switches, owner, family.scopes, {
    refresh_token: refreshToken,
    ...(idToken === undefined ? {} : { id_token: idToken }),
  });
}

/** A verifier where no challenge was is a downgrade (RFC 9700 §4.8.2). */
function checkVerifier(consent: Consent, verifier: string | null): void {
  if (consent.codeChallenge === undefined) {
    if (verifier !== null) throw invalidGrant('PKCE verification failed.');
    return;
  }
  if (verifier === null || verifier === '') throw missingParameter('code_verifier');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (!VERIFIER.test(verifier) || !sameText(consent.codeChallenge, challenge)) {
    throw invalidGrant('PKCE verification failed.');
  }
}

/** The scope of a request narrows the access token alone; the next refresh has all that was granted again. */
async function refreshToken(form: URLSearchParams, app: SandboxApp, parts: TokenParts, switches: Switches) {
  const token = required(form, 'refresh_token');
  const family = parts.grants.openRefreshToken(token, app);
  const scopes = narrowScopes(form.get('scope'), family.scopes);
  const next = parts.grants.rotate(family, token, {
    lifeS: switches.refresh_token_life_s,
    keep: switches.refresh_without_rotation,
  });
  const owner = { clientId: app.clientId, userId: family.userId, familyId: family.id };
  return tokenAnswer(parts, switches, owner, scopes, { refresh_token: next });
}

/** For apps with a secret only; a token of the service account, and no refresh token. */
async function jwtBearer(form: URLSearchParams, app: SandboxApp, parts: TokenParts, switches: Switches) {
  if (app.clientSecret === undefined) throw unauthorizedClient();
  const assertion = required(form, 'assertion');
  const { account, scopes } = await checkAssertion(assertion, app, parts.serviceAccounts, parts.now);
  const granted = readScopes(scopes.join(' '), app);
  const wanted = narrowScopes(form.get('scope'), granted);
  return tokenAnswer(parts, switches, { clientId: app.clientId, userId: account.id }, wanted);
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw missingParameter(name);
  return value;
}

/** There is no `scope` member: the access token's claim is what says what was granted. */
async function tokenAnswer(
  parts: TokenParts,
  switches: Switches,
  owner: TokenOwner,
  scopes: readonly string[],
  more: Record<string, string> = {},
): Promise<Answer> {
  const lifetime = switches.expires_in;
  const token = await parts.issuer.issue(owner, scopes, lifetime);
  const body = { access_token: token, token_type: 'Bearer', expires_in: lifetime, ...more };
  return jsonAnswer(200, body, OAUTH_JSON, { ...NO_STORE });
}

/** Claims beyond those of OpenID Connect are named as the guide on ID tokens names them. */
function signIdToken(consent: Consent, parts: TokenParts, switches: Switches): Promise<string> {
  const { clientId, userId, nonce } = consent;
  const { givenName, familyName, userName, email } = parts.person(userId);
  const claims = {
    sub: userId,
    aud: clientId,
    ...(nonce === undefined ? {} : { nonce }),
    userid: userId,
    first_name: givenName,
    last_name: familyName,
    user_name: userName,
    user_email: email,
  };
  return parts.issuer.signClaims(claims, switches.expires_in);
}
