import type { Secret } from '../secret.ts';
import type { GrantRecord, StoredGrant } from './grant-record.ts';

/** A grant that was obtained and must not be lost: what the journal keeps and the store is to get. */
export interface ObtainedRecord {
  project: string;
  account: string;
  /** Whether a person linked the account, or a refresh brought it. */
  by: 'link' | 'refresh';
  record: GrantRecord;
}

/** What becomes of an obtained grant, given what stands in the store. */
export type Merge =
  | { write: GrantRecord; outcome: 'saved' | 'kept' }
  /** The store has it already. */
  | { outcome: 'present' }
  /** The account was linked anew meanwhile, or a later refresh brought the same. */
  | { outcome: 'superseded' }
  /** The grant was removed for good. */
  | { outcome: 'removed' };

/**
 * Decides by the linking first, then by who obtained later. Never drops a refresh token of the present linking: one that was
 * overtaken is kept as the candidate (`kept`). A removed grant is not written again, except by a later linking. Pure.
 */
export function mergeGrant(stored: StoredGrant, { by, record }: ObtainedRecord): Merge {
  switch (stored.state) {
    case 'absent':
      return by === 'link' ? save(record, 0) : { outcome: 'removed' };
    case 'removed':
      if (by === 'link' && record.linked_at > stored.removedAt) return save(record, stored.generation);
      return { outcome: 'removed' };
    case 'unreadable':
      if (by === 'link' || stored.link === undefined || stored.link === record.link)
        return save(record, stored.generation);
      return { outcome: 'superseded' };
    case 'present':
      return stored.record.link === record.link
        ? mergeRefreshed(stored.record, record)
        : mergeLinked(stored.record, by, record);
  }
}

function mergeLinked(stored: GrantRecord, by: ObtainedRecord['by'], record: GrantRecord): Merge {
  if (by === 'refresh' || stored.linked_at > record.linked_at) return { outcome: 'superseded' };
  return save(record, stored.generation);
}

function mergeRefreshed(stored: GrantRecord, record: GrantRecord): Merge {
  // What the refresh began with, whatever two clocks say of their order: its refresh token is used up.
  if (stored.generation < record.generation)
    return save({ ...record, candidate_refresh_token: null }, stored.generation);
  // Some providers give the same access token with each new refresh token.
  if (isSame(stored.access_token, record.access_token) && isSameOrNone(stored.refresh_token, record.refresh_token))
    return { outcome: 'present' };
  if (stored.obtained_at <= record.obtained_at)
    return save({ ...record, candidate_refresh_token: other(stored.refresh_token, record) }, stored.generation);
  const candidate = other(record.refresh_token, stored);
  if (!candidate || isSame(candidate, stored.candidate_refresh_token)) return { outcome: 'superseded' };
  // Nothing tries the candidate of a grant that was called dead: it takes the place of the token that was refused. Of two that
  // began with the same only, so that a journal that is read again does not bring back what was tried.
  if (stored.dead && stored.generation === record.generation)
    return save({ ...stored, refresh_token: candidate, dead: null }, stored.generation);
  return { write: { ...stored, candidate_refresh_token: candidate }, outcome: 'kept' };
}

/**
 * A linking that was completed just now, as the later of two whatever the clocks of the two processes say: the person has
 * consented since. Not for one from a journal, whose time is past. Pure.
 */
export function asLatest(stored: StoredGrant, obtained: ObtainedRecord): ObtainedRecord {
  const before =
    stored.state === 'present' ? stored.record.linked_at : stored.state === 'removed' ? stored.removedAt : 0;
  if (obtained.by !== 'link' || obtained.record.linked_at > before) return obtained;
  return { ...obtained, record: { ...obtained.record, linked_at: before + 1 } };
}

function save(record: GrantRecord, storedGeneration: number): Merge {
  return { write: { ...record, generation: Math.max(record.generation, storedGeneration + 1) }, outcome: 'saved' };
}

function other(token: Secret | null, { refresh_token }: GrantRecord): Secret | null {
  return token && !isSame(token, refresh_token) ? token : null;
}

function isSameOrNone(a: Secret | null, b: Secret | null): boolean {
  return a === null ? b === null : isSame(a, b);
}

function isSame(a: Secret, b: Secret | null): boolean {
  return b !== null && a.reveal() === b.reveal();
}
