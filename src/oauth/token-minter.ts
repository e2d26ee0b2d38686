import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { withLease } from '../store/lease.ts';
import type { RecordKey, Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import type { HeldToken } from './token-cache.ts';
import { type ClientCredentialsRequest, requestAppToken } from './token-endpoint.ts';
import { createTokenRecords } from './token-record.ts';

// Shorter than the lease, so that the lease cannot end under a request that is still under way.
export const UPSTREAM_DEADLINE_MS = 8_000;
export const LEASE_TTL_MS = 30_000;
// Long enough to outlive a dead holder's lease and then obtain the token oneself.
export const OBTAIN_LIMIT_MS = LEASE_TTL_MS + UPSTREAM_DEADLINE_MS + 7_000;
// A refused token is replaced once in this time; if the provider refuses the new one as well, more tokens do not help.
export const FORCED_COOLDOWN_MS = 30_000;
// Another process usually has the token within a second; polls start near that pace and slow down.
const FIRST_POLL_MS = 40;
const MAX_POLL_MS = 400;
const POLL_GROWTH = 1.5;

export interface ObtainOptions {
  /** Only a token of a greater generation will do. */
  floor: number;
  /** The token of generation `floor` was refused by the provider. */
  forced: boolean;
}

export type TokenSource = Omit<ClientCredentialsRequest, 'deadlineAt'>;

/** Obtains tokens once for all processes. */
export interface TokenMinter {
  /**
   * The stored token when it is beyond the floor, else a new one: requested by the one process that gets the lease, waited
   * for by the others. Within the cooldown of a forced request it gives the stored token although it is not beyond the
   * floor. While the store is away every process requests its own, which is not stored: app tokens are cheap, and calls
   * under way can be finished. Rejects as {@link requestAppToken}.
   */
  obtain(key: RecordKey, source: TokenSource, options: ObtainOptions): Promise<HeldToken>;
}

export function createTokenMinter(deps: {
  store: Store;
  vault: Vault;
  door: Door;
  clock: Clock;
  random: Random;
}): TokenMinter {
  const { store, clock, random } = deps;
  const records = createTokenRecords(deps);

  async function obtain(key: RecordKey, source: TokenSource, options: ObtainOptions): Promise<HeldToken> {
    const giveUpAt = clock.now() + OBTAIN_LIMIT_MS;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * POLL_GROWTH, MAX_POLL_MS)) {
      const found = await ifStoreAnswers(() => records.read(key));
      if (!found) return mint(source, 0, options);
      const stored = sufficient(found.held, options);
      if (stored) return stored;

      const outcome = await ifStoreAnswers(() =>
        // Losing the lease costs at most a second request, while a token that was obtained is never dropped: so neither its
        // signal nor its fence is heeded, and the compare-and-set decides which token counts.
        withLease(store, clock, random, { key: leaseKey(key), ttlMs: LEASE_TTL_MS }, () =>
          mintUnderLease(key, source, options),
        ),
      );
      if (!outcome) return mint(source, found.held?.access.generation ?? 0, options);
      if (outcome.acquired) return outcome.value;

      if (clock.now() + pollMs > giveUpAt) {
        throw new Problem('token_endpoint_unavailable', 'Another process did not obtain the token in time.');
      }
      await clock.sleep(pollMs * (0.5 + random.fraction()));
    }
  }

  // Never rejects with store_unavailable: the caller would take that for a lease that could not be asked for.
  async function mintUnderLease(key: RecordKey, source: TokenSource, options: ObtainOptions): Promise<HeldToken> {
    // The holder before may have stored a token between our look and our lease.
    const found = await ifStoreAnswers(() => records.read(key));
    const stored = sufficient(found?.held, options);
    if (stored) return stored;
    const minted = await mint(source, found?.held?.access.generation ?? 0, options);
    // Stored before anyone uses it; if the store fails just now, used all the same.
    return (await ifStoreAnswers(() => records.save(key, minted, found?.version ?? 0))) ?? minted;
  }

  async function mint(source: TokenSource, storedGeneration: number, options: ObtainOptions): Promise<HeldToken> {
    const now = clock.now();
    const { token, expiresAt, obtainedAt, scopes } = await requestAppToken(deps, {
      ...source,
      deadlineAt: now + UPSTREAM_DEADLINE_MS,
    });
    // Time-based, so that it grows even when the record has expired and with it the count; never below what was seen.
    const generation = Math.max(storedGeneration + 1, options.floor + 1, now);
    return {
      access: Object.freeze({ token, expiresAt, generation, scopes }),
      obtainedAt,
      ...(options.forced && { forcedAt: now }),
    };
  }

  function sufficient(held: HeldToken | undefined, { floor, forced }: ObtainOptions): HeldToken | undefined {
    const now = clock.now();
    if (!held || held.access.expiresAt <= now) return undefined;
    return held.access.generation > floor || (forced && inCooldown(held, now)) ? held : undefined;
  }

  return { obtain };
}

/** Whether a token was obtained by force so recently that a refusal of it is final for now. */
export function inCooldown({ forcedAt }: HeldToken, now: number): boolean {
  // Also a time in the future counts as long ago: the clock was set back, or is another machine's.
  return forcedAt !== undefined && Math.abs(now - forcedAt) < FORCED_COOLDOWN_MS;
}

async function ifStoreAnswers<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem && error.code === 'store_unavailable') return undefined;
    throw error;
  }
}

function leaseKey(key: RecordKey): RecordKey {
  return { ...key, kind: `${key.kind}_lease` };
}
