import type { SandboxApp } from './defaults.ts';
import { type AppRegistry, acceptsRedirect } from './oauth-apps.ts';
import { OauthRefusal } from './oauth-errors.ts';
import type { GrantStore } from './oauth-grants.ts';
import { isSubset, readScopes } from './oauth-scopes.ts';

/** An authorization request in order, about which a person has to decide. */
export interface AuthorizationRequest {
  app: SandboxApp;
  redirectUri: string;
  scopes: readonly string[];
  state: string | undefined;
  nonce: string | undefined;
  codeChallenge: string | undefined;
  responseMode: 'query' | 'fragment';
}

export type Decision = { userId: string; scopes: readonly string[] } | 'denied';

/** Thrown where the app and its callback cannot be trusted: told to the person, never sent to the callback. */
export class AuthorizationPageError extends Error {}

/** The reference page's limit, lower than that of the token endpoint. */
const MAX_SCOPE_CHARACTERS = 2000;
/** "Alphanumeric characters, commas, periods, underscores, and hyphens" (reference page). */
const STATE = /^[A-Za-z0-9,._-]*$/;
/** base64url of a SHA-256. */
const CODE_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Checks what a browser brought to `/authentication/v2/authorize`. What is wrong behind a good callback address is the
 * redirect that tells the app (RFC 6749 §4.1.2.1); before that, `AuthorizationPageError` is thrown.
 */
export function checkAuthorization(
  query: URLSearchParams,
  apps: AppRegistry,
): AuthorizationRequest | { redirect: string } {
  for (const name of ['client_id', 'redirect_uri']) {
    const given = query.getAll(name);
    if (given.length !== 1 || given[0] === '') throw new AuthorizationPageError(`${name} is required, once.`);
  }
  const app = apps.find(query.get('client_id') ?? '');
  if (app === undefined) throw new AuthorizationPageError('The app that sent you here is unknown.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!acceptsRedirect(app, redirectUri)) {
    throw new AuthorizationPageError('The redirect_uri is none of the callback addresses of the app.');
  }
  const responseMode = query.get('response_mode') === 'fragment' ? 'fragment' : 'query';
  const state = query.getAll('state').length === 1 ? (query.get('state') ?? undefined) : undefined;
  try {
    return { app, redirectUri, responseMode, state, ...checkParameters(query, app) };
  } catch (error) {
    if (!(error instanceof OauthRefusal)) throw error;
    const fields = { error: error.error, error_description: error.message, state };
    return { redirect: redirectWith({ redirectUri, responseMode }, fields) };
  }
}

function checkParameters(
  query: URLSearchParams,
  app: SandboxApp,
): Pick<AuthorizationRequest, 'scopes' | 'nonce' | 'codeChallenge'> {
  const refuse = (error: string, description: string) => new OauthRefusal(400, error, description, 'AUTH-008');
  const repeated = [...query.keys()].find((name) => query.getAll(name).length > 1);
  if (repeated !== undefined) throw refuse('invalid_request', `The parameter '${repeated}' must not be repeated.`);
  if (query.get('response_type') !== 'code') {
    throw refuse('unsupported_response_type', "The 'response_type' is not supported.");
  }
  const mode = query.get('response_mode') ?? 'query';
  if (mode !== 'query' && mode !== 'fragment') {
    throw refuse('invalid_request', "The 'response_mode' is not supported.");
  }
  if (!STATE.test(query.get('state') ?? '')) throw refuse('invalid_request', "The 'state' is invalid.");
  const scopes = readScopes(query.get('scope'), app, MAX_SCOPE_CHARACTERS);
  if (scopes.length === 0) throw refuse('invalid_scope', "The request is missing a required parameter 'scope'.");
  const codeChallenge = query.get('code_challenge') ?? undefined;
  const method = query.get('code_challenge_method') ?? undefined;
  if (codeChallenge === undefined && (app.clientSecret === undefined || method !== undefined)) {
    throw refuse('invalid_request', "The request is missing a required parameter 'code_challenge'.");
  }
  if (codeChallenge !== undefined && (method !== 'S256' || !CODE_CHALLENGE.test(codeChallenge))) {
    throw refuse('invalid_request', "The 'code_challenge_method' must be S256, and the 'code_challenge' one of it.");
  }
  return { scopes, codeChallenge, nonce: query.get('nonce') ?? undefined };
}

/**
 * Where the browser goes with the person's decision. Granting nothing is denying. Throws `AuthorizationPageError` when more
 * is granted than was asked for.
 */
export function decide(request: AuthorizationRequest, decision: Decision, grants: GrantStore): string {
  const { state } = request;
  if (decision === 'denied' || decision.scopes.length === 0) {
    const description = 'The resource owner denied the request.';
    return redirectWith(request, { error: 'access_denied', error_description: description, state });
  }
  if (!isSubset(decision.scopes, request.scopes)) {
    throw new AuthorizationPageError('More scopes were granted than the app asked for.');
  }
  const code = grants.addCode({
    clientId: request.app.clientId,
    redirectUri: request.redirectUri,
    userId: decision.userId,
    scopes: request.scopes.filter((one) => decision.scopes.includes(one)),
    codeChallenge: request.codeChallenge,
    nonce: request.nonce,
  });
  return redirectWith(request, { code, state });
}

/** The callback's own query stays (RFC 6749 §3.1.2). */
function redirectWith(
  to: Pick<AuthorizationRequest, 'redirectUri' | 'responseMode'>,
  fields: Record<string, string | undefined>,
): string {
  const url = new URL(to.redirectUri);
  const added = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) added.set(name, value);
  if (to.responseMode === 'fragment') url.hash = added.toString();
  else url.search = [url.search.slice(1), added.toString()].filter((one) => one !== '').join('&');
  return url.toString();
}
