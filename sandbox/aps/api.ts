import { STATUS_CODES } from 'node:http';
import type { Answer } from './answer.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { ApiContext, ApiServices } from './api-context.ts';
import { requireToken } from './bearer.ts';
import { bearerRefused, gatewayError, methodRefused, pathUnknown, scopeMissing } from './errors.ts';
import { parseQuery } from './query.ts';
import type { RateLimiter } from './rate-limits.ts';
import { readBody } from './read-body.ts';
import { type ApiRequest, decodeParams, type Route, type Router } from './router.ts';
import type { IssuedToken, TokenIssuer } from './token-issuer.ts';

export interface ApiParts extends ApiServices {
  router: Router;
  issuer: TokenIssuer;
  limiter: RateLimiter;
  cache: AnswerCache;
}

const TOO_LARGE = 413;
const FIRST_REFUSAL_STATUS = 400;

/**
 * Answers one API request, in the live order: unknown path 404, wrong method 405, token 401, scope 403, quota 429, then
 * the kind of token, provisioning, body and resource. Throws `Refusal`.
 */
export async function answerApi(request: ApiRequest, parts: ApiParts): Promise<Answer> {
  const { method, path, url, incoming } = request;
  const match = parts.router.match(method, path);
  if (match === undefined) throw pathUnknown();
  if (!('route' in match)) throw methodRefused(match.allowed.join(', '));
  const { route } = match;
  const { headers } = incoming;
  const token = checkToken(route, headers.authorization, parts.issuer);
  const budget = route.budget ?? `${method} ${route.pattern.join('/')}`;
  // S3 counts for itself, and nobody published how.
  if (token) parts.limiter.count(`${token.clientId} ${budget}`, route.perMinute, parts.switches.rate_limits);
  if (route.token === 'app' && token?.userId !== undefined) throw route.style.userTokenRefused();
  if (route.needsProvisioning && !parts.switches.provisioned) throw route.style.notProvisioned();

  // Of a person's token the header says nothing: the token says whose it is.
  const named = headers['x-user-id'];
  const hasUser = token?.userId !== undefined || (typeof named === 'string' && named !== '');
  const cacheKey = `${token?.userId ?? ''} ${hasUser ? 'user' : 'app'} ${url}`;
  const cacheable = route.cached && headers['if-modified-since'] === undefined;
  const known = cacheable ? parts.cache.get(cacheKey) : undefined;
  if (known !== undefined) return known;

  const { world, links, switches, now, accounts, webhooks, oss } = parts;
  const context: ApiContext = {
    world,
    links,
    switches,
    now,
    accounts,
    webhooks,
    oss,
    method: route.method,
    params: decodeParams(match),
    query: parseQuery(url.slice(path.length + 1)),
    headers,
    body: route.body === 'json' ? await readJson(route, request) : undefined,
    incoming,
    clientId: token?.clientId ?? '',
    tokenUserId: token?.userId,
    self: links.origin + url,
    path: links.origin + path,
    hasUser,
  };
  const answer = await route.handle(context);
  if (cacheable) parts.cache.set(cacheKey, answer);
  if (method !== 'GET' && answer.status < FIRST_REFUSAL_STATUS) parts.cache.clear();
  return answer;
}

function checkToken(route: Route, authorization: string | undefined, issuer: TokenIssuer): IssuedToken | undefined {
  if (route.token === 'none') {
    if (authorization !== undefined) throw bearerRefused();
    return undefined;
  }
  const token = requireToken(authorization, issuer);
  if (!route.scopes.every((scope) => covers(token, scope))) throw scopeMissing();
  return token;
}

/** `data:read:<URN>` narrows `data:read` to one object; the sandbox lets it read everything. */
function covers(token: IssuedToken, scope: string): boolean {
  if (token.scopes.has(scope)) return true;
  return scope === 'data:read' && [...token.scopes].some((one) => one.startsWith('data:read:urn:'));
}

/** Nothing for an empty body, so that a route says itself which field it misses. */
async function readJson(route: Route, request: ApiRequest): Promise<unknown> {
  const text = await readBody(request.incoming, route.maxBodyBytes);
  if (text === undefined) throw gatewayError(TOO_LARGE, STATUS_CODES[TOO_LARGE] ?? '');
  if (text === '') return undefined;
  const type = request.incoming.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && !type.endsWith('+json')) {
    const refused = route.style.contentTypeRefused ?? route.style.malformedBody;
    throw refused(`content type ${type === '' ? 'missing' : type}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw route.style.malformedBody('it is not JSON');
  }
}
