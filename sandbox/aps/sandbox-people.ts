import type { Account, AccountUser } from './account-model.ts';
import type { Accounts } from './account-store.ts';
import { userName } from './people.ts';
import type { World } from './world.ts';

/** Somebody with an identity at the provider, whatever accounts know the person. */
export interface Person {
  /** The platform's id: what tokens say as `userid`. */
  id: string;
  name: string;
  givenName: string;
  familyName: string;
  userName: string;
  email: string;
  /** What the person is in the accounts, in words for whoever picks one. */
  description: string;
  updatedAt: string | undefined;
}

export interface People {
  /** Everybody who can sign in: who accepted an account's invitation, and one whom no account knows. */
  list(): readonly Person[];
  /** Also made up for an id that nobody has, so that a token for it has an identity. */
  find(id: string): Person;
}

/** Has an identity at the provider and is in no account: consents, and then sees nothing. */
export const STRANGER_ID = 'SANDBOXSTRANGER';

const ROLES = {
  account_admin: 'account administrator',
  project_admin: 'project administrator',
  account_user: 'member',
} as const;

export function createPeople(world: World, accounts: Accounts): People {
  const known = (): Map<string, Person> => {
    const people = new Map<string, Person>();
    for (const user of everyUser(world, accounts)) {
      if (user.uid !== null && !people.has(user.uid)) people.set(user.uid, personOf(user.uid, user));
    }
    return people;
  };
  return {
    list: () => [...known().values(), stranger(STRANGER_ID)],
    find: (id) => known().get(id) ?? stranger(id),
  };
}

function* everyUser(world: World, accounts: Accounts): Generator<AccountUser> {
  for (const account of everyAccount(world, accounts)) yield* account.users.values();
}

export function everyAccount(world: World, accounts: Accounts): Account[] {
  return world.hubs.flatMap((hub) => accounts.account(hub.accountId) ?? []);
}

function personOf(id: string, user: AccountUser): Person {
  const { first_name, last_name, email, status, role } = user;
  return {
    id,
    name: user.name ?? email,
    givenName: first_name ?? '',
    familyName: last_name ?? '',
    userName: email.split('@')[0] ?? email,
    email,
    description: status === 'active' ? ROLES[role] : `${ROLES[role]}, ${status}`,
    updatedAt: user.updated_at,
  };
}

function stranger(id: string): Person {
  return {
    id,
    name: id === STRANGER_ID ? 'Sandbox Stranger' : userName(id),
    givenName: 'Sandbox',
    familyName: id === STRANGER_ID ? 'Stranger' : id,
    userName: id.toLowerCase(),
    email: `${id.toLowerCase().replaceAll(/[^a-z0-9]/g, '.')}@nobody.example`,
    description: 'in no account',
    updatedAt: undefined,
  };
}
