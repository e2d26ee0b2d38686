import type { Clock } from '../clock.ts';
import type { Registry } from '../connector/connector.ts';
import { getAccount } from '../domain/account.ts';
import type { ApiKey } from '../domain/api-key.ts';
import { type ConnectSession, createSession, type LinkFlow } from '../domain/connect-session.ts';
import { getProfile } from '../domain/connector-profile.ts';
import { getProjectSettings } from '../domain/project-settings.ts';
import { type FieldError, Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Secret } from '../secret.ts';
import type { Store } from '../store/store.ts';
import type { DeviceCodes } from './device-code.ts';
import { authenticationOf } from './oauth-client.ts';

/** A backend's wish for a link. */
export interface WantedSession {
  connector_profile_id: string;
  /** May be left out when an account is linked again. */
  owner_id?: string | undefined;
  owner_name?: string | null | undefined;
  account_id?: string | undefined;
  settings?: Record<string, unknown> | undefined;
  return_url?: string | undefined;
  popup_origin?: string | undefined;
  expires_in_s?: number | undefined;
  allow_identity_change?: boolean | undefined;
  flow?: LinkFlow | undefined;
}

export interface OpenedSession {
  session: ConnectSession;
  /** Shown once. */
  hubToken: Secret;
  /** Of the device flow. */
  userCode: string | undefined;
}

export interface OpenSessionDependencies {
  store: Store;
  random: Random;
  clock: Clock;
  registry: () => Registry;
  codes: DeviceCodes;
}

// Time for a person to read a mail and sign in somewhere; a link that lies about longer is found by others.
const DEFAULT_LIFETIME_S = 15 * 60;
export const MAX_LIFETIME_S = 30 * 60;

/**
 * Makes a session for a key's project. Rejects with `request_invalid`, `not_found` (profile), `account_not_found`,
 * `profile_disabled`, `key_not_allowed`, `return_url_refused`, `popup_origin_refused`.
 */
export async function openSession(
  { store, random, clock, registry, codes }: OpenSessionDependencies,
  key: Pick<ApiKey, 'project' | 'accounts'>,
  wanted: WantedSession,
): Promise<OpenedSession> {
  const { project } = key;
  const profile = await getProfile(store, project, wanted.connector_profile_id);
  // Before all else about it, so that a key that sees some accounts only learns nothing of the others.
  const account = wanted.account_id === undefined ? undefined : await visibleAccount(wanted.account_id);
  if (!account && key.accounts !== null)
    throw new Problem('key_not_allowed', 'A key that is narrowed to accounts cannot link new ones.');
  if (key.accounts !== null && account && account.profile_id !== profile.id)
    throw new Problem('key_not_allowed', 'A key that is narrowed to accounts cannot move one to another profile.');
  const connector = registry().connectors.get(profile.connector);
  if (!connector) throw new Problem('not_found', `Connector ${profile.connector} is not loaded.`);
  if (!profile.enabled) throw new Problem('profile_disabled', `Connector profile ${profile.id} is disabled.`);
  const method = authenticationOf(connector, profile);

  const errors: FieldError[] = [];
  const fault = (path: string, message: string) => errors.push({ path, message });
  if (method.grant === 'provided_token')
    fault(
      '/connector_profile_id',
      `has the authentication "${method.id}", whose accounts are made with POST /accounts`,
    );
  if (account && account.connector !== profile.connector)
    fault('/connector_profile_id', `is one of ${profile.connector}, the account one of ${account.connector}`);
  if (account && wanted.owner_id !== undefined && wanted.owner_id !== account.owner_id)
    fault('/owner_id', 'is not the owner of the account; it can be left out');
  const ownerId = account?.owner_id ?? wanted.owner_id;
  if (ownerId === undefined) fault('/owner_id', 'is required');
  const settings = { ...account?.settings, ...wanted.settings };
  for (const error of settingErrors(settings)) errors.push(error);
  if (errors.length > 0 || ownerId === undefined)
    throw new Problem('request_invalid', 'The connect session is not valid.', { errors });

  const { return_urls, popup_origins } = await getProjectSettings(store, project);
  const { return_url = null, popup_origin = null } = wanted;
  if (return_url !== null && !return_urls.includes(return_url))
    throw new Problem('return_url_refused', 'The return URL is not exactly one of those that the project registered.');
  if (popup_origin !== null && !popup_origins.includes(popup_origin))
    throw new Problem('popup_origin_refused', 'The origin is not exactly one of those that the project registered.');

  const flow = wanted.flow ?? 'browser';
  const lifetimeMs = (wanted.expires_in_s ?? DEFAULT_LIFETIME_S) * 1_000;
  const { session, token } = await createSession(store, random, clock.now(), project, {
    profile_id: profile.id,
    connector: profile.connector,
    owner_id: ownerId,
    owner_name: wanted.owner_name ?? account?.owner_name ?? null,
    settings,
    allow_identity_change: wanted.allow_identity_change ?? false,
    flow,
    return_url,
    popup_origin,
    relink: account?.id,
    lifetimeMs,
  });
  const userCode = flow === 'device' ? await codes.issue(token, lifetimeMs) : undefined;
  return { session, hubToken: token, userCode };

  function visibleAccount(id: string) {
    if (key.accounts !== null && !key.accounts.includes(id))
      throw new Problem('account_not_found', 'There is no such account.');
    return getAccount(store, project, id);
  }

  /** What is wrong with values given beforehand; what is missing, the form asks for. */
  function settingErrors(values: Record<string, unknown>): FieldError[] {
    const bound = connector?.accountSettings.bind(values);
    if (!bound || !('errors' in bound)) return [];
    return bound.errors
      .filter(({ path }) => Object.hasOwn(values, path.slice(1).split('/')[0] ?? ''))
      .map(({ path, message }) => ({ path: `/settings${path}`, message }));
  }
}
