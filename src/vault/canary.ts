import { Secret } from '../secret.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { openRecord, sealRecord } from './sealed-records.ts';
import type { Vault } from './vault.ts';

const PARTITION = 'global';
const KIND = 'key_canary';
const PLAINTEXT = 'corbel';
const PAGE = 100;

/** The store holds values that this ring cannot open. The process must not start: it would see every secret as damaged. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError';
}

/**
 * To be called at start, before anything is sealed. The store keeps one sealed canary per key that has been a primary and
 * may still be in use; all of them must open, and the present primary gets its own if it has none. So a ring is refused
 * that lacks a key in use (also after a change of keys was taken back) and one whose key differs under the same id.
 * Processes may start at once: of two with different keys at most one passes. Throws {@link WrongKeyError},
 * `store_unavailable`.
 */
export async function checkCanary(store: Store, vault: Vault): Promise<void> {
  const before = await verifyCanaries(store, vault);
  if (before.has(vault.primaryKeyId)) return;

  const key = canaryKey(vault.primaryKeyId);
  const value = sealRecord(vault, key, { generation: 1, canary: new Secret(PLAINTEXT) });
  const written = await store.put(key, value, { expectedVersion: 0 });
  try {
    await verifyCanaries(store, vault);
  } catch (error) {
    // Another process was here with another key. Ours has sealed nothing yet and must not shut the others out.
    if (written.ok) await store.delete(key, { expectedVersion: written.version });
    throw error;
  }
}

/** Removes the canaries of all keys but the primary: nothing is sealed under them any more, so the ring may lose them. */
export async function retireCanaries(store: Store, vault: Vault): Promise<void> {
  for await (const record of canaries(store)) {
    if (record.key.id !== vault.primaryKeyId) await store.delete(record.key, { expectedVersion: record.version });
  }
}

/**
 * Opens every canary of the store and gives the ids of their keys; changes nothing. Throws {@link WrongKeyError},
 * `store_unavailable`.
 */
export async function verifyCanaries(store: Pick<Store, 'list'>, vault: Vault): Promise<Set<string>> {
  const verified = new Set<string>();
  for await (const record of canaries(store)) {
    const { id } = record.key;
    if (!vault.keyIds.includes(id)) {
      throw new WrongKeyError(
        `the store holds values sealed with key "${id}", which is not in the key ring (${vault.keyIds.join(', ')}): add it, or run the rotation while it is there`,
      );
    }
    if (!opens(vault, record)) {
      throw new WrongKeyError(`key "${id}" of the key ring is not the key "${id}" that the store was written with`);
    }
    verified.add(id);
  }
  return verified;
}

function opens(vault: Vault, record: StoredRecord): boolean {
  try {
    const { canary } = openRecord(vault, record.key, record.value);
    return canary instanceof Secret && canary.reveal() === PLAINTEXT;
  } catch {
    return false;
  }
}

async function* canaries(store: Pick<Store, 'list'>): AsyncGenerator<StoredRecord> {
  let after: string | undefined;
  do {
    const page = await store.list(PARTITION, KIND, { limit: PAGE, ...(after !== undefined && { after }) });
    yield* page.records;
    after = page.next;
  } while (after !== undefined);
}

function canaryKey(keyId: string): RecordKey {
  return { partition: PARTITION, kind: KIND, id: keyId };
}
