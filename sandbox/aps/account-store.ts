import { seedMembers } from './account-members.ts';
import type { Account, AccountProject, Member } from './account-model.ts';
import { seedBusinessUnits, seedCompanies, seedProject, seedTemplate, seedUsers } from './account-seed.ts';
import type { Hub, World } from './world.ts';

/** The accounts behind the hubs. What is written stays as long as the process. */
export interface Accounts {
  /** By the id without `b.`. */
  account(id: string): Account | undefined;
  /** By the id without `b.`, whatever account it is in. */
  project(id: string): AccountProject | undefined;
}

/** An account is generated when first looked at, so that a sandbox that nobody asks about accounts starts as fast. */
export function createAccounts(world: World): Accounts {
  const known = new Map<string, Account>();
  const open = (hub: Hub): Account => {
    const account = known.get(hub.accountId) ?? createAccount(world, hub);
    known.set(hub.accountId, account);
    return account;
  };
  return {
    account(id) {
      const hub = constructionHubs(world).find((one) => one.accountId === id);
      return hub && open(hub);
    },
    project(id) {
      for (const hub of constructionHubs(world)) {
        const project = open(hub).projects.get(id);
        if (project !== undefined) return project;
      }
      return undefined;
    },
  };
}

/** A team hub is no account. */
function constructionHubs(world: World): Hub[] {
  return world.hubs.filter((one) => one.platform === 'bim360');
}

function createAccount(world: World, hub: Hub): Account {
  const { seed } = world;
  const companies = seedCompanies(seed, hub);
  const members = new Map<string, Map<string, Member>>();
  const account: Account = {
    id: hub.accountId,
    hub,
    users: byId(seedUsers(seed, hub, companies)),
    companies: byId(companies),
    businessUnits: seedBusinessUnits(seed, hub),
    projects: new Map(),
    members(project) {
      const found = members.get(project.id) ?? seedMembers(seed, project);
      members.set(project.id, found);
      return found;
    },
  };
  for (const project of hub.projects) account.projects.set(project.uuid, seedProject(seed, account, project));
  const template = seedTemplate(seed, account);
  account.projects.set(template.id, template);
  return account;
}

function byId<T extends { id: string }>(entries: readonly T[]): Map<string, T> {
  return new Map(entries.map((one) => [one.id, one]));
}
