import { type FieldError, Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';
import { type ApiKey, expiryFault, type PublicApiKey, publicKey, requireKey, timeOf } from './api-key.ts';

/** What a key is to have from now on; what is not given stays. */
export interface ApiKeyChange {
  name?: string;
  actions?: string[] | null;
  accounts?: string[] | null;
  /** With a time zone (RFC 3339), or null. */
  expires_at?: string | null;
}

const WIDENED = 'whoever holds the token would silently get more; make a new key';

/**
 * Renames a key or takes rights from it, never gives any: its token may be with whoever was not meant to have more. Counts
 * everywhere as fast as a revocation. Rejects with `not_found`, `version_conflict`, and `request_invalid` for what would be
 * more than before, for an end that has passed, and for a revoked key.
 */
export async function narrowApiKey(
  store: Store,
  nowMs: number,
  project: string,
  id: string,
  change: ApiKeyChange,
): Promise<PublicApiKey> {
  const { record, key } = await requireKey(store, project, id);
  if (key.revoked_at !== null)
    throw new Problem('request_invalid', 'A revoked key cannot be changed.', {
      errors: [{ path: '', message: 'the key is revoked, for good; make a new one' }],
    });
  const errors = checkNarrowing(key, change, nowMs);
  if (errors.length > 0) throw new Problem('request_invalid', 'The key cannot be changed to that.', { errors });
  const narrowed = { ...key, ...change };
  if (narrowed.expires_at !== null) narrowed.expires_at = new Date(narrowed.expires_at).toISOString();
  const { ok } = await store.put(record.key, JSON.stringify(narrowed), { expectedVersion: record.version });
  if (!ok) throw new Problem('version_conflict', 'The key was changed meanwhile.');
  return publicKey(store, narrowed);
}

/** What is wrong with a change of a key. Empty when nothing is. */
export function checkNarrowing(key: ApiKey, change: ApiKeyChange, nowMs: number): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['actions', 'accounts'] as const) {
    const wanted = change[field];
    if (wanted === undefined) continue;
    const fault = key.role === 'operator' ? operatorFault(wanted) : listFault(key[field], wanted);
    if (fault !== undefined) errors.push({ path: `/${field}`, message: fault });
  }
  const fault = change.expires_at === undefined ? undefined : endFault(key.expires_at, change.expires_at, nowMs);
  if (fault !== undefined) errors.push({ path: '/expires_at', message: fault });
  return errors;
}

function operatorFault(wanted: string[] | null): string | undefined {
  return wanted === null ? undefined : 'only a backend key can be narrowed';
}

function listFault(now: string[] | null, wanted: string[] | null): string | undefined {
  if (now === null) return undefined;
  if (wanted === null) return `cannot be all again: ${WIDENED}`;
  const had = new Set(now);
  const added = wanted.find((name) => !had.has(name));
  return added === undefined ? undefined : `has "${added}", which the key does not: ${WIDENED}`;
}

function endFault(now: string | null, wanted: string | null, nowMs: number): string | undefined {
  if (wanted === null) return now === null ? undefined : `cannot be taken away: ${WIDENED}`;
  const current = now === null ? Number.POSITIVE_INFINITY : timeOf(now);
  const time = timeOf(wanted);
  // As it is, also where it has passed: whoever sends the whole key back means to change something else.
  if (time === current) return undefined;
  return time > current ? `cannot be later than ${now}: ${WIDENED}` : expiryFault(wanted, nowMs);
}
