import type { BaseLogger } from 'pino';
import type { AuditEntry } from '../domain/audit-record.ts';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { openRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';

/** Something that is about to be done, written down before: should its process die, it still comes into the trail. */
export interface PendingEntry {
  project: string;
  entry: AuditEntry;
}

// In one place for all projects: whoever looks for what was left over need not know the projects.
const PARTITION = 'global';
const KIND = 'audit_pending';
const PAGE = 100;
// Each has an id of its own and is written once.
const GENERATION = 1;

/** Sealed: what is left over comes into the trail, so that nobody without the keys may write one. Rejects with `store_unavailable`. */
export async function savePending(
  { store, vault }: { store: Pick<Store, 'put'>; vault: Vault },
  pending: PendingEntry,
): Promise<void> {
  const key = keyOf(pending.entry.id);
  const state = new Secret(JSON.stringify(pending));
  await store.put(key, sealRecord(vault, key, { generation: GENERATION, state }), { expectedVersion: 0 });
}

export async function dropPending(store: Pick<Store, 'delete'>, id: string): Promise<void> {
  await store.delete(keyOf(id));
}

/** Those begun before a time, the oldest first. What no server with these keys wrote stays where it is, and is told in the log. */
export async function* pendingBefore(
  { store, vault, logger }: { store: Pick<Store, 'list'>; vault: Vault; logger: BaseLogger },
  timeMs: number,
): AsyncGenerator<PendingEntry> {
  let after: string | undefined;
  do {
    const page = await store.list(PARTITION, KIND, { limit: PAGE, ...(after !== undefined && { after }) });
    for (const record of page.records) {
      const pending = opened(vault, record);
      if (!pending) {
        logger.error(
          { id: record.key.id },
          'audit entry that was begun is not readable: counterfeit, or its key is missing',
        );
        continue;
      }
      if (Date.parse(pending.entry.at) >= timeMs) return;
      yield pending;
    }
    after = page.next;
  } while (after !== undefined);
}

function keyOf(id: string): RecordKey {
  return { partition: PARTITION, kind: KIND, id };
}

function opened(vault: Vault, { key, value }: StoredRecord): PendingEntry | undefined {
  try {
    const { state } = openRecord(vault, key, value);
    return state instanceof Secret ? (JSON.parse(state.reveal()) as PendingEntry) : undefined;
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_value_unreadable') return undefined;
    throw error;
  }
}
