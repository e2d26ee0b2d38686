import type { AuditEntry } from '../domain/audit-record.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';

/** Something that is about to be done, written down before: should its process die, it still comes into the trail. */
export interface PendingEntry {
  project: string;
  entry: AuditEntry;
}

// In one place for all projects: whoever looks for what was left over need not know the projects.
const PARTITION = 'global';
const KIND = 'audit_pending';
const PAGE = 100;

/** Rejects with `store_unavailable`. */
export async function savePending(store: Pick<Store, 'put'>, pending: PendingEntry): Promise<void> {
  await store.put(keyOf(pending.entry.id), JSON.stringify(pending), { expectedVersion: 0 });
}

export async function dropPending(store: Pick<Store, 'delete'>, id: string): Promise<void> {
  await store.delete(keyOf(id));
}

/** Those begun before a time, the oldest first. */
export async function* pendingBefore(store: Pick<Store, 'list'>, timeMs: number): AsyncGenerator<PendingEntry> {
  let after: string | undefined;
  do {
    const page = await store.list(PARTITION, KIND, { limit: PAGE, ...(after !== undefined && { after }) });
    for (const record of page.records) {
      const pending = parse(record);
      if (Date.parse(pending.entry.at) >= timeMs) return;
      yield pending;
    }
    after = page.next;
  } while (after !== undefined);
}

function keyOf(id: string): RecordKey {
  return { partition: PARTITION, kind: KIND, id };
}

function parse({ value }: StoredRecord): PendingEntry {
  return JSON.parse(value) as PendingEntry;
}
