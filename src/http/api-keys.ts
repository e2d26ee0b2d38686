import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import {
  checkNewApiKey,
  createApiKey,
  getApiKey,
  listApiKeys,
  type PublicApiKey,
  ROLES,
  revokeApiKey,
} from '../domain/api-key.ts';
import { narrowApiKey } from '../domain/narrow-api-key.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import { callerOf } from './authentication.ts';
import { listQuery, onlyParameters } from './query.ts';

const Name = Type.String({ minLength: 1, maxLength: 200 });
const Some = Type.Union([
  Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1_000, uniqueItems: true }),
  Type.Null(),
]);
const Limits = {
  actions: Type.Optional(Some),
  accounts: Type.Optional(Some),
  expires_at: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
};

export const NewApiKeyBody = Type.Object(
  { name: Name, role: Type.Enum(ROLES), ...Limits },
  { additionalProperties: false },
);

const ApiKeyChangeBody = Type.Object(
  { name: Type.Optional(Name), ...Limits },
  { additionalProperties: false, minProperties: 1 },
);

/** The body of `POST /api_keys`. */
export type NewApiKeyRequest = Static<typeof NewApiKeyBody>;
/** The answer of `POST /api_keys`: the only one that has the token. */
export type NewApiKeyView = PublicApiKey & { token: string };
/** The body of `PATCH /api_keys/{id}`. */
export type ApiKeyChangeRequest = Static<typeof ApiKeyChangeBody>;

/** `/api_keys`: create (the token is shown once), list, get, rename or narrow, revoke. */
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
      const errors = checkNewApiKey(request.body, clock.now());
      if (errors.length > 0) throw new Problem('request_invalid', 'The API key is not valid.', { errors });
      const created = await createApiKey(store, random, clock.now(), project, {
        name,
        role,
        actions,
        accounts,
        expires_at: expires_at === null ? null : new Date(expires_at).toISOString(),
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

  app.patch<{ Params: { id: string }; Body: ApiKeyChangeRequest }>(
    '/api_keys/:id',
    { schema: { body: ApiKeyChangeBody } },
    async (request) => narrowApiKey(store, clock.now(), callerOf(request).project, request.params.id, request.body),
  );

  app.delete<{ Params: { id: string } }>('/api_keys/:id', async (request) =>
    revokeApiKey(store, clock.now(), callerOf(request).project, request.params.id),
  );
}
