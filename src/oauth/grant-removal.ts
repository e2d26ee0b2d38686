import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { RecordKey } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { OAuthClient } from './grant.ts';
import type { GrantCustody } from './grant-custody.ts';
import type { GrantRecord, GrantRecords, StoredGrant } from './grant-record.ts';
import { type RevocableToken, revoke } from './revocation.ts';

export type Revoked = 'revoked' | 'failed' | 'not_supported' | 'nothing';

export interface Removal {
  /** Of the tombstone. */
  version: number;
  revocation: Promise<Revoked>;
}

// A refresh under way writes twice; more conflicts than this in a row are not conflicts but a fault.
const ATTEMPTS = 50;

/**
 * Writes the tombstone over whatever stands there, and begins the revocation of what was given up. Rejects with
 * `store_unavailable`; the revocation never rejects.
 */
export async function removeGrant(
  deps: { records: GrantRecords; custody: GrantCustody; door: Door; clock: Clock },
  key: RecordKey,
  client: OAuthClient | undefined,
): Promise<Removal> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // What cannot be saved now finds the tombstone later, and is revoked then: no reason to keep the account.
    const stored = await deps.custody.read(key).catch(() => deps.records.read(key));
    if (stored.state === 'removed') return { version: stored.version, revocation: Promise.resolve('nothing') };
    const tombstone = { generation: generationOf(stored) + 1, removedAt: deps.clock.now() };
    const version = await deps.records.bury(key, tombstone, stored.version);
    if (version === undefined) continue;
    const record = stored.state === 'present' ? stored.record : undefined;
    return { version, revocation: record ? revocationOf(deps, client, record) : Promise.resolve('nothing') };
  }
  throw new Problem('store_unavailable', 'The grant is changed again and again.');
}

async function revocationOf(
  deps: { door: Door; clock: Clock },
  client: OAuthClient | undefined,
  record: GrantRecord,
): Promise<Revoked> {
  // Another app's token would be refused, and its secret is no longer there.
  if (!client || client.clientId !== record.client_id) return 'failed';
  try {
    return (await revoke(deps, client, tokenToRevoke(record))) ? 'revoked' : 'not_supported';
  } catch {
    return 'failed';
  }
}

/** RFC 7009 §2.1: with the refresh token the provider also ends the access tokens of the same grant, as far as it can. */
function tokenToRevoke({ refresh_token, access_token, dead }: GrantRecord): RevocableToken {
  return refresh_token && !dead
    ? { token: refresh_token, kind: 'refresh_token' }
    : { token: access_token, kind: 'access_token' };
}

function generationOf(stored: StoredGrant): number {
  switch (stored.state) {
    case 'absent':
      return 0;
    case 'present':
      return stored.record.generation;
    default:
      return stored.generation;
  }
}
