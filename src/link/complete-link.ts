import type { Clock } from '../clock.ts';
import { type Account, changeAccount, createAccount, findAccount, type Identity } from '../domain/account.ts';
import type { ConnectSession } from '../domain/connect-session.ts';
import type { AccountEvents } from '../events/outbox.ts';
import type { OAuthClient, ObtainedGrant } from '../oauth/grant.ts';
import type { Grants } from '../oauth/grants.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';

/** What a person's consent brought. */
export interface Consent {
  client: OAuthClient;
  grant: ObtainedGrant;
  identity: Identity | null;
}

export interface CompleteLinkDependencies {
  store: Store;
  grants: Pick<Grants, 'install' | 'remove'>;
  events: AccountEvents;
  clock: Clock;
  random: Random;
}

// An account is changed seldom; whoever meets others this often in a row is not unlucky.
const MAX_CHANGE_ATTEMPTS = 10;

/** Whether the session may link what this person consented to; `account_not_found` and `identity_changed` if not. */
export async function assertMayLink(store: Store, session: ConnectSession, identity: Identity | null): Promise<void> {
  const account = await findAccount(store, session.project, session.account_id);
  if (!account && session.relink) throw new Problem('account_not_found', 'The account does not exist any more.');
  const before = account?.identity?.subject;
  if (before === undefined || session.allow_identity_change || identity?.subject === before) return;
  throw new Problem('identity_changed', 'The account was linked by another person before.');
}

/**
 * Makes the account, or has it work again. The grant is written first: what breaks off in between leaves no account at all,
 * or one that works; never an account without a grant. Done twice for a session, it makes one account. Rejects with
 * `store_unavailable`, `account_not_found` (deleted meanwhile: the grant is removed again) and what `install` rejects with.
 */
export async function completeLink(
  { store, grants, events, clock, random }: CompleteLinkDependencies,
  session: ConnectSession,
  settings: Record<string, unknown>,
  consent: Consent | undefined,
): Promise<Account> {
  const { project, account_id, profile_id } = session;
  if (consent) await grants.install(project, account_id, consent.client, consent.grant);
  const linked = {
    profile_id,
    settings,
    identity: consent?.identity ?? null,
    granted_scopes: consent?.grant.scopes ?? null,
  };
  if (!session.relink) {
    const { connector, owner_id, owner_name } = session;
    const made = await tell('account.created', () =>
      createAccount(store, random, clock.now(), project, {
        ...linked,
        id: account_id,
        connector,
        owner_id,
        owner_name,
      }).catch(onlyWhenThere),
    );
    if (made) return made;
  }
  try {
    return await tell('account.updated', renew);
  } catch (error) {
    if (consent && error instanceof Problem && error.code === 'account_not_found')
      await grants.remove(project, account_id, consent.client);
    throw error;
  }

  function tell<T>(type: 'account.created' | 'account.updated', change: () => Promise<T>): Promise<T> {
    return events.tell({ project, account: account_id, type }, change);
  }

  async function renew(): Promise<Account> {
    for (let attempt = 1; ; attempt += 1) {
      const now = clock.now();
      try {
        return await changeAccount(store, now, project, account_id, ({ status }) => ({
          ...linked,
          linked_at: new Date(now).toISOString(),
          // What an operator suspended is not for an end user to resume.
          ...(status !== 'inactive' && { status: 'active', status_reasons: [] }),
        }));
      } catch (error) {
        const changed = error instanceof Problem && error.code === 'version_conflict';
        if (!changed || attempt === MAX_CHANGE_ATTEMPTS) throw error;
      }
    }
  }
}

/** An earlier attempt of the same session made the account and then broke off. */
function onlyWhenThere(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'already_exists') return undefined;
  throw error;
}
