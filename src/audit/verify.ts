import {
  AUDIT_KIND,
  type AuditPlace,
  type AuditRecord,
  auditHash,
  auditPlaceId,
  GENESIS_HASH,
  parseAuditRecord,
} from '../domain/audit-record.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { type AuditHead, readHead } from './head.ts';

/**
 * What is wrong at a place. `replaced`: the record here does not follow the one before, so that one of the two was exchanged
 * for another. `begun_anew`: the server found the head missing or counterfeit here, and went on behind it.
 */
export type AuditFault =
  | 'changed'
  | 'replaced'
  | 'removed'
  | 'inserted'
  | 'reordered'
  | 'truncated'
  | 'begun_anew'
  | 'head_missing'
  | 'head_counterfeit';

export interface AuditFinding {
  fault: AuditFault;
  /** Of the first place that does not fit; null when it is the head. */
  seq: number | null;
  /** Of the record there, where there is one. */
  id: string | null;
  message: string;
}

export interface AuditVerdict {
  project: string;
  /** How many records fit, and the places of the first and the last of them. */
  records: number;
  first_seq: number | null;
  last_seq: number | null;
  finding: AuditFinding | null;
}

const PAGE = 500;
// Servers write meanwhile, so that the end may have to be looked for again.
const MAX_ROUNDS = 5;

/**
 * Walks a project's chain from its beginning and compares its end with the head. Stops at the first record that does not fit.
 * Servers may write meanwhile. Rejects with `store_unavailable`.
 */
export async function verifyAudit(
  store: Pick<Store, 'get' | 'list'>,
  vault: Vault,
  project: string,
): Promise<AuditVerdict> {
  for (let round = 1; ; round += 1) {
    const stored = await readHead(store, vault, project);
    if (stored.state === 'counterfeit') return { ...emptyVerdict(project), finding: COUNTERFEIT };
    if (stored.state === 'absent') {
      const { records } = await store.list(project, AUDIT_KIND, { limit: 1 });
      if (records.length === 0) return emptyVerdict(project);
      // The first record may just have been written.
      if (round < MAX_ROUNDS) continue;
      return { ...emptyVerdict(project), finding: MISSING };
    }
    const verdict = await walk(store, vault, project, stored.head);
    if (!verdict.finding || round === MAX_ROUNDS) return verdict;
    // Old records may have been removed meanwhile, in order.
    const now = await readHead(store, vault, project);
    if (now.state !== 'present' || now.head.checkpoint.seq === stored.head.checkpoint.seq) return verdict;
  }
}

async function walk(
  store: Pick<Store, 'get' | 'list'>,
  vault: Vault,
  project: string,
  head: AuditHead,
): Promise<AuditVerdict> {
  const start = head.checkpoint;
  let end: AuditPlace = start;
  let target: AuditPlace = head;
  const verdict = (finding: AuditFinding | null): AuditVerdict => ({
    project,
    records: end.seq - start.seq,
    first_seq: end.seq === start.seq ? null : start.seq + 1,
    last_seq: end.seq === start.seq ? null : end.seq,
    finding,
  });
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    for await (const stored of recordsAfter(store, project, end.seq)) {
      const checked = checkRecord(stored, end);
      if ('fault' in checked) return verdict(checked);
      end = { seq: checked.seq, hash: checked.hash };
      if (end.seq === target.seq && end.hash !== target.hash) return verdict(faultAtEnd(target, end));
    }
    // The target was read before the records, so that they must reach it.
    if (end.seq < target.seq) return verdict(faultAtEnd(target, end));
    if (end.seq === target.seq) return verdict(null);
    const now = await readHead(store, vault, project);
    if (now.state !== 'present') return verdict(now.state === 'counterfeit' ? COUNTERFEIT : MISSING);
    target = now.head;
    if (target.seq < end.seq || (target.seq === end.seq && target.hash !== end.hash))
      return verdict(faultAtEnd(target, end));
  }
  // It grows faster than it is read; what was there at the beginning fits.
  return verdict(null);
}

function emptyVerdict(project: string): AuditVerdict {
  return { project, records: 0, first_seq: null, last_seq: null, finding: null };
}

/** The records behind a place, in order. */
export async function* recordsAfter(
  store: Pick<Store, 'list'>,
  project: string,
  seq: number,
): AsyncGenerator<StoredRecord> {
  let after: string | undefined = auditPlaceId(seq);
  do {
    const page = await store.list(project, AUDIT_KIND, { limit: PAGE, after });
    yield* page.records;
    after = page.next;
  } while (after !== undefined);
}

/** The record, if it is the one that follows the given place. */
export function checkRecord({ key, value }: StoredRecord, before: AuditPlace): AuditRecord | AuditFinding {
  const seq = before.seq + 1;
  const record = parseAuditRecord(value);
  const finding = (fault: AuditFault, message: string): AuditFinding => ({
    fault,
    seq,
    id: record?.id ?? null,
    message,
  });
  if (key.id !== auditPlaceId(seq)) {
    if (!/^aud_\d{15}$/.test(key.id)) return finding('inserted', `There is a record at ${seq} that no server wrote.`);
    const found = Number(key.id.slice('aud_'.length));
    return { ...finding('removed', `The records ${seq} to ${found - 1} are missing.`), id: null };
  }
  if (!record || !isAsWritten(record)) return finding('changed', `The record ${seq} is not as it was written.`);
  if (record.seq !== seq) return finding('reordered', `The record at ${seq} was written as ${record.seq}.`);
  if (record.previous_hash === before.hash) return record;
  if (record.action === 'audit.begun_anew' && record.previous_hash === GENESIS_HASH)
    return finding('begun_anew', `At ${seq} the head was missing or counterfeit; the trail goes on without a link.`);
  return finding('replaced', `The record ${seq} does not follow ${before.seq}: one of them was replaced.`);
}

function faultAtEnd(head: AuditPlace, end: AuditPlace): AuditFinding {
  if (head.seq > end.seq) {
    const message = `The trail ends at ${end.seq}, but was written up to ${head.seq}.`;
    return { fault: 'truncated', seq: end.seq + 1, id: null, message };
  }
  if (head.seq === end.seq) {
    const message = `The last record, ${end.seq}, is not the one that was written.`;
    return { fault: 'replaced', seq: end.seq, id: null, message };
  }
  const message = `The trail was written up to ${head.seq}; what follows was inserted.`;
  return { fault: 'inserted', seq: head.seq + 1, id: null, message };
}

const COUNTERFEIT: AuditFinding = {
  fault: 'head_counterfeit',
  seq: null,
  id: null,
  message: "The head of the trail was not written with this server's encryption keys.",
};
const MISSING: AuditFinding = {
  fault: 'head_missing',
  seq: null,
  id: null,
  message: 'The head of the trail is missing.',
};

function isAsWritten(record: AuditRecord): boolean {
  try {
    return auditHash(record) === record.hash;
  } catch {
    // Nested so deep that it cannot be walked.
    return false;
  }
}
