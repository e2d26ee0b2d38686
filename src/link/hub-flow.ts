import type { Clock } from '../clock.ts';
import type { Authentication, Connector, Registry } from '../connector/connector.ts';
import { type Account, findAccount } from '../domain/account.ts';
import {
  assertPending,
  type ConnectSession,
  changeSession,
  type SessionError,
  type SessionState,
  sameDigest,
  sessionOfReference,
  sessionOfToken,
  stateOf,
} from '../domain/connect-session.ts';
import { type ConnectorProfile, getProfile, loadProfile } from '../domain/connector-profile.ts';
import { getProject } from '../domain/project.ts';
import { getProjectSettings } from '../domain/project-settings.ts';
import type { OAuthClient } from '../oauth/grant.ts';
import { type FieldError, Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import { acceptKey, faultOfKey } from './accept-key.ts';
import { assertMayLink, type CompleteLinkDependencies, completeLink } from './complete-link.ts';
import type { LinkStates } from './link-state.ts';
import { isAsked, type LinkView, linkView } from './link-view.ts';
import { authenticationOf, oauthClientOf } from './oauth-client.ts';
import type { PersonalOAuth } from './personal-oauth.ts';
import { returnLocation } from './return-url.ts';
import type { SessionEnd } from './session-end.ts';

/** How a link ended, as the page tells it, and where it goes on. */
export interface LinkOutcome {
  session_id: string;
  state: SessionState;
  account_id: string | null;
  error: SessionError | null;
  /** The connector's label. */
  connector: string;
  workspace: string;
  flow: ConnectSession['flow'];
  /** Of the window that opened this one; the only one that may be told. */
  popup_origin: string | null;
  /** With the outcome in its query; null where there is none, or it is not registered any more. */
  return_to: string | null;
}

export interface WantedLink {
  settings: Record<string, unknown>;
  key?: Secret | undefined;
}

export type Started = { authorization_url: string } | { outcome: LinkOutcome };

/** What the link page does. Every rejection is a problem that the page can show. */
export interface HubFlow {
  /** Binds the session to the browser that opens it first, and tells what would be linked. */
  open(token: string, browserDigest: string): Promise<LinkView>;
  /**
   * Begins the authorization; where no person consents, links at once. `key` is what the person typed where the accounts bring
   * keys; while it is refused, the link stays open for another one.
   */
  start(token: string, browserDigest: string | undefined, wanted: WantedLink): Promise<Started>;
  cancel(token: string, browserDigest: string | undefined): Promise<LinkOutcome>;
  /** For the browser that completed it: `connect_session_invalid` for every other. */
  outcome(reference: string, browserDigest: string | undefined): Promise<LinkOutcome>;
}

export interface HubFlowDependencies extends CompleteLinkDependencies {
  door: Door;
  cache: RecordCache;
  vault: Vault;
  clock: Clock;
  registry: () => Registry;
  states: LinkStates;
  ends: SessionEnd;
  oauth: PersonalOAuth;
  redirectUri: (connector: string) => string;
}

// Copied in part, the wrong one, an old one: after these nobody mistypes any more.
const MAX_KEY_ATTEMPTS = 10;

export function createHubFlow(deps: HubFlowDependencies): HubFlow {
  const { store, cache, vault, clock, registry, states, ends, oauth, redirectUri } = deps;

  function connectorOf({ connector: id }: ConnectSession): Connector {
    const connector = registry().connectors.get(id);
    if (!connector) throw new Problem('profile_disabled', 'The connector is not there any more.');
    return connector;
  }

  async function workspaceOf(project: string): Promise<string> {
    const { workspace_name } = await getProjectSettings(store, project);
    return workspace_name ?? (await getProject(store, project)).name;
  }

  /** The session of a token, open and in this very browser. */
  async function ownSession(token: string, browserDigest: string | undefined): Promise<ConnectSession> {
    const session = await sessionOfToken(store, token);
    assertPending(session, clock.now());
    assertBrowser(session, browserDigest);
    return session;
  }

  async function enabledProfile({ project, profile_id }: ConnectSession): Promise<ConnectorProfile> {
    const profile = await loadProfile(cache, vault, project, profile_id);
    if (!profile?.enabled) throw new Problem('profile_disabled', 'The connector profile is disabled.');
    return profile;
  }

  async function outcomeOf(session: ConnectSession): Promise<LinkOutcome> {
    const { id, project, return_url, popup_origin, account_id, flow } = session;
    const state = stateOf(session, clock.now());
    const settings = await getProjectSettings(store, project);
    return {
      session_id: id,
      state,
      account_id: state === 'authenticated' ? account_id : null,
      error: session.error,
      connector: registry().connectors.get(session.connector)?.label ?? session.connector,
      workspace: await workspaceOf(project),
      flow,
      // Asked again: an operator may have taken them off the list since the session was made.
      popup_origin: popup_origin !== null && settings.popup_origins.includes(popup_origin) ? popup_origin : null,
      return_to:
        return_url !== null && settings.return_urls.includes(return_url) ? returnLocation(return_url, id, state) : null,
    };
  }

  async function formerClient({ project }: ConnectSession, { connector: id, profile_id }: Account) {
    const connector = registry().connectors.get(id);
    const profile = await loadProfile(cache, vault, project, profile_id).catch(() => undefined);
    return connector && profile && connector.authentication.has(profile.authentication)
      ? oauthClientOf(connector, profile)
      : undefined;
  }

  async function linkAtOnce(session: ConnectSession, settings: Record<string, unknown>): Promise<Started> {
    const claimed = await ends.claim(session, undefined);
    const { project, account_id } = claimed;
    const before = claimed.relink ? await findAccount(store, project, account_id) : undefined;
    await completeLink(deps, claimed, settings, undefined);
    // What a person granted under another profile is of no use to the account any more.
    if (before) await deps.grants.remove(project, account_id, await formerClient(claimed, before));
    return { outcome: await outcomeOf(await ends.authenticated(claimed)) };
  }

  async function linkWithKey(
    session: ConnectSession,
    settings: Record<string, unknown>,
    client: OAuthClient,
    key: Secret,
  ): Promise<Started> {
    // Counted before the provider is asked: nobody finds out with our help which keys are good.
    const counted = await changeSession(store, clock.now(), session.project, session.id, (present) => {
      assertPending(present, clock.now());
      return present.attempt > MAX_KEY_ATTEMPTS ? undefined : { attempt: present.attempt + 1 };
    });
    const { attempt } = counted;
    if (attempt > MAX_KEY_ATTEMPTS) {
      const error = { code: 'too_many_attempts', detail: 'Too many keys were tried with this link.' } as const;
      return { outcome: await outcomeOf(await ends.failed(await ends.claim(counted, undefined), error)) };
    }
    const accepted = await acceptKey(deps, client, key);
    await assertMayLink(store, session, accepted.identity);
    const claimed = await ends.claim(session, attempt);
    await completeLink(deps, claimed, settings, { client, ...accepted });
    return { outcome: await outcomeOf(await ends.authenticated(claimed)) };
  }

  return {
    async open(token, browserDigest) {
      const { id, project } = await sessionOfToken(store, token);
      const session = await changeSession(store, clock.now(), project, id, (present) => {
        assertPending(present, clock.now());
        if (present.browser_digest === null) return { browser_digest: browserDigest };
        assertBrowser(present, browserDigest);
        return undefined;
      });
      const connector = connectorOf(session);
      const profile = await getProfile(store, project, session.profile_id);
      const method = authenticationOf(connector, profile);
      return linkView(session, await workspaceOf(project), connector, method, profile.scopes);
    },

    async start(token, browserDigest, { settings: given, key }) {
      const session = await ownSession(token, browserDigest);
      const connector = connectorOf(session);
      const profile = await enabledProfile(session);
      // The form was filled in with what was given beforehand, so that what is missing now was taken out.
      const kept = Object.entries(session.settings).filter(([name]) => !isAsked(connector, name));
      const client = oauthClientOf(connector, profile);
      const faults = keyFaults(client.authentication, key);
      const settings = boundSettings(connector, { ...Object.fromEntries(kept), ...given }, faults);
      if (client.authentication.grant === 'api_key' && key) return linkWithKey(session, settings, client, key);
      if (client.authentication.grant !== 'authorization_code') return linkAtOnce(session, settings);

      const { project, id, connector: connectorId } = session;
      const { attempt } = await changeSession(store, clock.now(), project, id, (present) => {
        assertPending(present, clock.now());
        return { attempt: present.attempt + 1 };
      });
      const { state, codeChallenge } = await states.issue({
        project,
        session: id,
        connector: connectorId,
        attempt,
        browser_digest: session.browser_digest ?? '',
        settings,
      });
      const request = { redirectUri: redirectUri(connectorId), scopes: profile.scopes, state, codeChallenge };
      return { authorization_url: oauth.authorizationUrl(client, request).href };
    },

    async cancel(token, browserDigest) {
      return outcomeOf(await ends.cancelled(await ownSession(token, browserDigest)));
    },

    async outcome(reference, browserDigest) {
      const session = await sessionOfReference(store, reference);
      const own = session?.browser_digest && browserDigest && sameDigest(session.browser_digest, browserDigest);
      if (!session || !own) throw new Problem('connect_session_invalid', 'The link was not opened in this browser.');
      return outcomeOf(session);
    },
  };
}

function assertBrowser({ browser_digest }: ConnectSession, browserDigest: string | undefined): void {
  if (browser_digest !== null && browserDigest !== undefined && sameDigest(browser_digest, browserDigest)) return;
  throw new Problem('connect_session_elsewhere', 'The link was opened in another browser before.');
}

/** What is wrong with a key, or with there being one or none. */
function keyFaults(authentication: Authentication, key: Secret | undefined): FieldError[] {
  const fault =
    authentication.grant === 'api_key'
      ? key
        ? faultOfKey(authentication, key.reveal())
        : 'is required'
      : key && 'is not asked for';
  return fault === undefined ? [] : [{ path: '/api_key', message: fault }];
}

/** The settings with defaults. Rejects with everything that is wrong with them, and with what else was found to be. */
function boundSettings(
  connector: Connector,
  settings: Record<string, unknown>,
  further: readonly FieldError[],
): Record<string, unknown> {
  const bound = connector.accountSettings.bind(settings);
  if (!('errors' in bound) && further.length === 0) return bound.values;
  const wrong = 'errors' in bound ? bound.errors : [];
  const errors = [...wrong.map(({ path, message }) => ({ path: `/settings${path}`, message })), ...further];
  throw new Problem('request_invalid', 'Some of the details are not valid.', { errors });
}
