import type { Store } from '../store/store.ts';
import { parseSealedRecord } from '../vault/sealed-records.ts';
import { NEVER } from './grant.ts';
import type { GrantRecord } from './grant-record.ts';
import { GRANT_KIND } from './lapsing-grants.ts';

/**
 * When an account's grant ends if nobody uses it: with its refresh token, or without one with its access token. Milliseconds
 * since the epoch; null when there is none, it is dead, or it has no end that is known. Reads only what is not sealed, so that
 * a list can ask for each of its rows.
 */
export async function grantEnd(store: Pick<Store, 'get'>, project: string, account: string): Promise<number | null> {
  const stored = await store.get({ partition: project, kind: GRANT_KIND, id: account });
  // What was removed has none of these members.
  const { refresh_token, refresh_expires_at, access_expires_at, dead } = stored ? clearlyOf(stored.value) : {};
  if (access_expires_at === undefined || dead) return null;
  if (refresh_token) return refresh_expires_at ?? null;
  return access_expires_at === NEVER ? null : access_expires_at;
}

/** A damaged record breaks no list. */
function clearlyOf(value: string): Partial<GrantRecord> {
  try {
    return parseSealedRecord(value) as Partial<GrantRecord>;
  } catch {
    return {};
  }
}
