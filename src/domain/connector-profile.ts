import type { Connector } from '../connector/connector.ts';
import { didYouMean } from '../connector/suggest.ts';
import { type FieldError, Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Secret } from '../secret.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { openRecord, parseSealedRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';
import { isId, newId } from './ids.ts';
import { type ListQuery, listRecords, type Page } from './listing.ts';

/** An operator's set-up of a connector. */
export interface ConnectorProfile {
  id: string;
  name: string;
  connector: string;
  /** Id of one of the connector's authentication methods. */
  authentication: string;
  /** Null where the accounts bring keys. */
  client_id: string | null;
  /** Null for a public client. */
  client_secret: Secret | null;
  /** Of methods with signed assertions (RFC 7523): whom the assertion speaks for, and the key that signs it. */
  service_account_id: string | null;
  key_id: string | null;
  /** PKCS #8 PEM. */
  private_key: Secret | null;
  scopes: string[];
  /** Public ids of the enabled actions; null: all of the connector. */
  actions: string[] | null;
  enabled: boolean;
  created_at: string;
  updated_at: string;
  /** Grows when the client credentials change; the secret is sealed under it. */
  generation: number;
}

/** What may be shown of a profile: secrets are write-only, and only told to be there. */
export type PublicProfile = Omit<ConnectorProfile, 'client_secret' | 'private_key' | 'generation'> & {
  has_client_secret: boolean;
  has_private_key: boolean;
};

type Credentials = Pick<ConnectorProfile, 'client_secret' | 'service_account_id' | 'key_id' | 'private_key'>;

export type NewProfile = Pick<ConnectorProfile, 'name' | 'connector' | 'authentication' | 'scopes'> &
  Partial<Pick<ConnectorProfile, 'client_id'> & Credentials> & {
    actions?: string[] | null;
    enabled?: boolean;
  };

export type ProfileChange = Partial<
  Pick<ConnectorProfile, 'name' | 'client_id' | 'scopes' | 'actions' | 'enabled'> & Credentials
>;

const KIND = 'connector_profile';

function keyOf(project: string, id: string): RecordKey {
  return { partition: project, kind: KIND, id };
}

/** What is wrong with a profile for its connector: unknown scopes, actions, authentication. Empty when nothing is. */
export function checkProfile(
  connector: Connector,
  wanted: { authentication: string; scopes: readonly string[]; actions?: readonly string[] | null | undefined },
): FieldError[] {
  const errors: FieldError[] = [];
  if (!connector.authentication.has(wanted.authentication)) {
    errors.push({
      path: '/authentication',
      message: `is not an authentication method of ${connector.id}${didYouMean(wanted.authentication, connector.authentication.keys())}`,
    });
  }
  for (const [index, scope] of wanted.scopes.entries()) {
    if (!connector.scopes.has(scope))
      errors.push({
        path: `/scopes/${index}`,
        message: `is not a scope of ${connector.id}${didYouMean(scope, connector.scopes.keys())}`,
      });
  }
  for (const [index, action] of (wanted.actions ?? []).entries()) {
    if (!connector.actions.has(action))
      errors.push({
        path: `/actions/${index}`,
        message: `is not an action of ${connector.id}${didYouMean(action, connector.actions.keys())}`,
      });
  }
  return errors;
}

export async function createProfile(
  store: Store,
  vault: Vault,
  random: Random,
  nowMs: number,
  project: string,
  wanted: NewProfile,
): Promise<PublicProfile> {
  const now = new Date(nowMs).toISOString();
  const profile: ConnectorProfile = {
    client_id: null,
    client_secret: null,
    service_account_id: null,
    key_id: null,
    private_key: null,
    ...wanted,
    id: newId(random, 'prf'),
    actions: wanted.actions ?? null,
    enabled: wanted.enabled ?? true,
    created_at: now,
    updated_at: now,
    generation: 1,
  };
  const key = keyOf(project, profile.id);
  await store.put(key, sealRecord(vault, key, profile), { expectedVersion: 0 });
  return publicProfile(profile);
}

/** Applies a change; a new secret or client id makes a new generation, so that tokens obtained before are not used again. */
export async function changeProfile(
  store: Store,
  vault: Vault,
  nowMs: number,
  project: string,
  id: string,
  change: ProfileChange,
): Promise<PublicProfile> {
  const { record, profile } = await requireProfile(store, vault, project, id);
  const credentialsChanged =
    change.client_secret !== undefined ||
    change.private_key !== undefined ||
    (['client_id', 'service_account_id', 'key_id'] as const).some(
      (name) => change[name] !== undefined && change[name] !== profile[name],
    );
  const changed: ConnectorProfile = {
    ...profile,
    ...change,
    updated_at: new Date(nowMs).toISOString(),
    generation: profile.generation + (credentialsChanged ? 1 : 0),
  };
  const { ok } = await store.put(record.key, sealRecord(vault, record.key, changed), {
    expectedVersion: record.version,
  });
  if (!ok) throw new Problem('version_conflict', 'The connector profile was changed meanwhile.');
  return publicProfile(changed);
}

export async function deleteProfile(store: Store, project: string, id: string): Promise<void> {
  const record = await requireRecord(store, project, id);
  const { ok } = await store.delete(record.key, { expectedVersion: record.version });
  if (!ok) throw new Problem('version_conflict', 'The connector profile was changed meanwhile.');
}

/** The profile without its secret, or the problem `not_found`. Works also when the secret cannot be opened. */
export async function getProfile(store: Store, project: string, id: string): Promise<PublicProfile> {
  return publicOf(await requireRecord(store, project, id));
}

export function listProfiles(
  store: Store,
  project: string,
  query: ListQuery,
  keep?: (profile: PublicProfile) => boolean,
): Promise<Page<PublicProfile>> {
  return listRecords(store, project, KIND, query, publicOf, keep);
}

/** The profile with its secret, from the process's memory when warm; undefined when there is none. */
export function loadProfile(
  cache: RecordCache,
  vault: Vault,
  project: string,
  id: string,
): Promise<ConnectorProfile | undefined> {
  if (!isId('prf', id)) return Promise.resolve(undefined);
  return cache.get(keyOf(project, id), (record) => openProfile(vault, record));
}

async function requireProfile(
  store: Store,
  vault: Vault,
  project: string,
  id: string,
): Promise<{ record: StoredRecord; profile: ConnectorProfile }> {
  const record = await requireRecord(store, project, id);
  return { record, profile: openProfile(vault, record) };
}

async function requireRecord(store: Store, project: string, id: string): Promise<StoredRecord> {
  const record = isId('prf', id) ? await store.get(keyOf(project, id)) : undefined;
  if (!record) throw new Problem('not_found', 'There is no such connector profile.');
  return record;
}

// Records of before there were other ways than a client secret lack these members.
const ABSENT = { client_secret: null, service_account_id: null, key_id: null, private_key: null };

function openProfile(vault: Vault, { key, value }: StoredRecord): ConnectorProfile {
  return { ...ABSENT, ...openRecord(vault, key, value) } as unknown as ConnectorProfile;
}

function publicOf({ value }: StoredRecord): PublicProfile {
  return publicProfile({ ...ABSENT, ...parseSealedRecord(value) } as unknown as ConnectorProfile);
}

function publicProfile({ client_secret, private_key, generation: _, ...profile }: ConnectorProfile): PublicProfile {
  return { ...profile, has_client_secret: client_secret !== null, has_private_key: private_key !== null };
}
