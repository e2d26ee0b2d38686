import { refreshTokenGrant } from 'openid-client';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { withLease } from '../store/lease.ts';
import type { RecordKey, Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import { credentialsOf, tokenEndpointOf } from './client-configuration.ts';
import { grantOf } from './code-exchange.ts';
import type { GrantDeath, OAuthClient } from './grant.ts';
import type { GrantCustody } from './grant-custody.ts';
import type { GrantLogger } from './grant-logger.ts';
import { type GrantRecord, type GrantRecords, hashOf, isKey, type StoredGrant } from './grant-record.ts';
import { type Standing, standingOf, suffices, type TokenNeed } from './grant-standing.ts';
import { grantedScopes } from './granted-scopes.ts';
import type { OnScopes } from './grants.ts';
import { classifyRefreshFailure, leavesDoubt, type RefreshFacts } from './refresh-failure.ts';
import { revoke } from './revocation.ts';
import { callTokenEndpoint, type TokenAnswer, type TokenFailure, type TokenOutcome } from './token-call.ts';
import { LEASE_TTL_MS, OBTAIN_LIMIT_MS, UPSTREAM_DEADLINE_MS } from './token-minter.ts';

/** Refreshes grants once for all processes. */
export interface GrantRefresh {
  /**
   * The stored grant when it suffices, else a refreshed one: by the one process that gets the lease, waited for by the others.
   * Resolves with the grant as it stands, dead ones included. Rejects with `token_*` and `store_unavailable`, in which cases
   * nothing is lost. Within the cooldown of a forced refresh it gives the stored grant although it is not beyond the floor.
   */
  obtain(key: RecordKey, client: OAuthClient, need: TokenNeed): Promise<Standing>;
}

export interface RefreshDeps {
  store: Store;
  records: GrantRecords;
  custody: GrantCustody;
  door: Door;
  clock: Clock;
  random: Random;
  /** Names this process in what it writes. */
  node: string;
  onScopes?: OnScopes;
  logger?: GrantLogger;
  leaseTtlMs?: number;
}

type Present = Extract<StoredGrant, { state: 'present' }>;

// Another process usually has the token within a second; polls start near that pace and slow down.
const FIRST_POLL_MS = 40;
const MAX_POLL_MS = 400;
const POLL_GROWTH = 1.5;
// Of the lease's time, that is 1.5 s: a process that has an answer which the store does not have yet retries every second.
const INTENT_GRACE_SHARE = 0.05;
// Between the marking and the sending lie microseconds, unless the process was stopped; then others may have taken over.
const MAX_MARK_AGE_MS = 5_000;
// One for the wait, one for the token at hand, one for what another process brought meanwhile, one for a candidate, and one
// to spare.
const MAX_TURNS = 5;

export function createGrantRefresh(deps: RefreshDeps): GrantRefresh {
  const { store, records, custody, clock, random, node } = deps;
  const ttlMs = deps.leaseTtlMs ?? LEASE_TTL_MS;

  async function obtain(key: RecordKey, client: OAuthClient, need: TokenNeed): Promise<Standing> {
    const giveUpAt = clock.now() + OBTAIN_LIMIT_MS;
    const lease = { key: { ...key, kind: 'grant_lease' }, ttlMs };
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * POLL_GROWTH, MAX_POLL_MS)) {
      const stored = await custody.read(key);
      const settled = settle(stored, need);
      if (settled) return settled;
      if (stored.state === 'present' && isKey(stored.record)) {
        // No lease: written over exactly the key that was refused, so that a newer one is never touched.
        const dead = await die(key, stored, 'key_refused');
        if (dead !== 'again') return dead;
        continue;
      }
      if (clock.now() > giveUpAt)
        throw new Problem('token_endpoint_unavailable', 'Another process did not refresh the grant in time.');
      const outcome = await withLease(store, clock, random, lease, (_lease, lost) => turns(key, client, need, lost));
      if (outcome.acquired && outcome.value !== 'again') return outcome.value;
      await clock.sleep(pollMs * (0.5 + random.fraction()));
    }
  }

  function settle(stored: StoredGrant, need: TokenNeed): Standing | undefined {
    const standing = standingOf(stored);
    return suffices(standing, need, clock.now()) ? standing : undefined;
  }

  async function turns(key: RecordKey, client: OAuthClient, need: TokenNeed, lost: AbortSignal) {
    let waitedFor: number | undefined;
    for (let turn = 1; turn <= MAX_TURNS; turn++) {
      const stored = await custody.read(key);
      const settled = settle(stored, need);
      if (settled) return settled;
      if (stored.state !== 'present') return 'again';
      const { refresh_intent: intent } = stored.record;
      if (intent && intent.node !== node && intent.at !== waitedFor) {
        // Its process may hold the answer and be about to save it.
        waitedFor = intent.at;
        await clock.sleep(ttlMs * INTENT_GRACE_SHARE);
        continue;
      }
      const next = await refreshOnce(key, client, need, stored, lost);
      if (next !== 'again') return next;
      if (lost.aborted) return 'again';
    }
    throw new Problem('token_endpoint_unavailable', 'The grant changed again and again while it was being refreshed.');
  }

  async function refreshOnce(
    key: RecordKey,
    client: OAuthClient,
    need: TokenNeed,
    stored: Present,
    lost: AbortSignal,
  ): Promise<Standing | 'again'> {
    const { record } = stored;
    const { refresh_token: token } = record;
    if (!token) return die(key, stored, 'no_refresh_token');
    if (record.client_id !== client.clientId)
      throw new Problem('token_request_rejected', 'The grant was given to another client id.', {
        hint: 'Set the connector profile to the client id that it had, or link the account again.',
      });
    const token_hash = hashOf(token);
    const intent = { generation: record.generation, token_hash, node, at: clock.now() };
    const marked = { ...record, refresh_intent: intent };
    const version = await records.write(key, marked, stored.version);
    if (version === undefined) return 'again';
    if (lost.aborted || clock.now() - intent.at > MAX_MARK_AGE_MS) return 'again';

    const present: Present = { state: 'present', version, record: marked };
    let doubted = record.refresh_intent?.token_hash === token_hash;
    let outcome = await send(client, record);
    if ('failure' in outcome && classifyRefreshFailure(factsOf(outcome.failure)) === 'uncertain') {
      doubted = true;
      // The process may have been stopped for so long that another took over: only a look tells.
      const now = await custody.read(key);
      if (lost.aborted || now.version !== version) return 'again';
      outcome = await send(client, record);
    }
    if ('answer' in outcome) return keep(key, client, need, record, outcome);
    return failed(key, present, outcome.failure, doubted);
  }

  async function send(client: OAuthClient, { refresh_token: token }: GrantRecord): Promise<TokenOutcome> {
    if (!token) throw new Error('there is no refresh token');
    return callTokenEndpoint(deps, {
      credentials: credentialsOf(client),
      endpoint: tokenEndpointOf(client.authentication).url,
      allowedOrigins: client.allowedOrigins,
      deadlineAt: clock.now() + UPSTREAM_DEADLINE_MS,
      retry: 'unsent',
      secrets: [token],
      ask: (config) => refreshTokenGrant(config, token.reveal()),
    });
  }

  /** Whatever became of the lease: what was given is persisted. */
  async function keep(
    key: RecordKey,
    client: OAuthClient,
    need: TokenNeed,
    before: GrantRecord,
    outcome: Extract<TokenOutcome, { answer: unknown }>,
  ): Promise<Standing | 'again'> {
    const grant = grantOf(client, outcome.answer);
    const lifeMs = client.authentication.refreshTokenLifeMs;
    const scopes = await scopesSaid(client, outcome.answer);
    const record: GrantRecord = {
      ...before,
      generation: before.generation + 1,
      access_token: grant.accessToken,
      refresh_token: grant.refreshToken ?? before.refresh_token,
      candidate_refresh_token: null,
      obtained_at: grant.obtainedAt,
      access_expires_at: grant.accessExpiresAt,
      // Without a new token the old one was used just now, from when its time counts anew.
      refresh_expires_at: lifeMs === undefined ? null : grant.obtainedAt + lifeMs,
      scopes: scopes ?? before.scopes,
      forced_at: need.forced ? grant.obtainedAt : null,
      refresh_intent: null,
      dead: null,
    };
    const obtained = { project: key.partition, account: key.id, by: 'refresh', record } as const;
    const kept = await custody.keep(obtained, () => void revokeQuietly(client, record));
    switch (kept.outcome) {
      case 'saved':
        await tellScopes(key, kept.record);
        return { state: 'live', record: kept.record, version: kept.version };
      case 'unsaved':
        return { state: 'live', record: kept.record, version: undefined };
      default:
        return 'again';
    }
  }

  /** The account follows what was granted; when it cannot be told now, the next refresh tells it. */
  async function tellScopes({ partition, id, kind }: RecordKey, { link, scopes }: GrantRecord): Promise<void> {
    if (!scopes || !deps.onScopes) return;
    try {
      if (!(await deps.onScopes(partition, id, scopes))) return;
      // Linked again meanwhile, with other scopes, over which these may have been written.
      const now = await custody.read({ partition, id, kind });
      if (now.state === 'present' && now.record.link !== link && now.record.scopes)
        await deps.onScopes(partition, id, now.record.scopes);
    } catch {
      deps.logger?.warn({ project: partition, account: id }, 'an account was not told of its scopes');
    }
  }

  async function failed(
    key: RecordKey,
    marked: Present,
    failure: TokenFailure,
    doubted: boolean,
  ): Promise<Standing | 'again'> {
    const facts = factsOf(failure);
    if (classifyRefreshFailure(facts) === 'refused') return refused(key, marked, doubted);
    // Clear what is certain not to have happened, so that a later refusal is not called uncertain; the rest stays.
    if (!doubted && !leavesDoubt(facts))
      await records.write(key, { ...marked.record, refresh_intent: null }, marked.version).catch(() => undefined);
    throw failure.problem;
  }

  async function refused(key: RecordKey, marked: Present, doubted: boolean): Promise<Standing | 'again'> {
    const now = await custody.read(key);
    // Raced: somebody else was faster, and the newer grant decides.
    if (now.state !== 'present' || now.record.dead || !sameToken(now.record, marked.record)) return 'again';
    const { record, version } = now;
    const { candidate_refresh_token: candidate } = record;
    if (candidate) {
      const generation = record.generation + 1;
      const promoted = { ...record, generation, refresh_token: candidate, candidate_refresh_token: null };
      await records.write(key, { ...promoted, refresh_intent: null }, version);
      return 'again';
    }
    const { refresh_expires_at: expiresAt } = record;
    const expired = expiresAt !== null && expiresAt <= clock.now();
    return die(key, now, doubted ? 'refresh_uncertain' : expired ? 'grant_expired' : 'grant_refused');
  }

  async function die(key: RecordKey, { record, version }: Present, death: GrantDeath): Promise<Standing | 'again'> {
    const dead = { ...record, refresh_intent: null, dead: { death, at: clock.now() } };
    const written = await records.write(key, dead, version);
    return written === undefined ? 'again' : { state: 'dead', death, record: dead, version: written };
  }

  async function revokeQuietly(client: OAuthClient, { access_token, refresh_token }: GrantRecord): Promise<void> {
    const token = refresh_token
      ? ({ token: refresh_token, kind: 'refresh_token' } as const)
      : ({ token: access_token, kind: 'access_token' } as const);
    await revoke(deps, client, token).catch(() => false);
  }

  return { obtain };
}

/** As far as the answer or its token says; no further request stands between an answer and its being saved, and no failure. */
async function scopesSaid(client: OAuthClient, { scopes, accessToken }: TokenAnswer): Promise<string[] | null> {
  return grantedScopes(client.authentication, { scopes }, accessToken, async () => null).catch(() => null);
}

function factsOf({ said, maybeReceived, problem }: TokenFailure): RefreshFacts {
  return { said, maybeReceived, code: problem.code };
}

function sameToken(a: GrantRecord, b: GrantRecord): boolean {
  const [one, other] = [a.refresh_token, b.refresh_token];
  return a.link === b.link && one !== null && other !== null && one.reveal() === other.reveal();
}
