import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import type { Connector, Registry } from '../connector/connector.ts';
import { didYouMean } from '../connector/suggest.ts';
import { profileInUse } from '../domain/account.ts';
import {
  changeProfile,
  checkProfile,
  createProfile,
  deleteProfile,
  getProfile,
  listProfiles,
  type ProfileChange,
} from '../domain/connector-profile.ts';
import type { ProfileTest } from '../engine/profile-test.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { Secret } from '../secret.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { callerOf } from './authentication.ts';
import { listQuery, onlyParameters, textParameter } from './query.ts';

const strict = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 200 });
// RFC 6749 appendix A.1 and A.2: visible ASCII and space.
const ClientText = Type.String({ minLength: 1, maxLength: 2_000, pattern: '^[\\x20-\\x7E]+$' });
const Scopes = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100, uniqueItems: true });
const Actions = Type.Union([
  Type.Array(Type.String({ maxLength: 200 }), { maxItems: 10_000, uniqueItems: true }),
  Type.Null(),
]);

const NewProfileBody = Type.Object(
  {
    name: Name,
    connector: Type.String(),
    authentication: Type.String(),
    client_id: ClientText,
    client_secret: ClientText,
    scopes: Scopes,
    actions: Type.Optional(Actions),
    enabled: Type.Optional(Type.Boolean()),
  },
  strict,
);

const ProfileChangeBody = Type.Object(
  {
    name: Type.Optional(Name),
    client_id: Type.Optional(ClientText),
    client_secret: Type.Optional(ClientText),
    scopes: Type.Optional(Scopes),
    actions: Type.Optional(Actions),
    enabled: Type.Optional(Type.Boolean()),
  },
  { ...strict, minProperties: 1 },
);

type Query = Record<string, string | string[] | undefined>;

export interface ProfileRouteDependencies {
  store: Store;
  vault: Vault;
  random: Random;
  clock: Clock;
  registry: () => Registry;
  profileTest: ProfileTest;
}

/** `/connector_profiles`: create, list, get, patch, delete, test. The client secret goes in and never comes out. */
export function connectorProfileRoutes(app: FastifyInstance, dependencies: ProfileRouteDependencies): void {
  const { store, vault, random, clock, registry, profileTest } = dependencies;

  app.post<{ Body: Static<typeof NewProfileBody> }>(
    '/connector_profiles',
    { schema: { body: NewProfileBody } },
    async (request, reply) => {
      const { client_secret, actions = null, ...body } = request.body;
      check(requireConnector(body.connector), { ...body, actions });
      const profile = await createProfile(store, vault, random, clock.now(), callerOf(request).project, {
        ...body,
        actions,
        client_secret: new Secret(client_secret),
      });
      return reply.code(201).send(profile);
    },
  );

  app.get<{ Querystring: Query }>('/connector_profiles', async (request) => {
    onlyParameters(request.query, ['limit', 'next', 'connector']);
    const connector = textParameter(request.query, 'connector');
    return listProfiles(
      store,
      callerOf(request).project,
      listQuery(request.query),
      (profile) => connector === undefined || profile.connector === connector,
    );
  });

  app.get<{ Params: { id: string } }>('/connector_profiles/:id', async (request) =>
    getProfile(store, callerOf(request).project, request.params.id),
  );

  app.patch<{ Params: { id: string }; Body: Static<typeof ProfileChangeBody> }>(
    '/connector_profiles/:id',
    { schema: { body: ProfileChangeBody } },
    async (request) => {
      const { project } = callerOf(request);
      const { client_secret, ...rest } = request.body;
      const present = await getProfile(store, project, request.params.id);
      check(requireConnector(present.connector), { ...present, ...rest });
      const change: ProfileChange = {
        ...rest,
        ...(client_secret !== undefined && { client_secret: new Secret(client_secret) }),
      };
      return changeProfile(store, vault, clock.now(), project, request.params.id, change);
    },
  );

  app.delete<{ Params: { id: string } }>('/connector_profiles/:id', async (request, reply) => {
    const { project } = callerOf(request);
    await getProfile(store, project, request.params.id);
    if (await profileInUse(store, project, request.params.id))
      throw new Problem('in_use', 'Accounts are linked under this connector profile.');
    await deleteProfile(store, project, request.params.id);
    return reply.code(204).send();
  });

  app.post<{ Params: { id: string } }>('/connector_profiles/:id/test', async (request) =>
    profileTest(callerOf(request).project, request.params.id),
  );

  function requireConnector(id: string): Connector {
    const { connectors } = registry();
    const connector = connectors.get(id);
    if (!connector) {
      throw new Problem('request_invalid', 'The connector profile is not valid.', {
        errors: [
          { path: '/connector', message: `is not a connector of this server${didYouMean(id, connectors.keys())}` },
        ],
      });
    }
    return connector;
  }
}

function check(connector: Connector, wanted: Parameters<typeof checkProfile>[1]): void {
  const errors = checkProfile(connector, wanted);
  if (errors.length > 0) throw new Problem('request_invalid', 'The connector profile is not valid.', { errors });
}
