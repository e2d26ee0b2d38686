import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '../problems.ts';
import { type Random, randomBase62 } from '../random.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { isId, newId } from './ids.ts';

/** How an end user reaches the page: by a link, or by typing a short code on another device. */
export type LinkFlow = 'browser' | 'device';

/** As stored; whether a pending one is over is for the clock to say, see {@link stateOf}. */
type StoredState = 'pending' | 'authenticated' | 'error' | 'cancelled';
export type SessionState = StoredState | 'expired';

/** Why a link did not come about; the detail is public text. */
export interface SessionError {
  code: string;
  detail: string;
}

/** An invitation with which one end user links one account once. Its token is kept only as a digest. */
export interface ConnectSession {
  id: string;
  project: string;
  profile_id: string;
  connector: string;
  owner_id: string;
  owner_name: string | null;
  /** Values with which the form begins. */
  settings: Record<string, unknown>;
  /** The account that is linked: a new one's id is chosen with the session, so that a link begun twice makes one account. */
  account_id: string;
  /** The account was there before. */
  relink: boolean;
  allow_identity_change: boolean;
  flow: LinkFlow;
  return_url: string | null;
  popup_origin: string | null;
  state: StoredState;
  error: SessionError | null;
  /** SHA-256 of the hub token's secret and of the cookie of the browser that opened it first, base64url. */
  token_digest: string;
  browser_digest: string | null;
  /** Counts the authorization requests; only the newest one's answer is accepted. */
  attempt: number;
  /** Since when a process completes the link; null when none does. ISO 8601. */
  completing_at: string | null;
  /** ISO 8601. */
  created_at: string;
  expires_at: string;
  completed_at: string | null;
}

/** What may be shown of a session to the project's own callers. */
export interface PublicSession {
  id: string;
  connector_profile_id: string;
  connector: string;
  owner_id: string;
  owner_name: string | null;
  flow: LinkFlow;
  state: SessionState;
  /** Null until it is linked, unless the session is for an account that was there before. */
  account_id: string | null;
  error: SessionError | null;
  created_at: string;
  expires_at: string;
  completed_at: string | null;
}

export type NewSession = Pick<
  ConnectSession,
  | 'profile_id'
  | 'connector'
  | 'owner_id'
  | 'owner_name'
  | 'settings'
  | 'allow_identity_change'
  | 'flow'
  | 'return_url'
  | 'popup_origin'
> & {
  /** Of the account to link again; undefined for a new one. */
  relink: string | undefined;
  lifetimeMs: number;
};

export type SessionChange = Partial<
  Pick<ConnectSession, 'state' | 'error' | 'browser_digest' | 'attempt' | 'completing_at' | 'completed_at'>
>;

const KIND = 'connect_session';
// 43 characters of base62 carry 256 bits.
const SECRET_LENGTH = 43;
const TOKEN = /^ht_([0-9A-Za-z]{22})_([0-9A-Za-z]{22})_([0-9A-Za-z]{43})$/;
const REFERENCE = /^([0-9A-Za-z]{22})_([0-9A-Za-z]{22})$/;
// Long enough for a backend that polls seldom; the outcome is of no use the day after.
const KEPT_AFTER_END_MS = 24 * 60 * 60 * 1_000;
// The code exchange, the question for the identity and a few writes have 8 s to 15 s each at most.
const COMPLETION_MS = 60_000;

function keyOf(project: string, id: string): RecordKey {
  return { partition: project, kind: KIND, id };
}

/** Makes a session. The hub token, `ht_<project>_<session>_<secret>`, exists only in the answer. */
export async function createSession(
  store: Store,
  random: Random,
  nowMs: number,
  project: string,
  { relink, lifetimeMs, ...wanted }: NewSession,
): Promise<{ session: ConnectSession; token: Secret }> {
  const id = newId(random, 'cns');
  const secret = randomBase62(random, SECRET_LENGTH);
  const session: ConnectSession = {
    ...wanted,
    id,
    project,
    account_id: relink ?? newId(random, 'acc'),
    relink: relink !== undefined,
    state: 'pending',
    error: null,
    token_digest: digestOf(secret),
    browser_digest: null,
    attempt: 0,
    completing_at: null,
    created_at: new Date(nowMs).toISOString(),
    expires_at: new Date(nowMs + lifetimeMs).toISOString(),
    completed_at: null,
  };
  await store.put(keyOf(project, id), JSON.stringify(session), {
    expectedVersion: 0,
    ttlMs: lifetimeMs + KEPT_AFTER_END_MS,
  });
  const token = new Secret(`ht_${project.slice('prj_'.length)}_${id.slice('cns_'.length)}_${secret}`);
  return { session, token };
}

/** The session of a hub token, or the problem `connect_session_invalid`: no token tells whether its session exists. */
export async function sessionOfToken(store: Store, token: string): Promise<ConnectSession> {
  const [, project, id, secret] = TOKEN.exec(token) ?? [];
  const record = id === undefined ? undefined : await store.get(keyOf(`prj_${project}`, `cns_${id}`));
  const session = record && parseSession(record);
  if (!session || secret === undefined || !sameDigest(session.token_digest, digestOf(secret)))
    throw new Problem('connect_session_invalid', 'The link is not one of this server.');
  return session;
}

/** Names a session to the page after the authorization; no secret: it only works together with the browser's cookie. */
export function referenceOf({ project, id }: Pick<ConnectSession, 'project' | 'id'>): string {
  return `${project.slice('prj_'.length)}_${id.slice('cns_'.length)}`;
}

/** The session that {@link referenceOf} names, or undefined. */
export async function sessionOfReference(store: Store, reference: string): Promise<ConnectSession | undefined> {
  const [, project, id] = REFERENCE.exec(reference) ?? [];
  return id === undefined ? undefined : findSession(store, `prj_${project}`, `cns_${id}`);
}

export async function findSession(store: Store, project: string, id: string): Promise<ConnectSession | undefined> {
  const record = isId('cns', id) ? await store.get(keyOf(project, id)) : undefined;
  return record && parseSession(record);
}

/** The session, or the problem `not_found`. */
export async function getSession(store: Store, project: string, id: string): Promise<ConnectSession> {
  const session = await findSession(store, project, id);
  if (!session) throw new Problem('not_found', 'There is no such connect session.');
  return session;
}

/**
 * Applies what `change` makes of the present session, read anew when somebody else changed it meanwhile; `change` throws
 * when it is not allowed any more, and gives undefined when there is nothing to change. The time to live stays.
 */
export async function changeSession(
  store: Store,
  nowMs: number,
  project: string,
  id: string,
  change: (session: ConnectSession) => SessionChange | undefined,
): Promise<ConnectSession> {
  for (;;) {
    const record = isId('cns', id) ? await store.get(keyOf(project, id)) : undefined;
    if (!record) throw new Problem('not_found', 'There is no such connect session.');
    const session = parseSession(record);
    const wanted = change(session);
    if (!wanted) return session;
    const changed: ConnectSession = { ...session, ...wanted };
    const { ok } = await store.put(record.key, JSON.stringify(changed), {
      expectedVersion: record.version,
      ttlMs: Math.max(Date.parse(session.expires_at) - nowMs, 0) + KEPT_AFTER_END_MS,
    });
    if (ok) return changed;
  }
}

/** The state at a time: a pending session whose time is over has expired, unless it is just being completed. */
export function stateOf(
  session: Pick<ConnectSession, 'state' | 'expires_at' | 'completing_at'>,
  nowMs: number,
): SessionState {
  const over = Date.parse(session.expires_at) <= nowMs && !isBeingCompleted(session, nowMs);
  return session.state === 'pending' && over ? 'expired' : session.state;
}

/** Whether a process is at it; one that took too long is taken for dead. */
function isBeingCompleted({ completing_at }: Pick<ConnectSession, 'completing_at'>, nowMs: number): boolean {
  return completing_at !== null && Date.parse(completing_at) + COMPLETION_MS > nowMs;
}

/** Throws `connect_session_expired` or `connect_session_finished` unless the session can still be completed. */
export function assertPending(session: ConnectSession, nowMs: number): void {
  const state = stateOf(session, nowMs);
  if (state === 'expired') throw new Problem('connect_session_expired', 'The link has expired.');
  if (state !== 'pending')
    throw new Problem('connect_session_finished', 'The link was used already.', { extra: { session_state: state } });
  if (isBeingCompleted(session, nowMs))
    throw new Problem('connect_session_finished', 'The link is just being completed.', {
      extra: { session_state: state },
    });
}

export function publicSession(session: ConnectSession, nowMs: number): PublicSession {
  const { id, profile_id, connector, owner_id, owner_name, flow, error, created_at, expires_at, completed_at } =
    session;
  const state = stateOf(session, nowMs);
  return {
    id,
    connector_profile_id: profile_id,
    connector,
    owner_id,
    owner_name,
    flow,
    state,
    account_id: session.relink || state === 'authenticated' ? session.account_id : null,
    error,
    created_at,
    expires_at,
    completed_at,
  };
}

/** SHA-256, base64url. For secrets of 128 bits and more, which need no slow hash. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares two digests in constant time. */
export function sameDigest(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function parseSession({ value }: StoredRecord): ConnectSession {
  return JSON.parse(value) as ConnectSession;
}
