import { createHash } from 'node:crypto';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { type Generational, openRecord, parseSealedRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';
import { type GrantDeath, NEVER } from './grant.ts';
import { GRANT_KIND, grantTerms } from './lapsing-grants.ts';

/** A grant as the store has it. Times in milliseconds since the epoch. */
export interface GrantRecord extends Generational {
  /** Names the linking that the grant comes from: what belongs to another one may not be written over it. */
  link: string;
  /** The app that the grant was given to: no other may refresh it. */
  client_id: string;
  access_token: Secret;
  refresh_token: Secret | null;
  /** Another refresh token of the same linking, from a refresh that was overtaken: tried before the grant is called dead. */
  candidate_refresh_token: Secret | null;
  obtained_at: number;
  linked_at: number;
  access_expires_at: number;
  refresh_expires_at: number | null;
  scopes: string[] | null;
  /** When it was obtained because the access token before had been refused. */
  forced_at: number | null;
  /** A refresh that was begun and of which no outcome is known yet. */
  refresh_intent: RefreshIntent | null;
  dead: { death: GrantDeath; at: number } | null;
}

export interface RefreshIntent {
  generation: number;
  /** Of the refresh token that is sent, so that a later refusal of the same one can be told from another's. */
  token_hash: string;
  /** The process that sends it. */
  node: string;
  at: number;
}

/** What stands in the store for an account; `version` is for the next write. */
export type StoredGrant =
  | { state: 'absent'; version: 0 }
  | { state: 'removed'; version: number; generation: number; removedAt: number }
  | { state: 'unreadable'; version: number; generation: number; link: string | undefined }
  | { state: 'present'; version: number; record: GrantRecord };

export interface GrantRecords {
  read(key: RecordKey): Promise<StoredGrant>;
  /** Writes over exactly the version that was read; the new version, or undefined when somebody else was faster. */
  write(key: RecordKey, record: GrantRecord, version: number): Promise<number | undefined>;
  /** Writes the tombstone; as {@link write}. */
  bury(
    key: RecordKey,
    tombstone: { generation: number; removedAt: number },
    version: number,
  ): Promise<number | undefined>;
}

// Longer than any process may come back with a journal from before the removal.
const TOMBSTONE_TTL_MS = 90 * 24 * 60 * 60 * 1_000;
const HASH_CHARS = 22;

export function grantKey(project: string, account: string): RecordKey {
  return { partition: project, kind: GRANT_KIND, id: account };
}

/** Grants in the store, sealed. All methods reject with `store_unavailable`. */
export function createGrantRecords({ store, vault }: { store: Store; vault: Vault }): GrantRecords {
  return {
    async read(key) {
      const stored = await store.get(key);
      return stored ? parse(vault, stored) : { state: 'absent', version: 0 };
    },
    async write(key, record, version) {
      const options = { expectedVersion: version, terms: grantTerms(record) };
      const written = await store.put(key, sealRecord(vault, key, record), options);
      return written.ok ? written.version : undefined;
    },
    async bury(key, { generation, removedAt }, version) {
      const value = sealRecord(vault, key, { generation, removed_at: removedAt });
      const written = await store.put(key, value, { expectedVersion: version, ttlMs: TOMBSTONE_TTL_MS });
      return written.ok ? written.version : undefined;
    },
  };
}

/** Whether it is a key that somebody brought: only its owner can replace it. */
export function isKey({ access_expires_at }: Pick<GrantRecord, 'access_expires_at'>): boolean {
  return access_expires_at === NEVER;
}

/** Tells refresh tokens apart without showing them. */
export function hashOf(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('base64url').slice(0, HASH_CHARS);
}

function parse(vault: Vault, { key, value, version }: StoredRecord): StoredGrant {
  const clear = clearOf(value);
  if (!clear) return { state: 'unreadable', version, generation: 0, link: undefined };
  const { generation, link, removed_at: removedAt } = clear;
  if (typeof removedAt === 'number') return { state: 'removed', version, generation, removedAt };
  const record = open(vault, key, value);
  if (record) return { state: 'present', version, record };
  return { state: 'unreadable', version, generation, link: typeof link === 'string' ? link : undefined };
}

function clearOf(value: string): (Generational & Record<string, unknown>) | undefined {
  return unlessUnreadable(() => parseSealedRecord(value));
}

function open(vault: Vault, key: RecordKey, value: string): GrantRecord | undefined {
  const record = unlessUnreadable(() => openRecord(vault, key, value));
  const whole =
    record &&
    record.access_token instanceof Secret &&
    typeof record.link === 'string' &&
    typeof record.client_id === 'string' &&
    [record.obtained_at, record.linked_at, record.access_expires_at].every((time) => typeof time === 'number');
  return whole ? (record as unknown as GrantRecord) : undefined;
}

function unlessUnreadable<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_value_unreadable') return undefined;
    throw error;
  }
}
