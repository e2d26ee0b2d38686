import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import type { Registry } from '../connector/connector.ts';
import {
  ACCOUNT_STATUSES,
  type Account,
  changeAccount,
  createAccount,
  deleteAccount,
  getAccount,
  listAccounts,
} from '../domain/account.ts';
import type { ApiKey } from '../domain/api-key.ts';
import { getProfile } from '../domain/connector-profile.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { listQuery, onlyParameters, textParameter } from './query.ts';

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
  },
  strict,
);
const AccountChangeBody = Type.Object(
  { owner_id: Type.Optional(OwnerId), owner_name: Type.Optional(OwnerName), settings: Type.Optional(Settings) },
  { ...strict, minProperties: 1 },
);

type Query = Record<string, string | string[] | undefined>;

export interface AccountRouteDependencies {
  store: Store;
  random: Random;
  clock: Clock;
  registry: () => Registry;
}

/** `/accounts`: create (where no person must consent), list, get, patch, delete, suspend, resume. Backends may read. */
export function accountRoutes(
  app: FastifyInstance,
  { store, random, clock, registry }: AccountRouteDependencies,
): void {
  const readable = { config: { access: ANY_ROLE } };

  app.post<{ Body: Static<typeof NewAccountBody> }>(
    '/accounts',
    { schema: { body: NewAccountBody } },
    async (request, reply) => {
      const { project } = callerOf(request);
      const { connector_profile_id, owner_id, owner_name = null, settings = {} } = request.body;
      const profile = await getProfile(store, project, connector_profile_id);
      const account = await createAccount(store, random, clock.now(), project, {
        profile_id: profile.id,
        connector: profile.connector,
        owner_id,
        owner_name,
        settings: boundSettings(profile.connector, settings),
      });
      return reply.code(201).send(await view(project, account));
    },
  );

  app.get<{ Querystring: Query }>('/accounts', readable, async (request) => {
    onlyParameters(request.query, ['limit', 'next', 'connector', 'connector_profile_id', 'owner_id', 'status']);
    const key = callerOf(request);
    const wanted = (name: string) => textParameter(request.query, name);
    const [connector, profile, owner, status] = [
      wanted('connector'),
      wanted('connector_profile_id'),
      wanted('owner_id'),
      wanted('status'),
    ];
    if (status !== undefined && !(ACCOUNT_STATUSES as readonly string[]).includes(status))
      throw new Problem('request_invalid', 'The query is not valid.', {
        errors: [{ path: '/status', message: `must be one of ${ACCOUNT_STATUSES.join(', ')}` }],
      });
    const page = await listAccounts(
      store,
      key.project,
      listQuery(request.query),
      (account) =>
        visible(key, account.id) &&
        (connector === undefined || account.connector === connector) &&
        (profile === undefined || account.profile_id === profile) &&
        (owner === undefined || account.owner_id === owner),
    );
    const data = await Promise.all(page.data.map((account) => view(key.project, account)));
    return { data: data.filter((account) => status === undefined || account.status === status), next: page.next };
  });

  app.get<{ Params: { id: string } }>('/accounts/:id', readable, async (request) => {
    const key = callerOf(request);
    const account = await getAccount(store, key.project, request.params.id);
    if (!visible(key, account.id)) throw new Problem('account_not_found', 'There is no such account.');
    return view(key.project, account);
  });

  app.patch<{ Params: { id: string }; Body: Static<typeof AccountChangeBody> }>(
    '/accounts/:id',
    { schema: { body: AccountChangeBody } },
    async (request) => {
      const { settings, ...change } = request.body;
      return update(callerOf(request).project, request.params.id, (account) => ({
        ...change,
        ...(settings !== undefined && { settings: boundSettings(account.connector, settings) }),
      }));
    },
  );

  app.delete<{ Params: { id: string } }>('/accounts/:id', async (request, reply) => {
    await deleteAccount(store, callerOf(request).project, request.params.id);
    return reply.code(204).send();
  });

  app.post<{ Params: { id: string } }>('/accounts/:id/suspend', async (request) =>
    update(callerOf(request).project, request.params.id, () => ({
      status: 'inactive',
      status_reasons: [
        { code: 'suspended', description: 'Suspended by an operator.', at: new Date(clock.now()).toISOString() },
      ],
    })),
  );

  app.post<{ Params: { id: string } }>('/accounts/:id/resume', async (request) =>
    update(callerOf(request).project, request.params.id, ({ status }) => {
      if (status !== 'inactive' && status !== 'active')
        throw new Problem('account_reauth_required', `The account is ${status}: it must be linked again.`);
      return { status: 'active', status_reasons: [] };
    }),
  );

  async function update(project: string, id: string, change: Parameters<typeof changeAccount>[4]) {
    return view(project, await changeAccount(store, clock.now(), project, id, change));
  }

  /** The account as callers see it: a disabled profile makes its accounts inactive. */
  async function view(project: string, { profile_id, ...account }: Account) {
    const profile = await getProfile(store, project, profile_id).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'not_found') return undefined;
      throw error;
    });
    const disabled = account.status === 'active' && !profile?.enabled;
    return {
      ...account,
      connector_profile_id: profile_id,
      ...(disabled && {
        status: 'inactive',
        status_reasons: [
          {
            code: 'profile_disabled',
            description: 'The connector profile is disabled.',
            at: profile?.updated_at ?? account.updated_at,
          },
        ],
      }),
    };
  }

  function boundSettings(connectorId: string, settings: Record<string, unknown>): Record<string, unknown> {
    const connector = registry().connectors.get(connectorId);
    if (!connector) throw new Problem('not_found', `Connector ${connectorId} is not loaded.`);
    const bound = connector.accountSettings.bind(settings);
    if ('errors' in bound) {
      const errors = bound.errors.map(({ path, message }) => ({ path: `/settings${path}`, message }));
      throw new Problem('request_invalid', 'The settings of the account are not valid.', { errors });
    }
    return bound.values;
  }
}

function visible(key: ApiKey, accountId: string): boolean {
  return key.accounts === null || key.accounts.includes(accountId);
}
