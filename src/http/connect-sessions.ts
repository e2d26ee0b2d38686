import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import { type ConnectSession, getSession, type PublicSession, publicSession } from '../domain/connect-session.ts';
import { MAX_LIFETIME_S, type OpenSessionDependencies, openSession } from '../link/open-session.ts';
import type { PublicAddress } from '../link/public-address.ts';
import { MAX_URL_CHARS } from '../link/return-url.ts';
import type { SessionEnd } from '../link/session-end.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';

const SessionBody = Type.Object(
  {
    connector_profile_id: Type.String(),
    owner_id: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    owner_name: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()])),
    account_id: Type.Optional(Type.String()),
    settings: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { maxProperties: 50 })),
    return_url: Type.Optional(Type.String({ maxLength: MAX_URL_CHARS })),
    popup_origin: Type.Optional(Type.String({ maxLength: MAX_URL_CHARS })),
    expires_in_s: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIFETIME_S })),
    allow_identity_change: Type.Optional(Type.Boolean()),
    flow: Type.Optional(Type.Enum(['browser', 'device'])),
  },
  { additionalProperties: false },
);

/** The body of `POST /connect_sessions`. */
export type NewConnectSessionRequest = Static<typeof SessionBody>;

/** The answer of `POST /connect_sessions`: the only one that has the link. */
export interface NewConnectSessionView extends PublicSession {
  url: string;
  device: { user_code: string; verification_url: string; interval_s: number } | null;
}

// Often enough for a person who waits; RFC 8628 §3.5 has the same.
const DEVICE_INTERVAL_S = 5;

export interface ConnectSessionRouteDependencies extends OpenSessionDependencies {
  store: Store;
  clock: Clock;
  ends: SessionEnd;
  address: PublicAddress;
}

/** `/connect_sessions`: create, get, cancel. For backends too: they invite their end users. */
export function connectSessionRoutes(app: FastifyInstance, deps: ConnectSessionRouteDependencies): void {
  const { store, clock, ends, address } = deps;
  const forAll = { config: { access: ANY_ROLE } };

  app.post<{ Body: Static<typeof SessionBody> }>(
    '/connect_sessions',
    { ...forAll, schema: { body: SessionBody } },
    async (request, reply) => {
      const { session, hubToken, userCode } = await openSession(deps, callerOf(request), request.body);
      const device = userCode !== undefined && {
        user_code: userCode,
        verification_url: address.url('/hub/device'),
        interval_s: DEVICE_INTERVAL_S,
      };
      return (
        reply
          .code(201)
          // It holds the token.
          .header('cache-control', 'no-store')
          .send({
            ...publicSession(session, clock.now()),
            // In the fragment, which browsers send to nobody.
            url: `${address.url('/hub')}#${hubToken.reveal()}`,
            device: device || null,
          })
      );
    },
  );

  app.get<{ Params: { id: string } }>('/connect_sessions/:id', forAll, async (request) =>
    publicSession(await ownSession(request), clock.now()),
  );

  app.delete<{ Params: { id: string } }>('/connect_sessions/:id', forAll, async (request, reply) => {
    await ends.cancelled(await ownSession(request));
    return reply.code(204).send();
  });

  async function ownSession(request: FastifyRequest<{ Params: { id: string } }>): Promise<ConnectSession> {
    const { project, accounts } = callerOf(request as FastifyRequest);
    const session = await getSession(store, project, request.params.id);
    if (accounts !== null && !accounts.includes(session.account_id))
      throw new Problem('not_found', 'There is no such connect session.');
    return session;
  }
}
