import type { BaseLogger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import { type Account, changeAccountAnyway, findAccount } from '../domain/account.ts';
import type { AuditTarget } from '../domain/audit-record.ts';
import type { GrantDeath } from '../oauth/grant.ts';
import type { OnGrantDead, OnScopes } from '../oauth/grants.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';
import type { AccountEvents } from './outbox.ts';

/** What each end of a grant means to whoever looks at the account. */
export const GRANT_DEATHS: Readonly<Record<GrantDeath, string>> = {
  grant_refused: 'The provider refuses the refresh token: it was revoked, used elsewhere, or has expired.',
  grant_expired: 'The refresh token was not used in time and has expired.',
  no_refresh_token: 'The access token has expired, and there is no refresh token.',
  refresh_uncertain: 'A refresh was cut off in the middle, and the provider refuses the old refresh token since.',
  key_refused: 'The provider refuses the key: it was revoked there, or has expired.',
  grant_unreadable: 'The stored tokens cannot be opened: they were damaged, or their encryption key is missing.',
};

export interface GrantNewsDependencies {
  store: Store;
  clock: Clock;
  logger: BaseLogger;
  events: AccountEvents;
  audit: Pick<Audit, 'noteServer'>;
}

/**
 * Marks the account of a dead grant as `reauth_required` and tells the event. An account that is marked already, suspended, or
 * deleted stays as it is. Rejects with `store_unavailable`.
 */
export function createOnGrantDead({ store, clock, logger, events, audit }: GrantNewsDependencies): OnGrantDead {
  return async (project, id, death) => {
    const account = await findAccount(store, project, id);
    if (account?.status !== 'active') return;
    const now = clock.now();
    const reason = { code: death, description: GRANT_DEATHS[death], at: new Date(now).toISOString() };
    const marked = await events.tell({ project, account: id, type: 'account.reauth_required' }, () =>
      changeAccountAnyway(store, now, project, id, ({ status }) =>
        status === 'active' ? { status: 'reauth_required', status_reasons: [reason] } : undefined,
      ).catch(unlessDeleted),
    );
    if (!marked) return;
    logger.warn({ project, account: id, reason: death }, 'account must be linked again');
    audit.noteServer(project, { action: 'grant.died', target: targetOf(marked), details: { reason: death } });
  };
}

/** Takes the mark off again, of an account whose grant turned out to live: a token that was obtained was saved late. */
export function createOnGrantRevived({ store, clock, logger, events, audit }: GrantNewsDependencies) {
  return async (project: string, id: string): Promise<void> => {
    const isMarked = ({ status, status_reasons }: Pick<Account, 'status' | 'status_reasons'>) =>
      status === 'reauth_required' && status_reasons.every(({ code }) => Object.hasOwn(GRANT_DEATHS, code));
    const account = await findAccount(store, project, id);
    if (!account || !isMarked(account)) return;
    const mended = await events.tell({ project, account: id, type: 'account.updated' }, () =>
      changeAccountAnyway(store, clock.now(), project, id, (present) =>
        isMarked(present) ? { status: 'active', status_reasons: [] } : undefined,
      ).catch(unlessDeleted),
    );
    if (!mended) return;
    logger.warn({ project, account: id }, 'account works again: its grant was saved late');
    audit.noteServer(project, { action: 'grant.revived', target: targetOf(mended) });
  };
}

/** Has the account say what its grant is good for, so that the gate follows it: a refresh may narrow it (RFC 6749 §6). */
export function createOnScopes({ store, clock, logger, events, audit }: GrantNewsDependencies): OnScopes {
  return async (project, id, scopes) => {
    const differs = ({ granted_scopes: before }: Pick<Account, 'granted_scopes'>) =>
      before === null || new Set(before).symmetricDifference(new Set(scopes)).size > 0;
    const account = await findAccount(store, project, id);
    if (!account || !differs(account)) return false;
    const changed = await events.tell({ project, account: id, type: 'account.updated' }, () =>
      changeAccountAnyway(store, clock.now(), project, id, (present) =>
        differs(present) ? { granted_scopes: scopes } : undefined,
      ).catch(unlessDeleted),
    );
    if (changed) {
      logger.warn({ project, account: id, scopes }, 'the granted scopes of an account have changed');
      const deed = { action: 'grant.scopes_changed', target: targetOf(changed), changes: ['granted_scopes'] };
      audit.noteServer(project, deed);
    }
    return changed !== undefined;
  };
}

function targetOf({ id, owner_name, owner_id }: Account): AuditTarget {
  return { type: 'account', id, name: owner_name ?? owner_id };
}

function unlessDeleted(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'account_not_found') return undefined;
  throw error;
}
