import { createHash, timingSafeEqual } from 'node:crypto';
import { type FieldError, Problem } from '../problems.ts';
import { type Random, randomBase62 } from '../random.ts';
import { Secret } from '../secret.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { isId, newId } from './ids.ts';
import { type ListQuery, listRecords, type Page } from './listing.ts';

export const ROLES = ['operator', 'backend'] as const;
export type Role = (typeof ROLES)[number];

/** A key of Corbel's own API, as stored: its secret only as a digest. */
export interface ApiKey {
  id: string;
  project: string;
  name: string;
  role: Role;
  /** Only these actions may be called; null: all. */
  actions: string[] | null;
  /** Only these accounts may be used; null: all. */
  accounts: string[] | null;
  /** ISO 8601, or null. */
  expires_at: string | null;
  revoked_at: string | null;
  created_at: string;
  /** SHA-256 of the secret part, base64url. The secret has 256 bits of randomness: no slow hash is needed. */
  digest: string;
}

/** What may be shown of a key. */
export type PublicApiKey = Omit<ApiKey, 'digest' | 'project'> & { last_used_at: string | null };

const KIND = 'api_key';
const USE_KIND = 'api_key_use';
const SECRET_LENGTH = 43;
const TOKEN = /^ck_([0-9A-Za-z]{22})_([0-9A-Za-z]{22})_([0-9A-Za-z]{43})$/;

function keyOf(project: string, id: string): RecordKey {
  return { partition: project, kind: KIND, id };
}

export interface NewApiKey {
  name: string;
  role: Role;
  actions?: string[] | null;
  accounts?: string[] | null;
  expires_at?: string | null;
}

// RFC 3339 with a time zone: without one an expiry would mean different moments to different people.
const TIMESTAMP = /^(\d{4}-\d{2}-)(\d{2})T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
// Later ones have years of five digits, which no time of RFC 3339 has.
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** What is wrong with a key that is to be made. Empty when nothing is. */
export function checkNewApiKey(wanted: NewApiKey, nowMs: number): FieldError[] {
  const { role, actions = null, accounts = null, expires_at = null } = wanted;
  const errors: FieldError[] = [];
  if (role === 'operator' && (actions !== null || accounts !== null))
    errors.push({ path: '/role', message: 'only a backend key can be narrowed' });
  const fault = expires_at === null ? undefined : expiryFault(expires_at, nowMs);
  if (fault !== undefined) errors.push({ path: '/expires_at', message: fault });
  return errors;
}

/** What is wrong with the end of a key; undefined: nothing. */
export function expiryFault(text: string, nowMs: number): string | undefined {
  return timeOf(text) > nowMs ? undefined : 'must be a time to come, like 2030-01-31T00:00:00Z';
}

/** In milliseconds since the epoch; NaN for what is no time with a time zone. */
export function timeOf(text: string): number {
  const [, month = '', day] = TIMESTAMP.exec(text) ?? [];
  const time = Date.parse(text);
  // Of 31 February JavaScript makes one in March, when nobody expects the key to be there still.
  const exists = new Date(`${month}${day}T00:00:00Z`).getUTCDate() === Number(day);
  return exists && time <= LAST_MS ? time : Number.NaN;
}

/**
 * Makes a key. The token, `ck_<project>_<key>_<secret>`, exists only in the answer: it is shown once.
 */
export async function createApiKey(
  store: Store,
  random: Random,
  nowMs: number,
  project: string,
  wanted: NewApiKey,
): Promise<{ key: PublicApiKey; token: Secret }> {
  const id = newId(random, 'key');
  const secret = randomBase62(random, SECRET_LENGTH);
  const key: ApiKey = {
    id,
    project,
    name: wanted.name,
    role: wanted.role,
    actions: wanted.actions ?? null,
    accounts: wanted.accounts ?? null,
    expires_at: wanted.expires_at ?? null,
    revoked_at: null,
    created_at: new Date(nowMs).toISOString(),
    digest: digestOf(secret).toString('base64url'),
  };
  await store.put(keyOf(project, id), JSON.stringify(key), { expectedVersion: 0 });
  const token = new Secret(`ck_${project.slice('prj_'.length)}_${id.slice('key_'.length)}_${secret}`);
  return { key: shown(key, null), token };
}

/**
 * The key of a token, or the problems `key_invalid`, `key_revoked`, `key_expired`. The last two are told only to someone who
 * has the whole token.
 */
export async function authenticate(cache: RecordCache, nowMs: number, token: string): Promise<ApiKey> {
  const [, project, id, secret] = TOKEN.exec(token) ?? [];
  const key = id === undefined ? undefined : await cache.get(keyOf(`prj_${project}`, `key_${id}`), parseKey);
  // A digest is compared also when there is no such key, so that timing does not tell which ids exist.
  const expected = Buffer.from(key?.digest ?? digestOf('').toString('base64url'), 'base64url');
  const matches = timingSafeEqual(digestOf(secret ?? ''), expected);
  if (!key || secret === undefined || !matches)
    throw new Problem('key_invalid', 'The API key is not one of this server.');
  assertValid(key, nowMs);
  return key;
}

/** The key as {@link authenticate} would give it, for who has shown its token before. `key_invalid`, if it is not there. */
export async function keyOfSession(cache: RecordCache, nowMs: number, project: string, id: string): Promise<ApiKey> {
  const key = await cache.get(keyOf(project, id), parseKey);
  if (!key) throw new Problem('key_invalid', 'The API key is not one of this server.');
  assertValid(key, nowMs);
  return key;
}

/** The key that a token names, whether or not it is the whole token; undefined when there is none. Allows nothing. */
export async function keyNamedBy(cache: RecordCache, token: string): Promise<ApiKey | undefined> {
  const [, project, id] = TOKEN.exec(token) ?? [];
  return id === undefined ? undefined : cache.get(keyOf(`prj_${project}`, `key_${id}`), parseKey);
}

function assertValid(key: ApiKey, nowMs: number): void {
  if (key.revoked_at !== null) throw new Problem('key_revoked', 'The API key was revoked.');
  if (key.expires_at !== null && Date.parse(key.expires_at) <= nowMs)
    throw new Problem('key_expired', 'The API key has expired.');
}

/** Revokes a key for good. Revoking twice changes nothing. */
export async function revokeApiKey(store: Store, nowMs: number, project: string, id: string): Promise<PublicApiKey> {
  const { record, key } = await requireKey(store, project, id);
  if (key.revoked_at !== null) return publicKey(store, key);
  const revoked = { ...key, revoked_at: new Date(nowMs).toISOString() };
  const { ok } = await store.put(record.key, JSON.stringify(revoked), { expectedVersion: record.version });
  if (!ok) throw new Problem('version_conflict', 'The key was changed meanwhile.');
  return publicKey(store, revoked);
}

export async function getApiKey(store: Store, project: string, id: string): Promise<PublicApiKey> {
  const { key } = await requireKey(store, project, id);
  return publicKey(store, key);
}

export async function listApiKeys(store: Store, project: string, query: ListQuery): Promise<Page<PublicApiKey>> {
  const page = await listRecords(store, project, KIND, query, parseKey);
  return { data: await Promise.all(page.data.map((key) => publicKey(store, key))), next: page.next };
}

/** Notes that a key was used. Kept apart from the key, so that using a key never disturbs changing it. */
export async function noteUse(store: Store, project: string, id: string, nowMs: number): Promise<void> {
  await store.put({ partition: project, kind: USE_KIND, id }, new Date(nowMs).toISOString());
}

/** The key as stored, or the problem `not_found`. */
export async function requireKey(
  store: Store,
  project: string,
  id: string,
): Promise<{ record: StoredRecord; key: ApiKey }> {
  const record = isId('key', id) ? await store.get(keyOf(project, id)) : undefined;
  if (!record) throw new Problem('not_found', 'There is no such API key.');
  return { record, key: parseKey(record) };
}

/** The key as it may be shown, with its last use. */
export async function publicKey(store: Store, key: ApiKey): Promise<PublicApiKey> {
  const use = await store.get({ partition: key.project, kind: USE_KIND, id: key.id });
  return shown(key, use?.value ?? null);
}

function shown({ digest: _digest, project: _project, ...key }: ApiKey, lastUsedAt: string | null): PublicApiKey {
  return { ...key, last_used_at: lastUsedAt };
}

function parseKey({ value }: StoredRecord): ApiKey {
  return JSON.parse(value) as ApiKey;
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
