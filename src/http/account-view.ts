import { type Account, type PublicAccount, publicAccount } from '../domain/account.ts';
import type { ApiKey } from '../domain/api-key.ts';
import { getProfile } from '../domain/connector-profile.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';

/** The account as callers see it: a disabled profile makes its accounts inactive. */
export async function viewAccount(store: Store, project: string, account: Account): Promise<PublicAccount> {
  const profile = await getProfile(store, project, account.profile_id).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  });
  const disabled = account.status === 'active' && !profile?.enabled;
  return {
    ...publicAccount(account),
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

/** Refuses a key that is narrowed to other accounts as if there were none of this id. */
export function requireVisible(key: ApiKey, accountId: string): void {
  if (!isVisible(key, accountId)) throw new Problem('account_not_found', 'There is no such account.');
}

export function isVisible(key: ApiKey, accountId: string): boolean {
  return key.accounts === null || key.accounts.includes(accountId);
}
