import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';
import type { AnswerCache } from './answer-cache.ts';
import { methodRefused, notProvisioned, pathUnknown, scopeMissing, tokenInvalid, tokenMissing } from './errors.ts';
import type { Links } from './links.ts';
import { parseQuery } from './query.ts';
import type { RateLimiter } from './rate-limits.ts';
import { decodeParams, matchRoute } from './router.ts';
import type { Switches } from './switches.ts';
import type { IssuedToken, TokenIssuer } from './token-issuer.ts';
import type { World } from './world.ts';

export interface ApiParts {
  world: World;
  links: Links;
  issuer: TokenIssuer;
  limiter: RateLimiter;
  cache: AnswerCache;
  switches: Switches;
}

/**
 * Answers one API request, in the live order: unknown path 404, wrong method 405, token 401, scope 403, quota 429, then
 * the resource. Throws `Refusal`.
 */
export function answerApi(
  request: { method: string; url: string; path: string; headers: IncomingHttpHeaders },
  parts: ApiParts,
): Answer {
  const match = matchRoute(request.path);
  if (match === undefined) throw pathUnknown();
  if (request.method !== 'GET') throw methodRefused('GET');
  const { route } = match;
  const token = requireToken(request.headers.authorization, parts.issuer);
  if (!route.scopes.every((scope) => covers(token, scope))) throw scopeMissing();
  parts.limiter.count(`${token.clientId} ${route.pattern.join('/')}`, route.perMinute, parts.switches.rate_limits);
  if (route.needsProvisioning && !parts.switches.provisioned) throw notProvisioned();

  const user = request.headers['x-user-id'];
  const hasUser = typeof user === 'string' && user !== '';
  const cacheKey = `${hasUser ? 'user' : 'app'} ${request.url}`;
  const cacheable = request.headers['if-modified-since'] === undefined;
  const known = cacheable ? parts.cache.get(cacheKey) : undefined;
  if (known !== undefined) return known;

  const { world, links, switches } = parts;
  const query = parseQuery(request.url.slice(request.path.length + 1));
  const context = {
    world,
    links,
    switches,
    params: decodeParams(match),
    query,
    headers: request.headers,
    self: links.origin + request.url,
    path: links.origin + request.path,
    hasUser,
  };
  const answer = route.handle(context);
  if (cacheable) parts.cache.set(cacheKey, answer);
  return answer;
}

/** One space after `Bearer`: a second one makes the live service refuse the token (developer blog, 2020). */
function requireToken(authorization: string | undefined, issuer: TokenIssuer): IssuedToken {
  const value = /^Bearer (.*)$/i.exec(authorization ?? '')?.[1];
  if (value === undefined || value === '') throw tokenMissing();
  const token = issuer.verify(value);
  if (token === undefined) throw tokenInvalid();
  return token;
}

/** `data:read:<URN>` narrows `data:read` to one object; the sandbox lets it read everything. */
function covers(token: IssuedToken, scope: string): boolean {
  if (token.scopes.has(scope)) return true;
  return scope === 'data:read' && [...token.scopes].some((one) => one.startsWith('data:read:urn:'));
}
