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
  if (isSame(stored.access_token, record.access_token)) return { outcome: 'present' };
  if (stored.obtained_at <= record.obtained_at) {
    // What stands there was not what this refresh began with, else its generation were lower.
    const overtaken = stored.generation >= record.generation ? stored.refresh_token : null;
    return save({ ...record, candidate_refresh_token: other(overtaken, record) }, stored.generation);
  }
  const candidate = other(record.refresh_token, stored);
  if (!candidate || isSame(candidate, stored.candidate_refresh_token)) return { outcome: 'superseded' };
  return { write: { ...stored, candidate_refresh_token: candidate }, outcome: 'kept' };
}

function save(record: GrantRecord, storedGeneration: number): Merge {
  return { write: { ...record, generation: Math.max(record.generation, storedGeneration + 1) }, outcome: 'saved' };
}

function other(token: Secret | null, { refresh_token }: GrantRecord): Secret | null {
  return token && !isSame(token, refresh_token) ? token : null;
}

function isSame(a: Secret, b: Secret | null): boolean {
  return b !== null && a.reveal() === b.reveal();
}
