import { ROLE_NAMES, roleId } from './account-catalogue.ts';
import type { Access, AccountProject, AccountUser, Member } from './account-model.ts';
import { isoTime } from './account-seed.ts';
import type { Seed } from './seed.ts';

/** One of so many users is in a project. */
const USERS_PER_MEMBER = 4;
const STATUS_OF_USER = { active: 'active', inactive: 'deleted', pending: 'pending', not_invited: 'pending' } as const;

/** The first account administrator and the first project administrator run every seeded project. */
export function seedMembers(seed: Seed, project: AccountProject): Map<string, Member> {
  const users = [...project.account.users.values()];
  const first = users.find((one) => one.role === 'project_admin');
  const members = users.flatMap((user, index) => {
    const admin = index === 0 || user === first;
    const label = `member/${project.id}/${user.id}`;
    if (!admin && seed.integer(label, 1, USERS_PER_MEMBER) !== 1) return [];
    return [member(project, user, admin ? 'administrator' : 'member', seed, label)];
  });
  return new Map(members.map((one) => [one.user.id, one]));
}

function member(project: AccountProject, user: AccountUser, access: Access, seed: Seed, label: string): Member {
  const scope = project.platform === 'bim360' ? project.id : project.account.id;
  const at = isoTime(seed.time(label));
  return {
    user,
    companyId: user.company_id,
    roleIds: [roleId(seed, scope, seed.pick(`${label}/role`, ROLE_NAMES))],
    products: accessToAll(project.productKeys, access),
    status: STATUS_OF_USER[user.status],
    addedOn: at,
    updatedAt: at,
  };
}

/** `member` of everything but the administration, which knows administrators only. */
export function accessToAll(keys: readonly string[], access: Access): Member['products'] {
  return keys.map((key) => ({ key, access: key === 'projectAdministration' && access === 'member' ? 'none' : access }));
}
