import { AUDIT_START, type AuditPlace } from '../domain/audit-record.ts';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { openRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';

/** The end of a project's chain, and where it begins since old records were removed. */
export interface AuditHead extends AuditPlace {
  /** The last record that was removed when its time was over; {@link AUDIT_START} when none was. */
  checkpoint: AuditPlace;
}

export type StoredHead =
  | { state: 'absent'; version: 0 }
  | { state: 'present'; version: number; head: AuditHead }
  /** Not written by a server with these keys. */
  | { state: 'counterfeit'; version: number };

export const EMPTY_HEAD: AuditHead = { ...AUDIT_START, checkpoint: AUDIT_START };

/** Where a project's head is kept. */
export function headKey(project: string): RecordKey {
  return { partition: project, kind: 'audit_head', id: 'head' };
}

/** The head as text for the store: sealed, so that whoever can write into the store still cannot make one. */
export function sealedHead(vault: Vault, project: string, head: AuditHead): string {
  return sealRecord(vault, headKey(project), { generation: head.seq, state: new Secret(JSON.stringify(head)) });
}

/** Rejects with `store_unavailable`. */
export async function readHead(store: Pick<Store, 'get'>, vault: Vault, project: string): Promise<StoredHead> {
  const record = await store.get(headKey(project));
  if (!record) return { state: 'absent', version: 0 };
  const head = opened(vault, record);
  return head ? { state: 'present', version: record.version, head } : { state: 'counterfeit', version: record.version };
}

function opened(vault: Vault, { key, value }: StoredRecord): AuditHead | undefined {
  try {
    const { state } = openRecord(vault, key, value);
    return state instanceof Secret ? (JSON.parse(state.reveal()) as AuditHead) : undefined;
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_value_unreadable') return undefined;
    throw error;
  }
}
