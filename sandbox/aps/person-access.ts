import { findUser } from './account-model.ts';
import type { Accounts } from './account-store.ts';
import type { Hub, Project } from './world.ts';

/** Whose token it is, and the accounts that may know the person. */
interface Asking {
  accounts: Accounts;
  tokenUserId: string | undefined;
}

/**
 * Whether a token reaches a hub: an app's own does; a person's when the person is an active user of the account. A team hub
 * has no account and lets everybody in.
 */
export function reachesHub({ accounts, tokenUserId }: Asking, hub: Hub): boolean {
  // Before the account, which is generated when first looked at.
  if (tokenUserId === undefined) return true;
  const account = accounts.account(hub.accountId);
  if (account === undefined) return true;
  return findUser(account, tokenUserId)?.status === 'active';
}

/** Likewise for a project: account administrators reach all, others those that they are members of. */
export function reachesProject({ accounts, tokenUserId }: Asking, project: Project): boolean {
  if (tokenUserId === undefined) return true;
  const account = accounts.account(project.hub.accountId);
  if (account === undefined) return true;
  const user = findUser(account, tokenUserId);
  if (user?.status !== 'active') return false;
  if (user.role === 'account_admin') return true;
  const about = account.projects.get(project.uuid);
  return about !== undefined && account.members(about).get(user.id)?.status === 'active';
}
