import { Problem } from '../problems.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import { retireCanaries } from './canary.ts';
import { keyIdsOf, openRecord, SEALED_RECORDS, type SealedKinds, sealRecord } from './sealed-records.ts';
import type { Vault } from './vault.ts';

export interface RotateOptions {
  /** All projects. `global` is visited in any case. Walked once; ids are kept for the verifying passes. */
  partitions: AsyncIterable<string>;
  onProgress?: (progress: RotateProgress) => void;
  kinds?: SealedKinds;
}

export interface RotateProgress {
  /** Records looked at; one that is looked at in two passes counts twice. */
  examined: number;
  /** Records sealed anew under the primary key. */
  resealed: number;
  /** Records removed because what they hold can be obtained again. */
  deleted: number;
  /** Records that could not be opened or kept changing, in the last pass. */
  failed: number;
}

export interface RotateResult extends RotateProgress {
  /** Records still under another key than the primary at the end. Only at 0 may the old keys leave the ring. */
  remaining: number;
}

// Also how many are written at once: enough for the store to group them, little enough not to starve the callers.
const PAGE = 32;
// A record that was changed by others this often in a row is left for the next pass.
const CONFLICT_ATTEMPTS = 20;
// Each pass meets only what was written under an old key since the one before; more than a few means that a process
// still runs with the old ring, which waiting does not mend.
const MAX_PASSES = 4;

/**
 * Moves everything under the ring's primary key, while other processes read and write. Every record is changed by
 * compare-and-set, so it may be killed at any point and run again. A record's generation stays: the secret is the same.
 * When nothing is left under an old key, the canaries of the old keys go too, and a ring without them passes the start
 * check. Processes whose primary is still an old key must be gone before. Throws `store_unavailable`.
 */
export async function rotate(store: Store, vault: Vault, options: RotateOptions): Promise<RotateResult> {
  const kinds = options.kinds ?? SEALED_RECORDS;
  const progress: RotateProgress = { examined: 0, resealed: 0, deleted: 0, failed: 0 };
  const partitions = new Set(['global']);
  for await (const partition of options.partitions) partitions.add(partition);

  const renewOne = async (record: StoredRecord) => {
    const outcome = await renew(store, vault, record, kinds);
    progress.examined++;
    if (outcome !== 'current') progress[outcome]++;
    options.onProgress?.({ ...progress });
  };

  let remaining = 0;
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    progress.failed = 0;
    const before = progress.resealed + progress.deleted;
    for await (const page of sealedRecords(store, partitions, kinds)) {
      await Promise.all(page.map(renewOne));
    }
    remaining = await countUnderOldKeys(store, vault, partitions, kinds);
    const nothingMoved = progress.resealed + progress.deleted === before;
    if (remaining === 0 || nothingMoved) break;
  }
  if (remaining === 0) await retireCanaries(store, vault);
  return { ...progress, remaining };
}

async function renew(
  store: Store,
  vault: Vault,
  found: StoredRecord,
  kinds: SealedKinds,
): Promise<'current' | 'resealed' | 'deleted' | 'failed'> {
  let record: StoredRecord | undefined = found;
  for (let attempt = 1; attempt <= CONFLICT_ATTEMPTS; attempt++) {
    if (!record || isCurrent(vault, record, kinds)) return 'current';
    const { key, version } = record;
    if (kinds[key.kind]?.onRotation === 'delete') {
      if ((await store.delete(key, { expectedVersion: version })).ok) return 'deleted';
    } else {
      const resealed = reseal(vault, record, kinds);
      if (resealed === undefined) return 'failed';
      if ((await store.put(key, resealed, { expectedVersion: version })).ok) return 'resealed';
    }
    record = await store.get(key);
  }
  return 'failed';
}

function reseal(vault: Vault, { key, value }: StoredRecord, kinds: SealedKinds): string | undefined {
  try {
    return sealRecord(vault, key, openRecord(vault, key, value, kinds), kinds);
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** How many records are sealed under another key than the primary. */
export async function countUnderOldKeys(
  store: Pick<Store, 'list'>,
  vault: Vault,
  partitions: Iterable<string>,
  kinds: SealedKinds = SEALED_RECORDS,
): Promise<number> {
  let count = 0;
  for await (const page of sealedRecords(store, partitions, kinds)) {
    count += page.filter((record) => !isCurrent(vault, record, kinds)).length;
  }
  return count;
}

// A record too damaged to name its key counts as not current: nobody may conclude from it that a key is unused.
function isCurrent(vault: Vault, { key, value }: StoredRecord, kinds: SealedKinds): boolean {
  try {
    return [...keyIdsOf(vault, key.kind, value, kinds)].every((id) => id === vault.primaryKeyId);
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  }
}

async function* sealedRecords(
  store: Pick<Store, 'list'>,
  partitions: Iterable<string>,
  kinds: SealedKinds,
): AsyncGenerator<StoredRecord[]> {
  for (const partition of partitions) {
    for (const [kind, { onRotation }] of Object.entries(kinds)) {
      if (onRotation === 'retire') continue;
      let after: string | undefined;
      do {
        const page = await store.list(partition, kind, { limit: PAGE, ...(after !== undefined && { after }) });
        yield page.records;
        after = page.next;
      } while (after !== undefined);
    }
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof Problem && error.code === 'sealed_value_unreadable';
}
