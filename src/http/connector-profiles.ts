import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import type { Connector, Registry } from '../connector/connector.ts';
import { didYouMean } from '../connector/suggest.ts';
import { profileInUse } from '../domain/account.ts';
import { ACCOUNT_KIND, profileTerm } from '../domain/account-terms.ts';
import {
  changeProfile,
  checkProfile,
  createProfile,
  deleteProfile,
  getProfile,
  listProfiles,
  type ProfileChange,
  type PublicProfile,
} from '../domain/connector-profile.ts';
import type { Page } from '../domain/listing.ts';
import {
  checkCredentials,
  type PresentCredentials,
  type ProfileCredentials,
  readPrivateKey,
} from '../domain/profile-credentials.ts';
import type { ProfileTest } from '../engine/profile-test.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { Secret } from '../secret.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { callerOf } from './authentication.ts';
import { flag, listQuery, onlyParameters, textParameter } from './query.ts';

const strict = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 200 });
// RFC 6749 appendix A.1 and A.2: visible ASCII and space.
const ClientText = Type.String({ minLength: 1, maxLength: 2_000, pattern: '^[\\x20-\\x7E]+$' });
// A 16384-bit RSA key in PEM has 13 KB.
const PrivateKey = Type.String({ minLength: 1, maxLength: 16_384 });
const Credentials = {
  client_secret: Type.Optional(Type.Union([ClientText, Type.Null()])),
  service_account_id: Type.Optional(ClientText),
  key_id: Type.Optional(ClientText),
  private_key: Type.Optional(PrivateKey),
};
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
    client_id: Type.Optional(ClientText),
    ...Credentials,
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
    ...Credentials,
    scopes: Type.Optional(Scopes),
    actions: Type.Optional(Actions),
    enabled: Type.Optional(Type.Boolean()),
  },
  { ...strict, minProperties: 1 },
);

/** The body of `POST /connector_profiles`. */
export type NewProfileRequest = Static<typeof NewProfileBody>;
/** The body of `PATCH /connector_profiles/{id}`. */
export type ProfileChangeRequest = Static<typeof ProfileChangeBody>;

/** A profile as `GET /connector_profiles` and `GET /connector_profiles/{id}` show it. */
export interface ConnectorProfileView extends PublicProfile {
  /** How many accounts are linked under it. */
  account_count: number;
}

type Query = Record<string, string | string[] | undefined>;

export interface ProfileRouteDependencies {
  store: Store;
  vault: Vault;
  random: Random;
  clock: Clock;
  registry: () => Registry;
  profileTest: ProfileTest;
}

type GivenSecrets = Pick<Static<typeof ProfileChangeBody>, keyof typeof Credentials>;
type GivenCredentials = Pick<Static<typeof ProfileChangeBody>, 'client_id' | keyof typeof Credentials>;

/**
 * `/connector_profiles`: create, list, get, patch, delete, test. Secrets go in and never come out. The authentication of a
 * profile never changes: accounts are linked with it.
 */
export function connectorProfileRoutes(app: FastifyInstance, dependencies: ProfileRouteDependencies): void {
  const { store, vault, random, clock, registry, profileTest } = dependencies;

  app.post<{ Body: Static<typeof NewProfileBody> }>(
    '/connector_profiles',
    { schema: { body: NewProfileBody } },
    async (request, reply) => {
      const { actions = null, ...body } = withoutCredentials(request.body);
      const connector = requireConnector(body.connector);
      const credentials = check(connector, { ...body, actions }, request.body, NO_CREDENTIALS);
      const profile = await createProfile(store, vault, random, clock.now(), callerOf(request).project, {
        ...body,
        ...credentials,
        actions,
      });
      return reply.code(201).send(profile);
    },
  );

  app.get<{ Querystring: Query }>('/connector_profiles', async (request): Promise<Page<ConnectorProfileView>> => {
    const { query } = request;
    onlyParameters(query, ['limit', 'next', 'connector', 'authentication', 'enabled', 'text']);
    const { project } = callerOf(request);
    const [connector, authentication, text] = ['connector', 'authentication', 'text'].map((name) =>
      textParameter(query, name),
    );
    const enabled = textParameter(query, 'enabled') === undefined ? undefined : flag(query, 'enabled');
    const words = text?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    const { data, next } = await listProfiles(
      store,
      project,
      listQuery(query),
      (profile) =>
        (connector === undefined || profile.connector === connector) &&
        (authentication === undefined || profile.authentication === authentication) &&
        (enabled === undefined || profile.enabled === enabled) &&
        words.every((word) => `${profile.name} ${profile.id} ${profile.client_id ?? ''}`.toLowerCase().includes(word)),
    );
    return { data: await Promise.all(data.map((profile) => viewOf(project, profile))), next };
  });

  app.get<{ Params: { id: string } }>('/connector_profiles/:id', async (request) => {
    const { project } = callerOf(request);
    return viewOf(project, await getProfile(store, project, request.params.id));
  });

  app.patch<{ Params: { id: string }; Body: Static<typeof ProfileChangeBody> }>(
    '/connector_profiles/:id',
    { schema: { body: ProfileChangeBody } },
    async (request) => {
      const { project } = callerOf(request);
      const body = withoutCredentials(request.body);
      const present = await getProfile(store, project, request.params.id);
      // To disable or to rename one must work also where the connector is gone, or has lost one of the scopes.
      if (Object.keys(request.body).every((name) => name === 'enabled' || name === 'name'))
        return changeProfile(store, vault, clock.now(), project, request.params.id, body);
      const credentials = check(requireConnector(present.connector), { ...present, ...body }, request.body, {
        client_id: present.client_id !== null,
        client_secret: present.has_client_secret,
        service_account_id: present.service_account_id !== null,
        key_id: present.key_id !== null,
        private_key: present.has_private_key,
      });
      const change: ProfileChange = { ...body, ...credentials };
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

  async function viewOf(project: string, profile: PublicProfile): Promise<ConnectorProfileView> {
    return { ...profile, account_count: await store.count(project, ACCOUNT_KIND, { term: profileTerm(profile.id) }) };
  }

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

const NO_CREDENTIALS: PresentCredentials = {
  client_id: false,
  client_secret: false,
  service_account_id: false,
  key_id: false,
  private_key: false,
};

function withoutCredentials<T extends GivenSecrets>({
  client_secret: _secret,
  service_account_id: _account,
  key_id: _id,
  private_key: _key,
  ...rest
}: T): Omit<T, keyof GivenSecrets> {
  return rest;
}

/** The given credentials as they are to be kept; `request_invalid` with everything that is wrong with the profile. */
function check(
  connector: Connector,
  wanted: Parameters<typeof checkProfile>[1],
  given: GivenCredentials,
  present: PresentCredentials,
): Partial<ProfileCredentials> {
  const errors = checkProfile(connector, wanted);
  const authentication = connector.authentication.get(wanted.authentication);
  const { client_secret, private_key, service_account_id, key_id } = given;
  const credentials: Partial<ProfileCredentials> = {
    ...(service_account_id !== undefined && { service_account_id }),
    ...(key_id !== undefined && { key_id }),
    ...(client_secret !== undefined && { client_secret: client_secret === null ? null : new Secret(client_secret) }),
  };
  if (authentication) {
    const names = Object.keys(present) as (keyof PresentCredentials)[];
    const after = names.map((name) => [name, given[name] === undefined ? present[name] : given[name] !== null]);
    const misfits = checkCredentials(authentication, Object.fromEntries(after));
    errors.push(...misfits);
    const read =
      private_key === undefined || misfits.some(({ path }) => path === '/private_key')
        ? undefined
        : readPrivateKey(authentication, private_key);
    if (read && 'error' in read) errors.push({ path: '/private_key', message: read.error });
    if (read && 'key' in read) credentials.private_key = read.key;
  }
  if (errors.length > 0) throw new Problem('request_invalid', 'The connector profile is not valid.', { errors });
  return credentials;
}
