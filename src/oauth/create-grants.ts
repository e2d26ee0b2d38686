import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import { type Random, randomBase62 } from '../random.ts';
import type { RecordKey, Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import type { GrantView } from './grant.ts';
import { createGrantCustody, type Kept, nameOfKey } from './grant-custody.ts';
import { createGrantJournal } from './grant-journal.ts';
import type { GrantLogger } from './grant-logger.ts';
import { createGrantLookup } from './grant-lookup.ts';
import { createGrantMemory, type Remembered } from './grant-memory.ts';
import { createGrantRecords, type GrantRecord, grantKey, isKey } from './grant-record.ts';
import { createGrantRefresh } from './grant-refresh.ts';
import { removeGrant } from './grant-removal.ts';
import { isCooling, isGood, type Standing, type TokenNeed } from './grant-standing.ts';
import { UNREADABLE_VIEW, viewOf } from './grant-view.ts';
import type { Grants, OnGrantDead, OnScopes, UserTokenRequest } from './grants.ts';
import { createRefreshBackoff } from './refresh-backoff.ts';
import { createRefusalMemory } from './refusal-memory.ts';
import type { AccessToken } from './token-cache.ts';
import { within } from './within.ts';

export interface GrantsDeps {
  store: Store;
  vault: Vault;
  door: Door;
  clock: Clock;
  random: Random;
  /** Where the local journal is kept: on a disk that survives the process. */
  dataDirectory: string;
  onDead: OnGrantDead;
  /** Told when a grant that had been called dead turns out to live: a token for it was saved late. Must be idempotent. */
  onRevived?: (project: string, account: string) => Promise<void>;
  onScopes?: OnScopes;
  /** The process is about to stop: no more refreshes are begun. */
  draining?: () => boolean;
  logger?: GrantLogger;
  /** Grants held in memory; the others are read from the store when they are needed. */
  maxRememberedGrants?: number;
  /** For tests that let a process die with the lease. */
  leaseTtlMs?: number;
}

// About 8 KB each.
const MAX_REMEMBERED_GRANTS = 10_000;
const CLOSE_LIMIT_MS = 10_000;
// After a refresh ahead of time failed; the token at hand is good for minutes.
const AHEAD_RETRY_S = 5;
const SECOND_MS = 1_000;
const NODE_LENGTH = 16;
const LINK_LENGTH = 22;

/** See {@link Grants}. Rejects with `store_unavailable` when the store cannot be watched. */
export async function createGrants(deps: GrantsDeps): Promise<Grants> {
  const { store, vault, clock, random, logger } = deps;
  const node = randomBase62(random, NODE_LENGTH);
  const records = createGrantRecords({ store, vault });
  const journal = createGrantJournal({ directory: join(deps.dataDirectory, 'grant-journal'), node, vault });
  const memory = await createGrantMemory(store, deps.maxRememberedGrants ?? MAX_REMEMBERED_GRANTS);
  const custody = createGrantCustody({ records, journal, clock, random, logger, onSaved: notice });
  const { look, settle, remember } = createGrantLookup({ ...deps, memory, custody });
  const refresh = createGrantRefresh({ ...deps, records, custody, node });
  const backoff = createRefreshBackoff();
  const refusals = createRefusalMemory();
  const flights = new Map<string, Promise<Remembered>>();
  let closing = false;

  async function userToken(request: UserTokenRequest, options: { newerThan?: number } = {}): Promise<AccessToken> {
    request.signal?.throwIfAborted();
    const need = { floor: options.newerThan ?? 0, forced: options.newerThan !== undefined };
    const key = grantKey(request.project, request.account);
    const remembered = memory.get(key);
    const access = remembered && memory.isFresh(remembered) && atHand(key, remembered, request, need);
    return access || within(clock, obtained(key, request, need), request);
  }

  /** The token when it is good, seen to its refresh ahead of time. Throws for a grant that is known to be dead. */
  function atHand(
    key: RecordKey,
    remembered: Remembered,
    request: UserTokenRequest,
    need: TokenNeed,
  ): AccessToken | undefined {
    const { standing, access, deathTold } = remembered;
    const now = clock.now();
    if (standing.state === 'none' || (standing.state === 'dead' && deathTold)) throw reauthRequired(standing);
    if (standing.state !== 'live' || !access || !isGood(standing.record, need.floor, now)) return undefined;
    if (now >= remembered.refreshAt) refreshAhead(key, request, remembered);
    return access;
  }

  async function obtained(key: RecordKey, request: UserTokenRequest, need: TokenNeed): Promise<AccessToken> {
    for (let remembered = await look(key); ; ) {
      request.signal?.throwIfAborted();
      const access = atHand(key, remembered, request, need);
      if (access) return access;
      const joined = flights.get(nameOfKey(key));
      const refusal = joined ? undefined : knownRefusal(key, remembered, request, need);
      if (refusal) throw refusal;
      remembered = await (joined ?? startFlight(key, request, need));
      // Removed while it was under way.
      const present = memory.get(key);
      if (present?.standing.state === 'none') throw reauthRequired(present.standing);
      const { standing } = remembered;
      // Only what was begun for this very need can say that nothing newer is to be had.
      if (!joined && standing.state === 'live' && !isGood(standing.record, need.floor, clock.now()))
        throw credentialRejected();
    }
  }

  /** Why nobody need be asked now, known from memory. */
  function knownRefusal(
    key: RecordKey,
    { standing }: Remembered,
    request: UserTokenRequest,
    need: TokenNeed,
  ): Problem | undefined {
    const now = clock.now();
    // Whether a key was replaced meanwhile, only the store can tell.
    if (standing.state === 'live' && isKey(standing.record)) return undefined;
    if (need.forced && standing.state === 'live' && standing.record.access_expires_at > now) {
      const { record } = standing;
      if (isCooling(record, now) || record.refresh_token === null) return credentialRejected();
    }
    if (closing || deps.draining?.())
      return new Problem('shutting_down', 'This process is stopping and refreshes no more grants.');
    return backoff.recall(nameOfKey(key), now) ?? refusals.recall(clientKeyOf(request), now);
  }

  function startFlight(key: RecordKey, request: UserTokenRequest, need: TokenNeed): Promise<Remembered> {
    const name = nameOfKey(key);
    const flight = fly().finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;

    async function fly(): Promise<Remembered> {
      const reading = memory.begin(key);
      try {
        const standing = await refresh.obtain(key, request.client, need);
        backoff.clear(name);
        return await settle(key, reading, standing);
      } catch (error) {
        memory.end(key, reading);
        if (error instanceof Problem) noteFailure(name, request, error);
        throw error;
      }
    }
  }

  function noteFailure(name: string, request: UserTokenRequest, problem: Problem): void {
    // The store's being away says nothing about the provider.
    if (!problem.code.startsWith('token_') && problem.code !== 'host_refused') return;
    const concernsClient = problem.code === 'token_client_rejected' || problem.code === 'token_rate_limited';
    if (concernsClient) refusals.remember(clientKeyOf(request), problem, clock.now());
    else backoff.note(name, problem, clock.now(), random.fraction());
  }

  function refreshAhead(key: RecordKey, request: UserTokenRequest, remembered: Remembered): void {
    const name = nameOfKey(key);
    const need = { floor: remembered.access?.generation ?? 0, forced: false };
    if (flights.has(name)) return;
    const refusal = knownRefusal(key, remembered, request, need);
    if (refusal) {
      remembered.refreshAt = clock.now() + (refusal.options.retryAfterS ?? AHEAD_RETRY_S) * SECOND_MS;
      return;
    }
    startFlight(key, request, need).catch((error: unknown) => {
      const code = error instanceof Problem ? error.code : 'internal';
      remembered.refreshAt = clock.now() + AHEAD_RETRY_S * SECOND_MS;
      logger?.warn({ project: key.partition, account: key.id, code }, 'a grant could not be refreshed yet');
    });
  }

  /** What was saved behind everybody's back. */
  function notice(key: RecordKey, kept: Kept): void {
    const remembered = memory.get(key);
    if (remembered && remembered.standing.version === undefined) remembered.standing.version = 0;
    if (remembered) remembered.stale = true;
    if (kept.outcome !== 'saved' || !kept.revived) return;
    deps
      .onRevived?.(key.partition, key.id)
      .catch(() => logger?.warn({ project: key.partition, account: key.id }, 'an account was not told of its revival'));
  }

  return {
    userToken,
    async refreshNow(request) {
      const key = grantKey(request.project, request.account);
      const { standing } = await within(clock, look(key), request);
      if (standing.state !== 'live') throw reauthRequired(standing);
      if (isKey(standing.record))
        throw new Problem('grant_absent', 'The account has a key, which nothing renews.', {
          hint: `It can be replaced with PUT /accounts/${request.account}/credential.`,
        });
      const now = clock.now();
      const floor = standing.record.generation;
      // It was refreshed by force a moment ago: that is what was wanted.
      if (isCooling(standing.record, now) && standing.record.access_expires_at > now)
        return viewOf(standing.record, now);
      await userToken(request, { newerThan: floor });
      const after = await within(clock, look(key), request);
      if (after.standing.state !== 'live') throw reauthRequired(after.standing);
      return viewOf(after.standing.record, clock.now());
    },
    async install(project, account, client, grant) {
      const key = grantKey(project, account);
      const now = clock.now();
      const record: GrantRecord = {
        generation: 1,
        link: randomBase62(random, LINK_LENGTH),
        client_id: client.clientId,
        access_token: grant.accessToken,
        refresh_token: grant.refreshToken,
        candidate_refresh_token: null,
        obtained_at: grant.obtainedAt,
        linked_at: now,
        access_expires_at: grant.accessExpiresAt,
        refresh_expires_at: grant.refreshExpiresAt,
        scopes: grant.scopes,
        forced_at: null,
        refresh_intent: null,
        dead: null,
      };
      const reading = memory.begin(key);
      const kept = await custody.keep({ project, account, by: 'link', record });
      backoff.clear(nameOfKey(key));
      if (kept.outcome === 'saved') {
        memory.end(key, reading, remember({ state: 'live', record: kept.record, version: kept.version }));
        return;
      }
      const unsaved = kept.outcome === 'unsaved';
      memory.end(key, reading, unsaved ? remember({ state: 'live', record, version: undefined }) : undefined);
      if (unsaved && !kept.durable)
        throw new Problem(
          'store_unavailable',
          'The grant could be written neither to the store nor to the local disk.',
        );
    },
    async inspect(project, account): Promise<GrantView | undefined> {
      const { standing } = await look(grantKey(project, account));
      if (standing.state === 'none') return undefined;
      return standing.record ? viewOf(standing.record, clock.now()) : UNREADABLE_VIEW;
    },
    async remove(project, account, client) {
      const key = grantKey(project, account);
      const reading = memory.begin(key);
      const outcome = await removeGrant({ ...deps, records, custody }, key, client);
      memory.end(key, reading, remember({ state: 'none', version: outcome.version }));
      backoff.clear(nameOfKey(key));
      return { revoked: await outcome.revocation };
    },
    replayJournal: () => custody.replay(),
    async close() {
      closing = true;
      const ending = new AbortController();
      const limit = clock.sleep(CLOSE_LIMIT_MS, ending.signal).catch(() => undefined);
      await Promise.race([Promise.allSettled([...flights.values()]), limit]);
      ending.abort();
      await custody.close();
      await memory.close();
    },
  };
}

function reauthRequired(standing: Standing): Problem {
  const reason = standing.state === 'dead' ? standing.death : 'no_grant';
  return new Problem('account_reauth_required', 'The account must be linked again.', { extra: { reason } });
}

function credentialRejected(): Problem {
  return new Problem('credential_rejected', 'The provider refused the token, and the one that replaced it.');
}

function clientKeyOf({ project, client }: UserTokenRequest): string {
  return `${project}\n${client.profileId}\n${client.profileGeneration}`;
}
