import { createHash, createHmac } from 'node:crypto';
import { Problem } from '../problems.ts';
import { type Random, randomBase62 } from '../random.ts';
import { Secret } from '../secret.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import type { ApiKey } from './api-key.ts';
import { digestOf, sameDigest } from './connect-session.ts';
import { newId } from './ids.ts';

/** Somebody who signed in at the console with an operator key; its secret only as a digest. */
export interface ConsoleSession {
  id: string;
  project: string;
  /** Id of the API key: the session can do what it can, as long as it can. */
  key: string;
  /** Of the key as it was; another one under the same id would not do. */
  key_digest: string;
  /** SHA-256 of the secret part of the cookie, base64url. The secret has 256 bits of randomness. */
  digest: string;
  created_at: string;
  /** To the minute. */
  used_at: string;
  /** Whatever happens. */
  expires_at: string;
}

/** A session without use ends. Long enough for a meeting, too short for a night (OWASP ASVS 5.0, 7.3.1). */
export const IDLE_MS = 30 * 60_000;
/** A session ends, used or not: a working day (7.3.2). */
export const LIFETIME_MS = 12 * 60 * 60_000;

// Clocks of processes differ. What began later than that did so by a clock that was wrong, and would last for too long.
const SKEW_MS = 5 * 60_000;

const KIND = 'console_session';
const SECRET_LENGTH = 43;
const TOKEN = /^cs_([0-9A-Za-z]{22})_([0-9A-Za-z]{22})_([0-9A-Za-z]{43})$/;
// A write a minute, not one per request.
const USE_NOTED_EVERY_MS = 60_000;

function keyOf(project: string, id: string): RecordKey {
  return { partition: project, kind: KIND, id };
}

/** A session and the token with which its browser is known, `cs_<project>_<session>_<secret>`. */
export interface OpenedSession {
  session: ConsoleSession;
  token: Secret;
}

/** Begins a session of a key. Its id and its secret are new: nothing that a browser brought along becomes a session. */
export async function openConsoleSession(
  store: Store,
  random: Random,
  nowMs: number,
  key: ApiKey,
): Promise<OpenedSession> {
  const id = newId(random, 'ses');
  const secret = randomBase62(random, SECRET_LENGTH);
  const ends = Math.min(nowMs + LIFETIME_MS, key.expires_at === null ? Infinity : Date.parse(key.expires_at));
  const session: ConsoleSession = {
    id,
    project: key.project,
    key: key.id,
    key_digest: key.digest,
    digest: digestOf(secret),
    created_at: new Date(nowMs).toISOString(),
    used_at: new Date(nowMs).toISOString(),
    expires_at: new Date(ends).toISOString(),
  };
  await store.put(keyOf(key.project, id), JSON.stringify(session), {
    expectedVersion: 0,
    ttlMs: ttlOf(session, nowMs),
  });
  return { session, token: new Secret(`cs_${key.project.slice('prj_'.length)}_${id.slice('ses_'.length)}_${secret}`) };
}

/** The session of a cookie's token, or the problem `session_missing`: no token tells whether its session exists. */
export async function consoleSessionOf(cache: RecordCache, nowMs: number, token: string): Promise<ConsoleSession> {
  const [, project, id, secret] = TOKEN.exec(token) ?? [];
  const session = id === undefined ? undefined : await cache.get(keyOf(`prj_${project}`, `ses_${id}`), parse);
  // A digest is compared also when there is no such session, so that timing does not tell which ids exist.
  const matches = sameDigest(session?.digest ?? digestOf(''), digestOf(secret ?? ''));
  const over = session !== undefined && (endOf(session) <= nowMs || Date.parse(session.created_at) > nowMs + SKEW_MS);
  if (!session || secret === undefined || !matches || over)
    throw new Problem('session_missing', 'There is no such session, or it has ended.');
  return session;
}

/** Notes that a session is used, at most once a minute. Rejects with `store_unavailable`. */
export async function noteSessionUse(
  store: Store,
  nowMs: number,
  { project, id, used_at }: ConsoleSession,
): Promise<void> {
  if (Date.parse(used_at) + USE_NOTED_EVERY_MS > nowMs) return;
  const record = await store.get(keyOf(project, id));
  // Signed out meanwhile.
  if (!record) return;
  const session = { ...parse(record), used_at: new Date(nowMs).toISOString() };
  // Another request may have noted it, or ended it: then there is nothing left to do.
  await store.put(record.key, JSON.stringify(session), {
    expectedVersion: record.version,
    ttlMs: ttlOf(session, nowMs),
  });
}

/** Ends a session. Ending twice changes nothing. */
export async function endConsoleSession(
  store: Store,
  { project, id }: Pick<ConsoleSession, 'project' | 'id'>,
): Promise<void> {
  await store.delete(keyOf(project, id));
}

/**
 * What the pages of a session send along with what changes something (OWASP, "signed double submit"). Made from the secret of
 * the cookie, which no page can read, so that nothing more must be kept.
 */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('corbel console csrf').digest('base64url');
}

/** Compares in constant time. */
export function isCsrfToken(token: string, given: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url');
  return sameDigest(hash(csrfTokenOf(token)), hash(given));
}

function endOf({ used_at, expires_at }: ConsoleSession): number {
  return Math.min(Date.parse(used_at) + IDLE_MS, Date.parse(expires_at));
}

function ttlOf(session: ConsoleSession, nowMs: number): number {
  return Math.max(endOf(session) - nowMs, 1);
}

function parse({ value }: StoredRecord): ConsoleSession {
  return JSON.parse(value) as ConsoleSession;
}
