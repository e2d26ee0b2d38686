import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { RecordKey } from '../store/store.ts';
import { type GrantCustody, nameOfKey } from './grant-custody.ts';
import type { GrantLogger } from './grant-logger.ts';
import type { GrantMemory, Reading, Remembered } from './grant-memory.ts';
import type { GrantRecord } from './grant-record.ts';
import { type Standing, standingOf } from './grant-standing.ts';
import type { OnGrantDead } from './grants.ts';
import type { AccessToken } from './token-cache.ts';
import { refreshTimeOf } from './token-lifetime.ts';

/** Between the store and the memory of this process. */
export interface GrantLookup {
  /**
   * The grant as the store has it, read once for all who ask at this moment; from memory when the store is away and the token
   * there is good. Rejects with `store_unavailable`.
   */
  look(key: RecordKey): Promise<Remembered>;
  /**
   * Remembers how a grant stands, and sees to it that the account is told of a death before anybody else is. Rejects with what
   * the telling rejects with; it is then tried again with the next look.
   */
  settle(key: RecordKey, reading: Reading, standing: Standing): Promise<Remembered>;
  /** What is to be remembered of a grant that stands so. */
  remember(standing: Standing): Remembered;
}

export interface LookupDeps {
  memory: GrantMemory;
  custody: GrantCustody;
  clock: Clock;
  random: Random;
  onDead: OnGrantDead;
  onRevived?: (project: string, account: string) => Promise<void>;
  logger?: GrantLogger;
}

export function createGrantLookup(deps: LookupDeps): GrantLookup {
  const { memory, custody, clock, random, onDead, logger } = deps;
  const looks = new Map<string, Promise<Remembered>>();

  function look(key: RecordKey): Promise<Remembered> {
    const name = nameOfKey(key);
    const present = memory.get(key);
    if (present && memory.isFresh(present) && (present.standing.state !== 'dead' || present.deathTold))
      return Promise.resolve(present);
    const looking = looks.get(name) ?? lookNow(key).finally(() => looks.delete(name));
    looks.set(name, looking);
    return looking;
  }

  async function lookNow(key: RecordKey): Promise<Remembered> {
    const reading = memory.begin(key);
    try {
      return await settle(key, reading, standingOf(await custody.read(key)));
    } catch (error) {
      memory.end(key, reading);
      const present = memory.get(key);
      // What is not saved yet may belong to a grant that was removed since.
      const record = present?.standing.state === 'none' ? undefined : custody.unsaved(key);
      const known = record ? remember({ state: 'live', record, version: undefined }) : present;
      const live = known?.standing.state === 'live' && known.standing.record.access_expires_at > clock.now();
      if (known && live && isStoreAway(error)) return known;
      throw error;
    }
  }

  async function settle(key: RecordKey, reading: Reading, standing: Standing): Promise<Remembered> {
    const before = memory.get(key);
    if (before?.standing.state === 'none' && standing.version === undefined) {
      // Removed while the refresh was under way, whose answer could not be saved either.
      memory.end(key, reading);
      return before;
    }
    const remembered = remember(standing);
    const sameDeath = standing.state === 'dead' && before?.standing.state === 'dead';
    if (sameDeath && before.standing.version === standing.version) remembered.deathTold = before.deathTold;
    if (standing.state === 'dead' && !remembered.deathTold) {
      memory.end(key, reading, remembered);
      logger?.warn({ project: key.partition, account: key.id, death: standing.death }, 'a grant is dead');
      await onDead(key.partition, key.id, standing.death);
      // Linked again, or saved late by another process, between the death and the telling: then the mark must go.
      if (standingOf(await custody.read(key)).state === 'live') await deps.onRevived?.(key.partition, key.id);
      remembered.deathTold = true;
      const present = memory.get(key);
      if (present?.standing.version === standing.version) present.deathTold = true;
    } else {
      memory.end(key, reading, remembered);
    }
    return remembered;
  }

  function remember(standing: Standing): Remembered {
    if (standing.state !== 'live')
      return { standing, access: undefined, refreshAt: Number.POSITIVE_INFINITY, deathTold: false, stale: false };
    const { record } = standing;
    const access = accessOf(record);
    const refreshAt =
      record.refresh_token === null
        ? Number.POSITIVE_INFINITY
        : refreshTimeOf({ obtainedAt: record.obtained_at, expiresAt: access.expiresAt }, random.fraction());
    return { standing, access, refreshAt, deathTold: false, stale: false };
  }

  return { look, settle, remember };
}

function accessOf({ access_token, access_expires_at, generation, scopes }: GrantRecord): AccessToken {
  return Object.freeze({ token: access_token, expiresAt: access_expires_at, generation, scopes: scopes ?? [] });
}

function isStoreAway(error: unknown): boolean {
  return error instanceof Problem && error.code === 'store_unavailable';
}
