import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, jsonAnswer } from './answer.ts';
import { KNOWN_SCOPES, type SandboxApp } from './defaults.ts';
import { gatewayError } from './errors.ts';
import type { Switches } from './switches.ts';
import type { TokenIssuer } from './token-issuer.ts';

export const TOKEN_PATH = '/authentication/v2/token';

/** Limits of the `scope` parameter, from the reference page. */
const MAX_SCOPES = 50;
const MAX_SCOPE_CHARACTERS = 3000;
const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' } as const;

interface TokenError {
  status: number;
  error: string;
  description: string;
  /** Of the gateway shape; AUTH-001 is from pasted answers, AUTH-003 and AUTH-008 are remembered from the v1 endpoint. */
  gatewayCode: string;
}

const invalid = (description: string): TokenError => ({
  status: 400,
  error: 'invalid_request',
  description,
  gatewayCode: 'AUTH-008',
});
const noCredentials: TokenError = {
  status: 401,
  error: 'invalid_client',
  description: 'No client credentials found.',
  gatewayCode: 'AUTH-003',
};
const wrongCredentials: TokenError = {
  status: 401,
  error: 'invalid_client',
  description: 'The client credentials are invalid.',
  gatewayCode: 'AUTH-003',
};
const invalidScope: TokenError = {
  status: 400,
  error: 'invalid_scope',
  description: 'The requested scope is invalid, unknown, malformed or exceeds the scope granted by the resource owner.',
  gatewayCode: 'AUTH-008',
};

/**
 * POST /authentication/v2/token, `client_credentials` only. The descriptions are the reference page's; the body around
 * them is not documented, hence the switch `token_error_shape`.
 */
export async function answerToken(
  request: { headers: IncomingHttpHeaders; body: string },
  parts: { apps: readonly SandboxApp[]; issuer: TokenIssuer; switches: Switches },
): Promise<Answer> {
  const checked = checkTokenRequest(request.headers, request.body, parts.apps);
  if ('error' in checked) return errorAnswer(checked, parts.switches);
  const lifetime = parts.switches.expires_in;
  const token = await parts.issuer.issue(checked.app.clientId, checked.scopes, lifetime);
  const body = { access_token: token, token_type: 'Bearer', expires_in: lifetime };
  return jsonAnswer(200, body, 'application/json; charset=utf-8', { ...NO_STORE });
}

function checkTokenRequest(
  headers: IncomingHttpHeaders,
  body: string,
  apps: readonly SandboxApp[],
): { app: SandboxApp; scopes: string[] } | TokenError {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  // A body of another type is not read as a form, so the first thing that is missed is its grant type.
  const form = new URLSearchParams(type === 'application/x-www-form-urlencoded' ? body : '');
  const repeated = [...form.keys()].find((name) => form.getAll(name).length > 1);
  if (repeated !== undefined) return invalid(`The parameter '${repeated}' must not be repeated.`);

  const credentials = readCredentials(headers.authorization, form);
  if ('error' in credentials) return credentials;
  if (form.get('grant_type') !== 'client_credentials') {
    return invalid("The token request must specify a valid 'grant_type'.");
  }
  const app = apps.find((one) => credentials.accepts(one));
  if (app === undefined) return wrongCredentials;

  const scope = form.get('scope') ?? '';
  const scopes = [...new Set(scope.split(' ').filter((one) => one !== ''))];
  if (scopes.length === 0) return invalid("The request is missing a required parameter 'scope'.");
  if (scopes.length > MAX_SCOPES || scope.length > MAX_SCOPE_CHARACTERS) return invalidScope;
  const allowed = app.allowedScopes;
  const known = scopes.every((one) => KNOWN_SCOPES.has(one) || one.startsWith('data:read:urn:'));
  if (!known || (allowed !== undefined && !scopes.every((one) => allowed.includes(one)))) return invalidScope;
  return { app, scopes };
}

interface Credentials {
  accepts(app: SandboxApp): boolean;
}

function readCredentials(authorization: string | undefined, form: URLSearchParams): Credentials | TokenError {
  const bodyId = form.get('client_id');
  const bodySecret = form.get('client_secret');
  if (authorization === undefined) {
    if (bodyId === null || bodySecret === null) return noCredentials;
    return { accepts: (app) => same(app.clientId, bodyId) && same(app.clientSecret, bodySecret) };
  }
  if (bodyId !== null || bodySecret !== null) {
    return invalid("The 'client_id' is not supported in the request body when Authorization headers are present.");
  }
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1];
  const [id, secret] = splitOnce(Buffer.from(encoded ?? '', 'base64').toString('utf8'), ':');
  if (encoded === undefined || secret === undefined) return noCredentials;
  // RFC 6749 form-encodes both halves and the provider's guide does not; its own ids have no character that differs.
  return {
    accepts: (app) =>
      (same(app.clientId, id) && same(app.clientSecret, secret)) ||
      (same(app.clientId, formDecode(id)) && same(app.clientSecret, formDecode(secret))),
  };
}

function errorAnswer(error: TokenError, switches: Switches): Answer {
  if (switches.token_error_shape === 'gateway') {
    return gatewayError(error.status, error.description, error.gatewayCode, { ...NO_STORE }).answer;
  }
  const body = { error: error.error, error_description: error.description };
  return jsonAnswer(error.status, body, 'application/json; charset=utf-8', { ...NO_STORE });
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function formDecode(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? '';
}

function same(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}
