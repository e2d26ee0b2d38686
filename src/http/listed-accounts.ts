import type { Registry } from '../connector/connector.ts';
import type { Account } from '../domain/account.ts';
import type { PublicProfile } from '../domain/connector-profile.ts';
import { type Requirements, requirementsOf } from '../engine/required-scopes.ts';
import { grantEnd } from '../oauth/grant-end.ts';
import type { Store } from '../store/store.ts';
import { type AccountView, viewUnder } from './account-view.ts';

/** An account as `GET /accounts` lists it: what it can do at a glance. `/accounts/{id}/credential` says more. */
export type ListedAccountView = AccountView & {
  access: {
    /** Of the enabled actions. Null where the profile or the connector is gone. */
    actions: Pick<Requirements['counts'], 'enabled' | 'allowed'> | null;
    /** Which enabled actions need and the account does not have; sorted. */
    missing_scopes: string[];
    /** When its grant ends without use, ISO 8601; null where it has no end that is known, or there is none. */
    ends_at: string | null;
  };
};

/** An answer of `GET /accounts`. */
export interface AccountListView {
  data: ListedAccountView[];
  next: string | null;
}

/** Shows the accounts of one page; many of them have the same profile and the same scopes, which is worked out once. */
export function viewListed(
  store: Store,
  registry: Registry,
  project: string,
  accounts: readonly Account[],
  profiles: ReadonlyMap<string, PublicProfile>,
): Promise<ListedAccountView[]> {
  const known = new Map<string, Omit<ListedAccountView['access'], 'ends_at'>>();
  const accessOf = (account: Account, profile: PublicProfile | undefined) => {
    const same = JSON.stringify([account.profile_id, account.linked_at === null, account.granted_scopes]);
    const access = known.get(same) ?? workOut(registry, account, profile);
    known.set(same, access);
    return access;
  };
  return Promise.all(
    accounts.map(async (account) => {
      const profile = profiles.get(account.profile_id);
      const [view, endsAt] = await Promise.all([
        viewUnder(store, project, account, profile),
        grantEnd(store, project, account.id),
      ]);
      const ends_at = endsAt === null ? null : new Date(endsAt).toISOString();
      return { ...view, access: { ...accessOf(account, profile), ends_at } };
    }),
  );
}

function workOut(
  { connectors }: Registry,
  account: Account,
  profile: PublicProfile | undefined,
): Omit<ListedAccountView['access'], 'ends_at'> {
  const connector = connectors.get(account.connector);
  if (!connector || !profile) return { actions: null, missing_scopes: [] };
  const { counts, required } = requirementsOf(connector, profile, account);
  const { enabled, allowed } = counts;
  const missing = new Set(required.flatMap(({ missing_scopes }) => missing_scopes));
  return { actions: { enabled, allowed }, missing_scopes: [...missing].sort() };
}
