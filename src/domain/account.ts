import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { ACCOUNT_KIND, accountTerms, profileTerm } from './account-terms.ts';
import { accountUseKey } from './account-use.ts';
import { isId, newId } from './ids.ts';
import { type ListQuery, listRecords, type Page } from './listing.ts';

export const ACCOUNT_STATUSES = ['active', 'inactive', 'reauth_required', 'error'] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

/** Why an account is not active. */
export interface StatusReason {
  code: string;
  description: string;
  /** ISO 8601. */
  at: string;
}

export interface StatusChange {
  status: AccountStatus;
  reasons: StatusReason[];
  /** ISO 8601: since when. */
  at: string;
}

/** The provider's own name for a person who consented. */
export interface Identity {
  subject: string;
  name: string | null;
  email: string | null;
}

// Enough to see a pattern; a flapping account must not grow its record.
const MAX_STATUS_HISTORY = 20;

/** One customer's link under a profile. */
export interface Account {
  id: string;
  profile_id: string;
  connector: string;
  /** The customer, in the operator's own terms. */
  owner_id: string;
  owner_name: string | null;
  /** Values of the settings that the connector declares. */
  settings: Record<string, unknown>;
  status: AccountStatus;
  status_reasons: StatusReason[];
  /** Earlier changes of the status, the newest first, at most {@link MAX_STATUS_HISTORY}. */
  status_history: StatusChange[];
  /** Who consented; null where nobody had to, or the provider does not say. */
  identity: Identity | null;
  /** What was really granted; null where the profile's scopes say it. The gate follows it. */
  granted_scopes: string[] | null;
  linked_at: string | null;
  created_at: string;
  updated_at: string;
}

export type NewAccount = Pick<Account, 'profile_id' | 'connector' | 'owner_id' | 'settings'> & {
  owner_name?: string | null;
  /** Where the id had to be known before; a new one if not given. */
  id?: string;
  identity?: Identity | null;
  granted_scopes?: string[] | null;
};
export type AccountChange = Partial<
  Pick<
    Account,
    | 'owner_id'
    | 'owner_name'
    | 'profile_id'
    | 'settings'
    | 'status'
    | 'status_reasons'
    | 'identity'
    | 'granted_scopes'
    | 'linked_at'
  >
>;

/** An account as callers and events show it. */
export type PublicAccount = Omit<Account, 'profile_id'> & { connector_profile_id: string };

function keyOf(project: string, id: string): RecordKey {
  return { partition: project, kind: ACCOUNT_KIND, id };
}

export async function createAccount(
  store: Store,
  random: Random,
  nowMs: number,
  project: string,
  wanted: NewAccount,
): Promise<Account> {
  const now = new Date(nowMs).toISOString();
  const account: Account = {
    ...wanted,
    id: wanted.id ?? newId(random, 'acc'),
    owner_name: wanted.owner_name ?? null,
    status: 'active',
    status_reasons: [],
    status_history: [{ status: 'active', reasons: [], at: now }],
    identity: wanted.identity ?? null,
    granted_scopes: wanted.granted_scopes ?? null,
    linked_at: now,
    created_at: now,
    updated_at: now,
  };
  const { ok } = await store.put(keyOf(project, account.id), JSON.stringify(account), {
    expectedVersion: 0,
    terms: accountTerms(account),
  });
  if (!ok) throw new Problem('already_exists', 'There is such an account.');
  return account;
}

/** Applies what `change` makes of the present account. */
export async function changeAccount(
  store: Store,
  nowMs: number,
  project: string,
  id: string,
  change: (account: Account) => AccountChange,
): Promise<Account> {
  const record = await requireRecord(store, project, id);
  return applyChange(store, nowMs, record, change(parseAccount(record)));
}

async function applyChange(store: Store, nowMs: number, record: StoredRecord, change: AccountChange): Promise<Account> {
  const account = parseAccount(record);
  const now = new Date(nowMs).toISOString();
  const changed: Account = { ...account, ...change, updated_at: now };
  if (changed.status !== account.status || codesOf(changed) !== codesOf(account)) {
    const entry = { status: changed.status, reasons: changed.status_reasons, at: now };
    changed.status_history = [entry, ...account.status_history].slice(0, MAX_STATUS_HISTORY);
  }
  const { ok } = await store.put(record.key, JSON.stringify(changed), {
    expectedVersion: record.version,
    terms: accountTerms(changed),
  });
  if (!ok) throw new Problem('version_conflict', 'The account was changed meanwhile.');
  return changed;
}

// Each further one means that somebody else changed the account in the same milliseconds.
const MAX_CHANGE_TRIES = 10;

/**
 * As {@link changeAccount}, but tried again on what others made of the account meanwhile. Undefined when `change` gives
 * undefined: there is nothing to change.
 */
export async function changeAccountAnyway(
  store: Store,
  nowMs: number,
  project: string,
  id: string,
  change: (account: Account) => AccountChange | undefined,
): Promise<Account | undefined> {
  for (let tries = 1; ; tries += 1) {
    const record = await requireRecord(store, project, id);
    const wanted = change(parseAccount(record));
    if (wanted === undefined) return undefined;
    try {
      return await applyChange(store, nowMs, record, wanted);
    } catch (error) {
      const changed = error instanceof Problem && error.code === 'version_conflict';
      if (!changed || tries >= MAX_CHANGE_TRIES) throw error;
    }
  }
}

/** Deletes the account, whatever was changed in it meanwhile, and gives what it was at its end. */
export async function deleteAccount(store: Store, project: string, id: string): Promise<Account> {
  for (;;) {
    const record = await requireRecord(store, project, id);
    const { ok } = await store.delete(record.key, { expectedVersion: record.version });
    if (!ok) continue;
    // It ends by itself, too.
    await store.delete(accountUseKey(project, id)).catch(() => {});
    return parseAccount(record);
  }
}

/** The account, or the problem `account_not_found`. */
export async function getAccount(store: Store, project: string, id: string): Promise<Account> {
  return parseAccount(await requireRecord(store, project, id));
}

/** The account as it is in the store, or undefined. */
export async function findAccount(store: Store, project: string, id: string): Promise<Account | undefined> {
  const record = isId('acc', id) ? await store.get(keyOf(project, id)) : undefined;
  return record && parseAccount(record);
}

export function listAccounts(
  store: Store,
  project: string,
  query: ListQuery,
  keep?: (account: Account) => boolean,
): Promise<Page<Account>> {
  return listRecords(store, project, ACCOUNT_KIND, query, parseAccount, keep);
}

/** Whether any account is linked under a profile. */
export async function profileInUse(store: Store, project: string, profileId: string): Promise<boolean> {
  const term = profileTerm(profileId);
  if ((await store.find(project, ACCOUNT_KIND, { term, limit: 1 })).found.length > 0) return true;
  // A release before the terms may have written one a moment ago.
  let next: string | undefined;
  do {
    const page = await listAccounts(
      store,
      project,
      { limit: 100, next },
      (account) => account.profile_id === profileId,
    );
    if (page.data.length > 0) return true;
    next = page.next ?? undefined;
  } while (next !== undefined);
  return false;
}

/** The account from the process's memory when warm; undefined when there is none. */
export async function loadAccount(cache: RecordCache, project: string, id: string): Promise<Account | undefined> {
  return isId('acc', id) ? cache.get(keyOf(project, id), parseAccount) : undefined;
}

function codesOf({ status_reasons }: Account): string {
  return status_reasons.map(({ code }) => code).join(' ');
}

async function requireRecord(store: Store, project: string, id: string): Promise<StoredRecord> {
  const record = isId('acc', id) ? await store.get(keyOf(project, id)) : undefined;
  if (!record) throw new Problem('account_not_found', 'There is no such account.');
  return record;
}

export function publicAccount({ profile_id, ...account }: Account): PublicAccount {
  return { ...account, connector_profile_id: profile_id };
}

/** The account of a record. */
export function parseAccount({ value }: StoredRecord): Account {
  // Accounts of before these members were there.
  const absent = { status_history: [], identity: null, granted_scopes: null, linked_at: null };
  return { ...absent, ...(JSON.parse(value) as Account) };
}
