import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import { createApiKey, getApiKey, listApiKeys, ROLES, revokeApiKey } from '../domain/api-key.ts';
import { type FieldError, Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import { callerOf } from './authentication.ts';
import { listQuery, onlyParameters } from './query.ts';

const Narrowing = Type.Optional(
  Type.Union([Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1_000, uniqueItems: true }), Type.Null()]),
);

export const NewApiKeyBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    role: Type.Enum(ROLES),
    actions: Narrowing,
    accounts: Narrowing,
    expires_at: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
  },
  { additionalProperties: false },
);

// RFC 3339 with a time zone: without one an expiry would mean different moments to different people.
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** `/api_keys`: create (the token is shown once), list, get, revoke. */
export function apiKeyRoutes(
  app: FastifyInstance,
  { store, random, clock }: { store: Store; random: Random; clock: Clock },
): void {
  app.post<{ Body: Static<typeof NewApiKeyBody> }>(
    '/api_keys',
    { schema: { body: NewApiKeyBody } },
    async (request, reply) => {
      const { project } = callerOf(request);
      const { name, role, actions = null, accounts = null, expires_at = null } = request.body;
      const errors: FieldError[] = [];
      if (role === 'operator' && (actions !== null || accounts !== null))
        errors.push({ path: '/role', message: 'only a backend key can be narrowed' });
      const expiry = expires_at === null || !TIMESTAMP.test(expires_at) ? Number.NaN : Date.parse(expires_at);
      if (expires_at !== null && !(expiry > clock.now()))
        errors.push({ path: '/expires_at', message: 'must be a time to come, like 2030-01-31T00:00:00Z' });
      if (errors.length > 0) throw new Problem('request_invalid', 'The API key is not valid.', { errors });
      const created = await createApiKey(store, random, clock.now(), project, {
        name,
        role,
        actions,
        accounts,
        expires_at: expires_at === null ? null : new Date(expiry).toISOString(),
      });
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...created.key, token: created.token.reveal() });
    },
  );

  app.get<{ Querystring: Record<string, string | string[] | undefined> }>('/api_keys', async (request) => {
    onlyParameters(request.query, ['limit', 'next']);
    return listApiKeys(store, callerOf(request).project, listQuery(request.query));
  });

  app.get<{ Params: { id: string } }>('/api_keys/:id', async (request) =>
    getApiKey(store, callerOf(request).project, request.params.id),
  );

  app.delete<{ Params: { id: string } }>('/api_keys/:id', async (request) =>
    revokeApiKey(store, clock.now(), callerOf(request).project, request.params.id),
  );
}
