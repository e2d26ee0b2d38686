import type { Store } from '../store/store.ts';
import { ACCOUNT_STATUSES, type Account, type AccountStatus } from './account.ts';
import { ACCOUNT_KIND, connectorTerm, profileTerm, statusTerm } from './account-terms.ts';
import { listProfiles, type PublicProfile } from './connector-profile.ts';
import { MAX_PAGE_SIZE } from './listing.ts';

/** Some accounts, all of them where nothing is said. */
export interface AccountGroup {
  status?: AccountStatus | undefined;
  connector?: string | undefined;
  profile?: string | undefined;
}

/** The status that callers see: a disabled profile makes its active accounts inactive. */
export function effectiveStatus(account: Account, profile: Pick<PublicProfile, 'enabled'> | undefined): AccountStatus {
  return account.status === 'active' && !profile?.enabled ? 'inactive' : account.status;
}

/** Every profile of a project, by id. There are few: an operator makes each. */
export async function profilesOf(store: Store, project: string): Promise<ReadonlyMap<string, PublicProfile>> {
  const profiles = new Map<string, PublicProfile>();
  let next: string | undefined;
  do {
    const page = await listProfiles(store, project, { limit: MAX_PAGE_SIZE, next });
    for (const profile of page.data) profiles.set(profile.id, profile);
    next = page.next ?? undefined;
  } while (next !== undefined);
  return profiles;
}

/** How many accounts have each effective status. Counted from the store's terms, not scanned. */
export async function countByStatus(store: Store, project: string): Promise<Record<AccountStatus, number>> {
  const count = (term: string) => store.count(project, ACCOUNT_KIND, { term });
  const profiles = [...(await profilesOf(store, project)).values()];
  const [counted, underDisabled] = await Promise.all([
    Promise.all(ACCOUNT_STATUSES.map(async (status) => [status, await count(statusTerm(status))] as const)),
    Promise.all(profiles.filter(({ enabled }) => !enabled).map(({ id }) => count(profileTerm(id, 'active')))),
  ]);
  const byStatus = Object.fromEntries(counted) as Record<AccountStatus, number>;
  // Two looks at what changes meanwhile must not make a negative number.
  const moved = Math.min(
    byStatus.active,
    underDisabled.reduce((sum, some) => sum + some, 0),
  );
  return { ...byStatus, active: byStatus.active - moved, inactive: byStatus.inactive + moved };
}

/**
 * The terms under which the accounts of a group stand, each account under one of them; undefined when the group is all of
 * them. `status` is the effective one.
 */
export function termsOfGroup(
  { status, connector, profile }: AccountGroup,
  profiles: ReadonlyMap<string, PublicProfile>,
): string[] | undefined {
  const own = (wanted?: AccountStatus) => {
    if (profile !== undefined) return profileTerm(profile, wanted);
    if (connector !== undefined) return connectorTerm(connector, wanted);
    return wanted && statusTerm(wanted);
  };
  const plain = own(status);
  if (plain === undefined) return undefined;
  const concerned = [...profiles.values()].filter(
    (each) =>
      (profile === undefined || each.id === profile) && (connector === undefined || each.connector === connector),
  );
  const activeUnder = (enabled: boolean) =>
    concerned.filter((each) => each.enabled === enabled).map(({ id }) => profileTerm(id, 'active'));
  if (status === 'inactive') return [plain, ...activeUnder(false)];
  if (status === 'active' && activeUnder(false).length > 0) return activeUnder(true);
  return [plain];
}
