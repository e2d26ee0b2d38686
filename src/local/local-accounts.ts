import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Connector } from '../connector/connector.ts';
import { changeAccount, createAccount } from '../domain/account.ts';
import { checkProfile, createProfile, loadProfile } from '../domain/connector-profile.ts';
import { oauthClientOf } from '../link/oauth-client.ts';
import { grantOfKey } from '../oauth/grant.ts';
import type { Grants } from '../oauth/grants.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Secret } from '../secret.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { LocalCredentials } from './local-engine.ts';

export interface LocalAccountsDependencies {
  store: Store;
  cache: RecordCache;
  vault: Vault;
  grants: Pick<Grants, 'install'>;
  clock: Clock;
  random: Random;
  project: string;
}

/** The accounts of a local engine. */
export interface LocalAccounts {
  /**
   * The id of the account with these credentials and settings, made with its profile when it is asked for first: cursors
   * belong to an account. Problems: `request_invalid` for what the connector does not know.
   */
  accountOf(connector: Connector, credentials: LocalCredentials, settings: Settings): Promise<string>;
}

type Settings = Readonly<Record<string, unknown>>;

// A token from elsewhere says nothing about its end; no local engine lives this long.
const PROVIDED_TOKEN_LIFE_MS = 24 * 60 * 60 * 1_000;

export function createLocalAccounts(dependencies: LocalAccountsDependencies): LocalAccounts {
  const { store, cache, vault, grants, clock, random, project } = dependencies;
  const accounts = new Map<string, Promise<string>>();

  async function make(connector: Connector, credentials: LocalCredentials, settings: Settings): Promise<string> {
    const { authentication, scopes, actions = null, clientId, clientSecret, serviceAccount, token } = credentials;
    const wanted = {
      authentication,
      scopes: [...(scopes ?? connector.scopes.keys())],
      actions: actions && [...actions],
    };
    const errors = [...checkProfile(connector, wanted), ...settingsErrors(connector, settings)];
    if (errors.length > 0) throw new Problem('request_invalid', `${connector.id} cannot be set up so.`, { errors });
    const { id } = await createProfile(store, vault, random, clock.now(), project, {
      ...wanted,
      name: 'local',
      connector: connector.id,
      client_id: clientId ?? null,
      client_secret: clientSecret ?? null,
      ...(serviceAccount && {
        service_account_id: serviceAccount.id,
        key_id: serviceAccount.keyId,
        private_key: serviceAccount.privateKey,
      }),
    });
    const account = await createAccount(store, random, clock.now(), project, {
      profile_id: id,
      connector: connector.id,
      owner_id: 'local',
      settings: boundSettings(connector, settings),
    });
    if (token) await install(connector, id, account.id, token);
    else if (needsPerson(connector, authentication))
      await changeAccount(store, clock.now(), project, account.id, () => ({ linked_at: null }));
    return account.id;
  }

  /** Nobody is asked whether it is a token: the first call tells. */
  async function install(connector: Connector, profileId: string, account: string, token: Secret): Promise<void> {
    const profile = await loadProfile(cache, vault, project, profileId);
    if (!profile) return;
    const now = clock.now();
    const client = oauthClientOf(connector, profile);
    const key = grantOfKey(token, now, null);
    const isKey = client.authentication.grant === 'api_key';
    const grant = isKey ? key : { ...key, accessExpiresAt: now + PROVIDED_TOKEN_LIFE_MS };
    await grants.install(project, account, client, grant);
  }

  return {
    accountOf(connector, credentials, settings) {
      const key = digestOf(connector, credentials, settings);
      const known = accounts.get(key) ?? make(connector, credentials, settings);
      accounts.set(key, known);
      // Whoever asks again may have mended it.
      known.catch(() => accounts.delete(key));
      return known;
    },
  };
}

function needsPerson(connector: Connector, authentication: string): boolean {
  const method = connector.authentication.get(authentication);
  return method?.tokens.has('user') === true && method.grant !== 'jwt_bearer';
}

function settingsErrors({ accountSettings }: Connector, settings: Settings) {
  const bound = accountSettings.bind(settings);
  return 'errors' in bound ? bound.errors.map(({ path, message }) => ({ path: `/account${path}`, message })) : [];
}

function boundSettings({ accountSettings }: Connector, settings: Settings): Record<string, unknown> {
  const bound = accountSettings.bind(settings);
  return 'errors' in bound ? {} : bound.values;
}

/** Secrets count by what they are, and are not kept in clear. */
function digestOf(connector: Connector, credentials: LocalCredentials, settings: Settings): string {
  const { clientSecret, serviceAccount, token, authentication, scopes, actions, clientId } = credentials;
  const secrets = [clientSecret, serviceAccount?.privateKey, token].map((secret) => secret?.reveal());
  const { id, keyId } = serviceAccount ?? {};
  const parts = [connector.id, authentication, scopes, actions, clientId, id, keyId, settings, secrets];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
