import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Audit, outcomeOf } from '../audit/audit.ts';
import { auditEntry } from '../audit/entries.ts';
import type { Clock } from '../clock.ts';
import { type ApiKey, authenticate, keyNamedBy, type Role } from '../domain/api-key.ts';
import {
  type ConsoleSession,
  consoleSessionOf,
  csrfTokenOf,
  endConsoleSession,
  IDLE_MS,
  openConsoleSession,
} from '../domain/console-session.ts';
import { getProject } from '../domain/project.ts';
import { createAttemptLimit } from '../link/attempt-limit.ts';
import type { PublicAddress } from '../link/public-address.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Store } from '../store/store.ts';
import { callerOf } from './authentication.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { SessionCookie } from './session-cookie.ts';

/** Who is signed in. */
export interface ConsoleSessionView {
  /** To be sent as `x-csrf-token` with every request that is neither GET nor HEAD. */
  csrf_token: string;
  key: { id: string; name: string; role: Role };
  project: { id: string; name: string; root: boolean };
  /** ISO 8601; whatever happens. */
  expires_at: string;
  /** Without a request for so long it ends earlier, seconds. */
  idle_timeout_s: number;
}

export interface ConsoleSessionDependencies {
  store: Store;
  cache: RecordCache;
  clock: Clock;
  random: Random;
  audit: Audit;
  cookie: SessionCookie;
  address: PublicAddress;
}

// Whoever comes by may send one: it is read before it is known who did.
const SIGN_IN_BODY_LIMIT_BYTES = 4_096;
const SignInBody = Type.Object({ key: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false });

// Keys have 256 bits, and whoever guesses can do so at any route: this protects the trail, which keeps refused attempts. Only
// those count, and no right key is refused for them: else whoever shares an address with the operators, or a proxy that is not
// among the trusted ones, could keep them out.
const FAILURES = { burst: 10, refillMs: 30_000 };

/** `/console/session`: sign in with an operator key, look who is signed in, sign out. */
export function consoleSessionRoutes(app: FastifyInstance, deps: ConsoleSessionDependencies): void {
  const { store, cache, clock, random, audit, cookie, address } = deps;
  const failures = createAttemptLimit(clock, FAILURES);

  app.post<{ Body: Static<typeof SignInBody> }>(
    '/console/session',
    {
      config: { access: 'open' },
      bodyLimit: SIGN_IN_BODY_LIMIT_BYTES,
      schema: { body: SignInBody },
      // Before the body is read: else another site could sign its visitors in as somebody else, and see what they then enter.
      onRequest: async (request) => requireSameOrigin(request, address.url('')),
    },
    async (request, reply) => {
      const key = await operatorKey(request, request.body.key);
      const project = await getProject(store, key.project);
      const entry = deedOf(request, key, 'console.signed_in');
      await audit.begin(key.project, entry);
      await endFormer(request);
      const { session, token } = await openConsoleSession(store, random, clock.now(), key);
      // A session that is not in the trail is not given out.
      await audit.finish(key.project, entry);
      const maxAgeS = Math.ceil((Date.parse(session.expires_at) - clock.now()) / 1_000);
      reply.code(201).header('set-cookie', cookie.keep(token.reveal(), maxAgeS)).header('cache-control', 'no-store');
      return viewOf(session, token.reveal(), key, project);
    },
  );

  app.get('/console/session', { config: { access: 'session' } }, async (request): Promise<ConsoleSessionView> => {
    const { session, token } = signedIn(request);
    const key = callerOf(request);
    return viewOf(session, token.reveal(), key, await getProject(store, key.project));
  });

  app.delete('/console/session', { config: { access: 'session' } }, async (request, reply: FastifyReply) => {
    const { session } = signedIn(request);
    await endConsoleSession(store, session);
    audit.note(session.project, deedOf(request, callerOf(request), 'console.signed_out'));
    return reply.code(204).header('set-cookie', cookie.forget()).send();
  });

  /** The key, if an operator may sign in with it. Refusals are kept in the trail of the project that the token names. */
  async function operatorKey(request: FastifyRequest, token: string): Promise<ApiKey> {
    try {
      const key = await authenticate(cache, clock.now(), token);
      if (key.role !== 'operator') throw new Problem('role_forbidden', 'Only operators may sign in at the console.');
      return key;
    } catch (error) {
      if (!(error instanceof Problem) || error.fault !== 'caller') throw error;
      const retryAfterS = failures.take(request.ip);
      if (retryAfterS !== undefined)
        throw new Problem('too_many_attempts', 'Too many keys were tried from here.', { retryAfterS, cause: error });
      const named = await keyNamedBy(cache, token);
      if (named) {
        const entry = deedOf(request, named, 'console.sign_in_refused');
        // Whoever has not the whole token is not who the token names.
        const actor =
          outcomeOf(error).code === 'key_invalid' ? { ...entry.actor, key: null, name: null, role: null } : entry.actor;
        audit.note(named.project, { ...entry, actor, ...outcomeOf(error) });
      }
      throw error;
    }
  }

  /** A browser has one session at a time; the one that it came with is not left behind. */
  async function endFormer(request: FastifyRequest): Promise<void> {
    const token = cookie.read(request.headers.cookie);
    if (token === undefined) return;
    const former = await consoleSessionOf(cache, clock.now(), token).catch(() => undefined);
    if (former) await endConsoleSession(store, former);
  }

  function deedOf({ id, ip }: FastifyRequest, key: ApiKey, action: string) {
    const { name, role } = key;
    return auditEntry(
      deps,
      { key: key.id, name, role, via: 'console' },
      {
        action,
        target: { type: 'api_key', id: key.id, name },
        address: ip,
        request_id: id,
      },
    );
  }
}

function signedIn(request: FastifyRequest) {
  if (!request.consoleSession) throw new Error('a session route without a session');
  return request.consoleSession;
}

function viewOf(
  session: ConsoleSession,
  token: string,
  { id, name, role }: ApiKey,
  project: ConsoleSessionView['project'],
): ConsoleSessionView {
  return {
    csrf_token: csrfTokenOf(token),
    key: { id, name, role },
    project: { id: project.id, name: project.name, root: project.root },
    expires_at: session.expires_at,
    idle_timeout_s: IDLE_MS / 1_000,
  };
}
