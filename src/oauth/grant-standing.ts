import type { GrantDeath } from './grant.ts';
import { type GrantRecord, isKey, type StoredGrant } from './grant-record.ts';
import { FORCED_COOLDOWN_MS } from './token-minter.ts';

/** How an account's grant stands. `version` is undefined for what the store does not have yet. */
export type Standing =
  | { state: 'live'; record: GrantRecord; version: number | undefined }
  | { state: 'dead'; death: GrantDeath; record: GrantRecord | undefined; version: number }
  | { state: 'none'; version: number };

/** What a caller needs. */
export interface TokenNeed {
  /** Only a token of a greater generation will do. */
  floor: number;
  /** The token of generation `floor` was refused by the provider. */
  forced: boolean;
}

export function standingOf(stored: StoredGrant): Standing {
  switch (stored.state) {
    case 'absent':
    case 'removed':
      return { state: 'none', version: stored.version };
    case 'unreadable':
      return { state: 'dead', death: 'grant_unreadable', record: undefined, version: stored.version };
    case 'present': {
      const { record, version } = stored;
      return record.dead
        ? { state: 'dead', death: record.dead.death, record, version }
        : { state: 'live', record, version };
    }
  }
}

/** Whether nothing need, or can, be asked of the provider. */
export function suffices(standing: Standing, need: TokenNeed, now: number): boolean {
  if (standing.state !== 'live') return true;
  const { record } = standing;
  if (isGood(record, need.floor, now)) return true;
  // A key that was refused is dead.
  if (isKey(record)) return false;
  return need.forced && record.access_expires_at > now && (isCooling(record, now) || record.refresh_token === null);
}

export function isGood(record: GrantRecord, floor: number, now: number): boolean {
  return record.access_expires_at > now && record.generation > floor;
}

/** Whether it was obtained by force so recently that a refusal of it is final for now. */
export function isCooling({ forced_at: forcedAt }: GrantRecord, now: number): boolean {
  // Also a time in the future counts as long ago: the clock was set back, or is another machine's.
  return forcedAt !== null && Math.abs(now - forcedAt) < FORCED_COOLDOWN_MS;
}
