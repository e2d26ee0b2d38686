import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type ApiKey, authenticate, noteUse, type Role } from '../domain/api-key.ts';
import { Problem } from '../problems.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Store } from '../store/store.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's key; undefined on open routes only. */
    key: ApiKey | undefined;
    /** The refusal that was sent, for the log. */
    problem: Problem | undefined;
  }
  interface FastifyContextConfig {
    /** Who may call: anyone without a key, or keys of these roles. Operators only where nothing is said. */
    access?: 'open' | readonly Role[];
  }
}

export interface AuthenticationDependencies {
  cache: RecordCache;
  store: Store;
  clock: Clock;
  logger: Logger;
}

/** Every role; for routes that backends may use too. */
export const ANY_ROLE: readonly Role[] = ['operator', 'backend'];
const OPERATORS: readonly Role[] = ['operator'];

// "Last used" answers "is it still needed?": minutes are exact enough, and a write per call would not be.
const USE_NOTED_EVERY_MS = 60_000;
const MAX_REMEMBERED_USES = 10_000;

/** Checks the key and the role before anything of a request is read. A route that says nothing is for operators only. */
export function requireKeys(app: FastifyInstance, { cache, store, clock, logger }: AuthenticationDependencies): void {
  const noted = new Map<string, number>();
  app.decorateRequest('key', undefined);
  app.decorateRequest('problem', undefined);

  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access ?? OPERATORS;
    // Unknown routes are answered as such, with or without a key.
    if (access === 'open' || request.is404) return;
    const token = tokenOf(request);
    if (token === undefined) throw new Problem('key_missing', 'The request has no API key.');
    const key = await authenticate(cache, clock.now(), token);
    request.key = key;
    if (!access.includes(key.role))
      throw new Problem('role_forbidden', `This route is for keys of the role ${access.join(' or ')}.`);
    noteLazily(key);
  });

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
