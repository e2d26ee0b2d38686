import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import type { AppRegistry } from './oauth-apps.ts';
import { authenticateClient, readForm, refuseRepeated } from './oauth-client-authentication.ts';
import { invalidRequest, missingParameter, NO_STORE, OAUTH_JSON } from './oauth-errors.ts';
import type { GrantStore } from './oauth-grants.ts';
import type { TokenIssuer } from './token-issuer.ts';

interface Parts {
  apps: AppRegistry;
  grants: GrantStore;
  issuer: TokenIssuer;
}

interface FormRequest {
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * `POST /authentication/v2/introspect`: `{active, scope, client_id, exp, userid?}`, and `{active: false}` for what is over,
 * unknown or another app's. Throws `OauthRefusal`.
 */
export function introspect(request: FormRequest, parts: Parts): Answer {
  const { clientId, token } = readTokenForm(request, parts);
  const about = aliveToken(token, parts);
  if (about === undefined || about.clientId !== clientId) return informationAnswer({ active: false });
  return informationAnswer({
    active: true,
    scope: [...about.scopes].join(' '),
    client_id: about.clientId,
    exp: Math.floor(about.expiresAt / 1000),
    ...(about.userId === undefined ? {} : { userid: about.userId }),
  });
}

/**
 * `POST /authentication/v2/revoke`: 200 without a body, whether there was something to revoke or not. A refresh token takes
 * the whole consent with it, also one that was replaced. The hint is required, as the reference says. Throws `OauthRefusal`.
 */
export function revoke(request: FormRequest, parts: Parts): Answer {
  const { clientId, token, form } = readTokenForm(request, parts);
  const hint = form.get('token_type_hint');
  if (hint === null) throw missingParameter('token_type_hint');
  if (hint !== 'access_token' && hint !== 'refresh_token') throw invalidRequest("The 'token_type_hint' is invalid.");
  const refresh = parts.grants.peek(token);
  if (refresh?.family.clientId === clientId) parts.grants.end(refresh.family, 'revoked');
  if (parts.issuer.verify(token)?.clientId === clientId) parts.issuer.revoke(token);
  return emptyAnswer(200, { ...NO_STORE });
}

function readTokenForm(request: FormRequest, parts: Parts) {
  const form = readForm(request.headers, request.body);
  refuseRepeated(form);
  const { clientId } = authenticateClient(request.headers, form, parts.apps);
  const token = form.get('token');
  if (token === null || token === '') throw missingParameter('token');
  return { clientId, token, form };
}

function aliveToken(token: string, { issuer, grants }: Parts) {
  const access = issuer.verify(token);
  if (access !== undefined) return access;
  const refresh = grants.peek(token);
  if (refresh?.current !== true) return undefined;
  const { clientId, userId, scopes, refreshExpiresAt } = refresh.family;
  return { clientId, userId, scopes, expiresAt: refreshExpiresAt };
}

function informationAnswer(body: object): Answer {
  return jsonAnswer(200, body, OAUTH_JSON, { ...NO_STORE });
}
