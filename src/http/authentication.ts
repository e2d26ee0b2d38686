import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type ApiKey, authenticate, keyOfSession, noteUse, type Role } from '../domain/api-key.ts';
import { sameDigest } from '../domain/connect-session.ts';
import { type ConsoleSession, consoleSessionOf, isCsrfToken, noteSessionUse } from '../domain/console-session.ts';
import type { PublicAddress } from '../link/public-address.ts';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Store } from '../store/store.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { SessionCookie } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's key; undefined on open routes only. */
    key: ApiKey | undefined;
    /** Where the key is that of a console session. */
    consoleSession: { session: ConsoleSession; token: Secret } | undefined;
    /** The refusal that was sent, for the log. */
    problem: Problem | undefined;
  }
  interface FastifyContextConfig {
    /**
     * Who may call: anyone without a key, whoever is signed in at the console, or keys of these roles. Operators only where
     * nothing is said.
     */
    access?: 'open' | 'session' | readonly Role[];
  }
}

export interface AuthenticationDependencies {
  cache: RecordCache;
  store: Store;
  clock: Clock;
  logger: Logger;
  cookie: SessionCookie;
  address: PublicAddress;
}

/** Every role; for routes that backends may use too. */
export const ANY_ROLE: readonly Role[] = ['operator', 'backend'];
const OPERATORS: readonly Role[] = ['operator'];

// "Last used" answers "is it still needed?": minutes are exact enough, and a write per call would not be.
const USE_NOTED_EVERY_MS = 60_000;
const MAX_REMEMBERED_USES = 10_000;

// What a page asks for by itself, again and again, is not a person's use of it.
const BACKGROUND_HEADER = 'x-background-request';

/**
 * Checks the key and the role before anything of a request is read. A route that says nothing is for operators only. The
 * cookie of a console session stands for its key where a request has no `Authorization`.
 */
export function requireKeys(app: FastifyInstance, dependencies: AuthenticationDependencies): void {
  const { cache, store, clock, logger, cookie, address } = dependencies;
  const noted = new Map<string, number>();
  const noting = new Set<string>();
  app.decorateRequest('key', undefined);
  app.decorateRequest('consoleSession', undefined);
  app.decorateRequest('problem', undefined);

  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? OPERATORS;
    // Unknown routes are answered as such, with or without a key.
    if (access === 'open' || request.is404) return;
    if (request.headers.authorization === undefined) await acceptSession(request, reply, access === 'session');
    else if (access === 'session') throw new Problem('session_missing', 'The request has a key, which is no session.');
    else await acceptKey(request);
    const key = callerOf(request);
    if (access !== 'session' && !access.includes(key.role))
      throw new Problem('role_forbidden', `This route is for keys of the role ${access.join(' or ')}.`);
    noteLazily(key);
  });

  async function acceptKey(request: FastifyRequest): Promise<void> {
    const token = tokenOf(request);
    if (token === undefined) throw new Problem('key_missing', 'The request has no API key.');
    request.key = await authenticate(cache, clock.now(), token);
  }

  async function acceptSession(request: FastifyRequest, reply: FastifyReply, wanted: boolean): Promise<void> {
    // A browser asks before a request to another origin, and never with cookies (WHATWG Fetch §4.8).
    const token = request.method === 'OPTIONS' ? undefined : cookie.read(request.headers.cookie);
    if (token === undefined) {
      if (wanted) throw new Problem('session_missing', 'Nobody is signed in.');
      throw new Problem('key_missing', 'The request has no API key.');
    }
    const now = clock.now();
    const session = await consoleSessionOf(cache, now, token);
    const key = await keyOfSession(cache, now, session.project, session.key);
    if (key.role !== 'operator' || !sameDigest(key.digest, session.key_digest))
      throw new Problem('session_missing', 'The session has ended.');
    // Before the refusals below, so that they are told with whose session somebody tried it.
    request.key = key;
    request.consoleSession = { session, token: new Secret(token) };
    requireSameOrigin(request, address.url(''));
    const csrfToken = request.headers['x-csrf-token'];
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    // Reading needs none; but a page that sends another's belongs to a session that the browser has no more.
    if (csrfToken === undefined ? changes : !(typeof csrfToken === 'string' && isCsrfToken(token, csrfToken)))
      throw new Problem('csrf_token_invalid', 'The request does not have the token of the session.');
    // Nothing that somebody saw who was signed in stays in the browser.
    reply.header('cache-control', 'no-store');
    if (request.headers[BACKGROUND_HEADER] === undefined) noteSessionLazily(session);
  }

  function noteSessionLazily(session: ConsoleSession): void {
    if (noting.has(session.id)) return;
    noting.add(session.id);
    noteSessionUse(store, clock.now(), session)
      .catch((error: unknown) => logger.warn({ session: session.id, err: error }, 'use of a session not noted'))
      .finally(() => noting.delete(session.id));
  }

  function noteLazily(key: ApiKey): void {
    const now = clock.now();
    if ((noted.get(key.id) ?? 0) + USE_NOTED_EVERY_MS > now) return;
    if (noted.size >= MAX_REMEMBERED_USES) noted.clear();
    noted.set(key.id, now);
    noteUse(store, key.project, key.id, now).catch((error: unknown) =>
      logger.warn({ key: key.id, err: error }, 'use of a key not noted'),
    );
  }
}

/** The key of a request on a route that needs one. */
export function callerOf(request: FastifyRequest): ApiKey {
  if (!request.key) throw new Error('callerOf on an open route');
  return request.key;
}

/** The token of `Authorization: Bearer` (RFC 6750) or of Basic with the token as user name (RFC 7617). */
function tokenOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  const [, scheme = '', value = ''] = /^(bearer|basic) +([^\s]+)$/i.exec(header ?? '') ?? [];
  if (scheme === '') return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
}
