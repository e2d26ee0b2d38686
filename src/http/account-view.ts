import { type Account, type PublicAccount, publicAccount } from '../domain/account.ts';
import { effectiveStatus } from '../domain/account-status.ts';
import { lastCallAt } from '../domain/account-use.ts';
import type { ApiKey } from '../domain/api-key.ts';
import { getProfile, type PublicProfile } from '../domain/connector-profile.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';

/** An account as `/accounts` shows it. */
export type AccountView = PublicAccount & {
  /** Of its last call, ISO 8601; a minute behind at most. Null when there was none in the last 400 days. */
  last_call_at: string | null;
};

/** The account as callers see it: a disabled profile makes its accounts inactive. */
export async function viewAccount(store: Store, project: string, account: Account): Promise<AccountView> {
  const profile = await getProfile(store, project, account.profile_id).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  });
  return viewUnder(store, project, account, profile);
}

/** As {@link viewAccount}, under its profile; undefined when there is none. */
export async function viewUnder(
  store: Store,
  project: string,
  account: Account,
  profile: PublicProfile | undefined,
): Promise<AccountView> {
  const status = effectiveStatus(account, profile);
  return {
    ...publicAccount(account),
    ...(status !== account.status && {
      status,
      status_reasons: [
        {
          code: 'profile_disabled',
          description: 'The connector profile is disabled.',
          at: profile?.updated_at ?? account.updated_at,
        },
      ],
    }),
    last_call_at: await lastCallAt(store, project, account.id),
  };
}

/** Refuses a key that is narrowed to other accounts as if there were none of this id. */
export function requireVisible(key: ApiKey, accountId: string): void {
  if (!isVisible(key, accountId)) throw new Problem('account_not_found', 'There is no such account.');
}

export function isVisible(key: ApiKey, accountId: string): boolean {
  return key.accounts === null || key.accounts.includes(accountId);
}
