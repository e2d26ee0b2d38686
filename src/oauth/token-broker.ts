import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Secret } from '../secret.ts';
import type { RecordKey, Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import type { AssertionSource } from './assertion.ts';
import { createRefusalMemory } from './refusal-memory.ts';
import { type AccessToken, type CachedToken, createTokenCache, type HeldToken } from './token-cache.ts';
import type { TokenEndpoint } from './token-endpoint.ts';
import { refreshTimeOf } from './token-lifetime.ts';
import { createTokenMinter, inCooldown } from './token-minter.ts';
import { within } from './within.ts';

export interface AppTokenRequest {
  project: string;
  profile: {
    id: string;
    clientId: string;
    /** Null for a public client, which can only ask with an assertion. */
    clientSecret: Secret | null;
    /** Grows when the client credentials change; tokens of an earlier one are no longer given. */
    generation: number;
  };
  /** Asks for a service account's token with a signed assertion instead of the app's own token. */
  assertion?: AssertionSource | undefined;
  endpoint: TokenEndpoint;
  allowedOrigins: ReadonlySet<string>;
  scopes: readonly string[];
  /** How long this caller waits; milliseconds since the epoch. Others that wait for the same token are not affected. */
  deadlineAt: number;
  signal?: AbortSignal;
}

export interface TokenBroker {
  /**
   * A valid token with the profile's own credentials, or of its service account: from memory without any I/O when there is one, else obtained with one
   * token request however many callers and processes ask. `newerThan` is the generation of a token that the provider has
   * just refused: only a newer one is given. It is obtained at most once in 30 s; if the provider refuses that one too,
   * `credential_rejected` until the 30 s are over.
   *
   * Also rejects with `token_client_rejected`, `token_scope_rejected`, `token_request_rejected` (each remembered for 10 s),
   * `token_rate_limited` (remembered until its Retry-After), `token_endpoint_unavailable`, `token_response_invalid` (1 s),
   * `host_refused`, `deadline_exceeded`, and with the signal's reason.
   */
  appToken(request: AppTokenRequest, options?: { newerThan?: number }): Promise<AccessToken>;
  /** Drops a profile's tokens from this process, those under way too: it was deleted, or its credentials changed. */
  drop(project: string, profileId: string): void;
  /** Starts no more renewals ahead of time, and resolves when the requests under way are over (at most 45 s). */
  close(): Promise<void>;
}

/** What the broker tells of renewals that fail behind the callers' backs. */
export interface BrokerLogger {
  warn(details: object, message: string): void;
}

export interface TokenBrokerDeps {
  store: Store;
  vault: Vault;
  door: Door;
  clock: Clock;
  random: Random;
  logger?: BrokerLogger;
  /** Tokens held in memory; the others are read from the store when they are needed. */
  maxCachedTokens?: number;
}

// About 3 KB each.
const MAX_CACHED_TOKENS = 10_000;
// After a renewal ahead of time failed; the token at hand is good for minutes.
const RENEWAL_RETRY_MS = 15_000;
const SCOPE_DIGEST_CHARS = 22;

export function createTokenBroker(deps: TokenBrokerDeps): TokenBroker {
  const { clock, random, logger } = deps;
  const minter = createTokenMinter(deps);
  const cache = createTokenCache(deps.maxCachedTokens ?? MAX_CACHED_TOKENS);
  const refusals = createRefusalMemory();
  const flights = new Map<string, Promise<HeldToken>>();
  let closing = false;

  async function appToken(request: AppTokenRequest, { newerThan }: { newerThan?: number } = {}): Promise<AccessToken> {
    const key = cacheKey(request);
    const cached = cache.get(key);
    const now = clock.now();
    if (cached && isGood(cached, newerThan ?? 0, now)) {
      if (now >= cached.refreshAt) renewAhead(key, request, cached);
      return cached.access;
    }
    return obtained(key, request, newerThan);
  }

  async function obtained(key: string, request: AppTokenRequest, newerThan: number | undefined): Promise<AccessToken> {
    const floor = newerThan ?? 0;
    const forced = newerThan !== undefined;
    for (;;) {
      request.signal?.throwIfAborted();
      const joined = flights.get(key);
      const refusal = joined ? undefined : knownRefusal(key, request, floor, forced);
      if (refusal) throw refusal;
      const flight = joined ?? startFlight(key, request, floor, forced);
      const held = await within(clock, flight, request);
      if (held.access.generation > floor) return held.access;
      // Only what was begun for this very need can say that nothing newer is to be had.
      if (!joined) throw credentialRejected();
    }
  }

  /** Why nobody need be asked now, known from memory. */
  function knownRefusal(key: string, request: AppTokenRequest, floor: number, forced: boolean): Problem | undefined {
    const now = clock.now();
    const cached = cache.get(key);
    if (forced && cached && cached.access.generation <= floor && inCooldown(cached, now)) return credentialRejected();
    return refusals.recall(key, now) ?? refusals.recall(clientKeyOf(request), now);
  }

  function startFlight(key: string, request: AppTokenRequest, floor: number, forced: boolean): Promise<HeldToken> {
    // The clean-up runs after the set, however early the flight fails. A flight that was dropped is no longer listed.
    const flight = fly().finally(() => isListed() && flights.delete(key));
    const isListed = () => flights.get(key) === flight;
    flights.set(key, flight);
    return flight;

    async function fly(): Promise<HeldToken> {
      try {
        const { profile, endpoint, allowedOrigins, assertion } = request;
        const source = {
          endpoint,
          allowedOrigins,
          clientId: profile.clientId,
          clientSecret: profile.clientSecret,
          assertion,
          scopes: canonicalScopes(request.scopes),
        };
        const held = await minter.obtain(recordKey(request), source, { floor, forced });
        if (isListed())
          cache.set(key, { ...held, refreshAt: refreshTimeOf({ ...held, ...held.access }, random.fraction()) });
        return held;
      } catch (error) {
        const concernsClient =
          error instanceof Problem && (error.code === 'token_client_rejected' || error.code === 'token_rate_limited');
        refusals.remember(concernsClient ? clientKeyOf(request) : key, error, clock.now());
        throw error;
      }
    }
  }

  function renewAhead(key: string, request: AppTokenRequest, cached: CachedToken): void {
    if (closing || flights.has(key) || knownRefusal(key, request, 0, false)) return;
    startFlight(key, request, cached.access.generation, false).catch((error: unknown) => {
      cached.refreshAt = clock.now() + RENEWAL_RETRY_MS * (0.5 + random.fraction());
      const code = error instanceof Problem ? error.code : 'internal';
      logger?.warn(
        { project: request.project, profile: request.profile.id, code },
        'app token could not be renewed yet',
      );
    });
  }

  return {
    appToken,
    drop(project, profileId) {
      const prefix = profileKeyOf(project, profileId);
      cache.deleteWhere((key) => key.startsWith(prefix));
      for (const key of flights.keys()) if (key.startsWith(prefix)) flights.delete(key);
    },
    async close() {
      closing = true;
      await Promise.allSettled(flights.values());
    },
  };
}

function isGood({ access }: HeldToken, floor: number, now: number): boolean {
  return access.expiresAt > now && access.generation > floor;
}

function credentialRejected(): Problem {
  return new Problem('credential_rejected', 'The provider refused the token, and the one that replaced it.');
}

// Scopes are a set (RFC 6749 §3.3): neither their order nor repetition makes another token.
function canonicalScopes(scopes: readonly string[]): string[] {
  return [...new Set(scopes)].sort();
}

// Ids are Corbel's own and hold no line break; scopes hold no space.
function profileKeyOf(project: string, profileId: string): string {
  return `${project}\n${profileId}\n`;
}

function clientKeyOf({ project, profile }: AppTokenRequest): string {
  return `${profileKeyOf(project, profile.id)}${profile.generation}\n`;
}

function cacheKey(request: AppTokenRequest): string {
  return clientKeyOf(request) + tokenNameOf(request);
}

/** Tells the tokens of one profile apart: by scopes, and by whom they speak for. A line break stands in no scope. */
function tokenNameOf({ scopes, assertion }: AppTokenRequest): string {
  const names = canonicalScopes(scopes).join(' ');
  return assertion ? `${assertion.subject}\n${names}` : names;
}

function recordKey(request: AppTokenRequest): RecordKey {
  const { project, profile } = request;
  const digest = createHash('sha256').update(tokenNameOf(request)).digest('base64url');
  const id = `${profile.id}.${profile.generation}.${digest.slice(0, SCOPE_DIGEST_CHARS)}`;
  return { partition: project, kind: 'app_token', id };
}
