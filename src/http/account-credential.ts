import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import type { Connector, Registry } from '../connector/connector.ts';
import { type Account, changeAccountAnyway, getAccount } from '../domain/account.ts';
import { type ConnectorProfile, getProfile, loadProfile } from '../domain/connector-profile.ts';
import { requirementsOf } from '../engine/required-scopes.ts';
import type { AccountEvents } from '../events/outbox.ts';
import { oauthClientOf } from '../link/oauth-client.ts';
import type { GrantView } from '../oauth/grant.ts';
import type { Grants } from '../oauth/grants.ts';
import { Problem } from '../problems.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import { requireVisible } from './account-view.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { acceptCredential, CREDENTIAL_MEMBERS } from './given-credential.ts';
import { goneSignal } from './gone-signal.ts';

const ReplacementBody = Type.Object(
  { ...CREDENTIAL_MEMBERS, allow_identity_change: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);

/** What is told of an account's credential; never a token. */
export type CredentialView = Pick<Account, 'status_reasons' | 'identity' | 'linked_at' | 'granted_scopes'> &
  Pick<GrantView, 'access_expires_in_s' | 'refreshable' | 'refresh_expires_in_s'> & {
    account: string;
    account_status: Account['status'];
    kind: string | null;
    authentication: string;
    tokens: readonly string[];
    obtained_at: string | null;
    dead: GrantView['dead'] | null;
    actions: Requirements['counts'];
    required: Requirements['required'];
  };
type Requirements = ReturnType<typeof requirementsOf>;

export interface CredentialRouteDependencies {
  store: Store;
  cache: RecordCache;
  vault: Vault;
  door: Door;
  clock: Clock;
  registry: () => Registry;
  events: AccountEvents;
  grants: Grants;
}

// An operator waits for it, and others' refreshes of the same account may have to be waited for.
const REFRESH_TIMEOUT_MS = 20_000;

interface Found {
  account: Account;
  connector: Connector;
  profile: ConnectorProfile;
}

/** `/accounts/{id}/credential`: look at it (never a token), replace it; `/accounts/{id}/refresh`. Backends may look. */
export function accountCredentialRoutes(app: FastifyInstance, dependencies: CredentialRouteDependencies): void {
  const { store, cache, vault, clock, registry, events, grants } = dependencies;
  type ById = { Params: { id: string } };

  app.get<ById>('/accounts/:id/credential', { config: { access: ANY_ROLE } }, async (request, reply) => {
    const key = callerOf(request);
    requireVisible(key, request.params.id);
    const account = await getAccount(store, key.project, request.params.id);
    return view(key.project, account, reply, await grants.inspect(key.project, account.id));
  });

  app.put<ById & { Body: Static<typeof ReplacementBody> }>(
    '/accounts/:id/credential',
    { schema: { body: ReplacementBody } },
    async (request, reply) => {
      const { project } = callerOf(request);
      const { allow_identity_change = false, ...credential } = request.body;
      const { account, connector, profile } = await find(project, request.params.id);
      const client = oauthClientOf(connector, profile);
      const { grant: kind, id: method } = client.authentication;
      if (kind === 'authorization_code')
        throw new Problem('consent_required', `The authentication "${method}" takes a person's consent, no token.`, {
          hint: `Link the account again: POST /connect_sessions with "account_id": "${account.id}".`,
        });
      if (kind !== 'provided_token' && kind !== 'api_key')
        throw new Problem('grant_absent', `The authentication "${method}" takes no token from elsewhere.`);
      const { grant, identity } = await acceptCredential(dependencies, client, credential, '');
      const before = account.identity?.subject;
      if (before !== undefined && identity?.subject !== before && !allow_identity_change)
        throw new Problem(
          'identity_changed',
          identity ? 'The credential is that of another person.' : 'The provider does not say whose credential it is.',
          {
            hint: `Send one of the person who linked the account${identity ? '' : ' that may read who that is'}, or "allow_identity_change": true.`,
          },
        );
      await grants.install(project, account.id, client, grant);
      const linked = { identity, granted_scopes: grant.scopes, linked_at: new Date(clock.now()).toISOString() };
      const changed = await events
        .tell({ project, account: account.id, type: 'account.updated' }, () =>
          changeAccountAnyway(store, clock.now(), project, account.id, ({ status }) => ({
            ...linked,
            // What an operator suspended stays so.
            ...(status !== 'inactive' && { status: 'active', status_reasons: [] }),
          })),
        )
        .catch(async (error: unknown) => {
          if (error instanceof Problem && error.code === 'account_not_found')
            await grants.remove(project, account.id, undefined);
          throw error;
        });
      return view(project, changed ?? account, reply, await grants.inspect(project, account.id));
    },
  );

  app.post<ById>('/accounts/:id/refresh', async (request, reply) => {
    const { project } = callerOf(request);
    const { account, connector, profile } = await find(project, request.params.id);
    if (account.status === 'inactive')
      throw new Problem('account_inactive', `Account ${account.id} is suspended, and not refreshed.`, {
        hint: `Resume it first: POST /accounts/${account.id}/resume.`,
        extra: { account: account.id, account_status: account.status, status_reasons: account.status_reasons },
      });
    if (!(await grants.inspect(project, account.id)))
      throw new Problem('grant_absent', `Account ${account.id} has no grant that could be refreshed.`);
    const refreshed = await grants.refreshNow({
      project,
      account: account.id,
      client: oauthClientOf(connector, profile),
      deadlineAt: clock.now() + REFRESH_TIMEOUT_MS,
      signal: goneSignal(reply),
    });
    return view(project, await getAccount(store, project, account.id), reply, refreshed);
  });

  async function find(project: string, id: string): Promise<Found> {
    const account = await getAccount(store, project, id);
    const profile = await loadProfile(cache, vault, project, account.profile_id);
    const connector = registry().connectors.get(account.connector);
    if (!profile)
      throw new Problem('profile_disabled', 'The connector profile of the account does not exist any more.');
    if (!connector) throw new Problem('not_found', `Connector ${account.connector} is not loaded.`);
    return { account, connector, profile };
  }

  async function view(
    project: string,
    account: Account,
    reply: FastifyReply,
    grant: GrantView | undefined,
  ): Promise<CredentialView> {
    const profile = await getProfile(store, project, account.profile_id);
    const connector = registry().connectors.get(account.connector);
    if (!connector) throw new Problem('not_found', `Connector ${account.connector} is not loaded.`);
    const { kinds, required, counts } = requirementsOf(connector, profile, account);
    reply.header('cache-control', 'no-store');
    return {
      account: account.id,
      account_status: account.status,
      status_reasons: account.status_reasons,
      kind: kinds.authentication?.grant ?? null,
      authentication: profile.authentication,
      tokens: kinds.available,
      identity: account.identity,
      linked_at: account.linked_at,
      granted_scopes: account.granted_scopes,
      obtained_at: grant?.obtained_at ?? null,
      access_expires_in_s: grant?.access_expires_in_s ?? null,
      refreshable: grant?.refreshable ?? false,
      refresh_expires_in_s: grant?.refresh_expires_in_s ?? null,
      dead: grant?.dead ?? null,
      actions: counts,
      required,
    };
  }
}
