import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import type { Connector, Registry } from '../connector/connector.ts';
import {
  type Account,
  changeAccount,
  createAccount,
  deleteAccount,
  getAccount,
  type NewAccount,
} from '../domain/account.ts';
import { loadProfile } from '../domain/connector-profile.ts';
import { newId } from '../domain/ids.ts';
import { GRANT_DEATHS } from '../events/grant-death.ts';
import type { AccountEvents } from '../events/outbox.ts';
import { oauthClientOf } from '../link/oauth-client.ts';
import type { OAuthClient } from '../oauth/grant.ts';
import type { Grants } from '../oauth/grants.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import { requireVisible, viewAccount } from './account-view.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { acceptCredential, Credential } from './given-credential.ts';
import { listAccountsRoute } from './list-accounts.ts';

const strict = { additionalProperties: false } as const;
const OwnerId = Type.String({ minLength: 1, maxLength: 200 });
const OwnerName = Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()]);
const Settings = Type.Record(Type.String(), Type.Unknown(), { maxProperties: 50 });

const NewAccountBody = Type.Object(
  {
    connector_profile_id: Type.String(),
    owner_id: OwnerId,
    owner_name: Type.Optional(OwnerName),
    settings: Type.Optional(Settings),
    credential: Type.Optional(Credential),
  },
  strict,
);
const AccountChangeBody = Type.Object(
  { owner_id: Type.Optional(OwnerId), owner_name: Type.Optional(OwnerName), settings: Type.Optional(Settings) },
  { ...strict, minProperties: 1 },
);

/** The body of `POST /accounts`. */
export type NewAccountRequest = Static<typeof NewAccountBody>;
/** The body of `PATCH /accounts/{id}`. */
export type AccountChangeRequest = Static<typeof AccountChangeBody>;

export interface AccountRouteDependencies {
  store: Store;
  cache: RecordCache;
  vault: Vault;
  door: Door;
  random: Random;
  clock: Clock;
  registry: () => Registry;
  events: AccountEvents;
  grants: Grants;
}

/** `/accounts`: create (where no person must consent), list, get, patch, delete, suspend, resume. Backends may read. */
export function accountRoutes(app: FastifyInstance, dependencies: AccountRouteDependencies): void {
  const { store, cache, vault, random, clock, registry, events, grants } = dependencies;
  const readable = { config: { access: ANY_ROLE } };

  app.post<{ Body: Static<typeof NewAccountBody> }>(
    '/accounts',
    { schema: { body: NewAccountBody } },
    async (request, reply) => {
      const { project } = callerOf(request);
      const { connector_profile_id, owner_id, owner_name = null, settings = {}, credential } = request.body;
      const profile = await loadProfile(cache, vault, project, connector_profile_id);
      if (!profile) throw new Problem('not_found', 'There is no such connector profile.');
      const connector = requireConnector(profile.connector);
      const client = oauthClientOf(connector, profile);
      checkCredentialFits(client, credential !== undefined);
      const wanted = {
        id: newId(random, 'acc'),
        profile_id: profile.id,
        connector: connector.id,
        owner_id,
        owner_name,
        settings: boundSettings(connector, settings),
      };
      const account = await (credential
        ? createWithCredential(project, client, wanted, credential)
        : create(project, wanted));
      return reply.code(201).send(await viewAccount(store, project, account));
    },
  );

  function create(project: string, wanted: NewAccount & { id: string }): Promise<Account> {
    return events.tell({ project, account: wanted.id, type: 'account.created' }, () =>
      createAccount(store, random, clock.now(), project, wanted),
    );
  }

  /** The grant first: what breaks off in between leaves no account, and never one that does not work. */
  async function createWithCredential(
    project: string,
    client: OAuthClient,
    wanted: NewAccount & { id: string },
    credential: Static<typeof Credential>,
  ): Promise<Account> {
    const { grant, identity } = await acceptCredential(dependencies, client, credential, '/credential');
    await grants.install(project, wanted.id, client, grant);
    try {
      return await create(project, { ...wanted, identity, granted_scopes: grant.scopes });
    } catch (error) {
      // It stays with whoever sent it, and works; so it is not revoked.
      await grants.remove(project, wanted.id, undefined).catch(() => {});
      throw error;
    }
  }

  listAccountsRoute(app, store, registry);

  app.get<{ Params: { id: string } }>('/accounts/:id', readable, async (request) => {
    const key = callerOf(request);
    requireVisible(key, request.params.id);
    return viewAccount(store, key.project, await getAccount(store, key.project, request.params.id));
  });

  app.patch<{ Params: { id: string }; Body: Static<typeof AccountChangeBody> }>(
    '/accounts/:id',
    { schema: { body: AccountChangeBody } },
    async (request) => {
      const { settings, ...change } = request.body;
      return update(callerOf(request).project, request.params.id, (account) => ({
        ...change,
        ...(settings !== undefined && { settings: boundSettings(requireConnector(account.connector), settings) }),
      }));
    },
  );

  // The grant goes first: a refresh under way cannot bring it back, and what breaks off in between can be repeated.
  app.delete<{ Params: { id: string } }>('/accounts/:id', async (request) => {
    const { project } = callerOf(request);
    const account = await getAccount(store, project, request.params.id);
    // Without its secret nothing can be revoked, but all else can be done.
    const profile = await loadProfile(cache, vault, project, account.profile_id).catch(unlessUnreadable);
    const connector = registry().connectors.get(account.connector);
    const method = connector?.authentication.get(profile?.authentication ?? '');
    const client = connector && profile && method && oauthClientOf(connector, profile);
    return events.tell({ project, account: account.id, type: 'account.deleted' }, async () => {
      const { revoked } = await grants.remove(project, account.id, client);
      await deleteAccount(store, project, account.id);
      // What was linked while the provider was asked; nothing can be linked from here on.
      await grants.remove(project, account.id, client);
      return { revoked };
    });
  });

  app.post<{ Params: { id: string } }>('/accounts/:id/suspend', async (request) =>
    update(callerOf(request).project, request.params.id, () => ({
      status: 'inactive',
      status_reasons: [
        { code: 'suspended', description: 'Suspended by an operator.', at: new Date(clock.now()).toISOString() },
      ],
    })),
  );

  app.post<{ Params: { id: string } }>('/accounts/:id/resume', async (request) => {
    const { project } = callerOf(request);
    const dead = (await grants.inspect(project, request.params.id))?.dead;
    return update(project, request.params.id, ({ status }) => {
      if (status !== 'inactive' && status !== 'active')
        throw new Problem('account_reauth_required', `The account is ${status}: it must be linked again.`);
      if (dead === undefined) return { status: 'active', status_reasons: [] };
      // It was lost while the account was suspended.
      const reason = { code: dead, description: GRANT_DEATHS[dead], at: new Date(clock.now()).toISOString() };
      return { status: 'reauth_required', status_reasons: [reason] };
    });
  });

  async function update(project: string, account: string, change: Parameters<typeof changeAccount>[4]) {
    const changed = await events.tell({ project, account, type: 'account.updated' }, () =>
      changeAccount(store, clock.now(), project, account, change),
    );
    return viewAccount(store, project, changed);
  }

  function requireConnector(id: string): Connector {
    const connector = registry().connectors.get(id);
    if (!connector) throw new Problem('not_found', `Connector ${id} is not loaded.`);
    return connector;
  }
}

function unlessUnreadable(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'sealed_value_unreadable') return undefined;
  throw error;
}

function boundSettings(connector: Connector, settings: Record<string, unknown>): Record<string, unknown> {
  const bound = connector.accountSettings.bind(settings);
  if ('errors' in bound) {
    const errors = bound.errors.map(({ path, message }) => ({ path: `/settings${path}`, message }));
    throw new Problem('request_invalid', 'The settings of the account are not valid.', { errors });
  }
  return bound.values;
}

/** A token or key is needed exactly where the method is to be given one; a person's consent cannot be given here at all. */
function checkCredentialFits({ authentication: { id, grant } }: OAuthClient, given: boolean): void {
  if (grant === 'authorization_code')
    throw new Problem('consent_required', `Accounts with the authentication "${id}" are made by a person's consent.`);
  if (given === (grant === 'provided_token' || grant === 'api_key')) return;
  const message = given
    ? `is not a member with the authentication "${id}"`
    : `is required by the authentication "${id}"`;
  throw new Problem('request_invalid', 'The account is not valid.', { errors: [{ path: '/credential', message }] });
}
