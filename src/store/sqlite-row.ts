import type { SQLOutputValue } from 'node:sqlite';
import type { RecordKey, StoredRecord } from './store.ts';

/** Condition on rows of records. */
export const LIVE = '(expires_at IS NULL OR expires_at > :now)';

/** A copy with exactly the columns: SQLite refuses parameters that a statement does not have. */
export function names(key: RecordKey): { partition: string; kind: string; id: string } {
  return { partition: key.partition, kind: key.kind, id: key.id };
}

/** A row of the table as a record. */
export function storedRecord(key: RecordKey, row: Record<string, SQLOutputValue>): StoredRecord {
  return { key: names(key), value: String(row.value), version: Number(row.version) };
}
