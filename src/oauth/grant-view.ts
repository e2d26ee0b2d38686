import { type GrantView, NEVER } from './grant.ts';
import type { GrantRecord } from './grant-record.ts';

const SECOND_MS = 1_000;

/** What may be shown of a grant at a time (milliseconds since the epoch). */
export function viewOf(record: GrantRecord, now: number): GrantView {
  const secondsUntil = (time: number) => Math.max(0, Math.floor((time - now) / SECOND_MS));
  const { refresh_expires_at: refreshExpiresAt, refresh_token: refreshToken, dead } = record;
  return {
    generation: record.generation,
    obtained_at: new Date(record.obtained_at).toISOString(),
    access_expires_in_s: record.access_expires_at === NEVER ? null : secondsUntil(record.access_expires_at),
    refreshable: refreshToken !== null && dead === null,
    refresh_expires_in_s: refreshToken === null || refreshExpiresAt === null ? null : secondsUntil(refreshExpiresAt),
    scopes: record.scopes,
    ...(dead && { dead: dead.death }),
  };
}

/** Of a grant that cannot be opened: nothing is known of it. */
export const UNREADABLE_VIEW: GrantView = Object.freeze({
  generation: 0,
  obtained_at: new Date(0).toISOString(),
  access_expires_in_s: 0,
  refreshable: false,
  refresh_expires_in_s: null,
  scopes: null,
  dead: 'grant_unreadable',
});
