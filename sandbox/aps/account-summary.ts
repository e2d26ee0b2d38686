import type { Account, AccountUser } from './account-model.ts';
import type { Accounts } from './account-store.ts';
import { type FileSummary, summarizeFiles } from './file-summary.ts';
import type { World } from './world.ts';

interface Person {
  /** The account's id of the user. */
  id: string;
  /** The platform's; absent for somebody who never accepted the invitation. */
  uid?: string;
  email: string;
}

/** The ids that a test or demo needs of one hub. Project ids are without `b.`; Data Management wants it before them. */
export interface HubSummary {
  id: string;
  region: string;
  platform: 'bim360' | 'core';
  /** Of the hub's first project; absent when it has none. */
  files?: FileSummary;
  /** The rest is absent for a team hub, which is no account. */
  account_id?: string;
  account_admin?: Person;
  /** Administers every seeded project, but not the account. */
  project_admin?: Person;
  /** Administers nothing. */
  member?: Person;
  pending_user?: Person;
  acc_project_id?: string;
  bim360_project_id?: string;
  template_project_id?: string;
  company_ids?: string[];
  business_unit_ids?: string[];
}

/** Seeded ids by their use, so that nothing has to be searched for. */
export function summarizeWorld(world: World, accounts: Accounts): { hubs: HubSummary[] } {
  return {
    hubs: world.hubs.map((hub) => {
      const { id, region, platform } = hub;
      const account = accounts.account(hub.accountId);
      const files = summarizeFiles(hub, world);
      return { id, region, platform, ...(files && { files }), ...(account && summarizeAccount(account)) };
    }),
  };
}

function summarizeAccount(account: Account): Omit<HubSummary, 'id' | 'region' | 'platform' | 'files'> {
  const users = [...account.users.values()];
  const projects = [...account.projects.values()];
  const person = (name: string, fits: (user: AccountUser) => boolean): Record<string, Person> => {
    const user = users.find(fits);
    if (user === undefined) return {};
    return { [name]: { id: user.id, ...(user.uid === null ? {} : { uid: user.uid }), email: user.email } };
  };
  const project = (name: string, found: { id: string } | undefined) =>
    found === undefined ? {} : { [name]: found.id };
  return {
    account_id: account.id,
    ...person('account_admin', (user) => user.role === 'account_admin'),
    ...person('project_admin', (user) => user.role === 'project_admin'),
    ...person('member', (user) => user.role === 'account_user' && user.status === 'active'),
    ...person('pending_user', (user) => user.status === 'pending'),
    ...project(
      'acc_project_id',
      projects.find((one) => one.platform === 'acc' && one.classification === 'production'),
    ),
    ...project(
      'bim360_project_id',
      projects.find((one) => one.platform === 'bim360'),
    ),
    ...project(
      'template_project_id',
      projects.find((one) => one.classification === 'template'),
    ),
    company_ids: [...account.companies.keys()],
    business_unit_ids: account.businessUnits.map((unit) => unit.id),
  };
}
