import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import { AUDIT_KIND, type AuditPlace, auditKey, auditPlaceId, chained } from '../domain/audit-record.ts';
import { partitions } from '../domain/project.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { serverEntry } from './entries.ts';
import { type AuditHead, headKey, readHead, sealedHead } from './head.ts';
import { checkRecord, recordsAfter } from './verify.ts';

export interface PruneDependencies {
  store: Store;
  vault: Vault;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
}

// Bounds how long one project holds the others up; the rest goes the next time.
const MAX_AT_ONCE = 5_000;
const DELETED_TOGETHER = 32;

/** Removes, from every project's chain, the records from before a time. Rejects with `store_unavailable`. */
export async function pruneAll(deps: PruneDependencies, beforeMs: number, signal: AbortSignal): Promise<void> {
  for await (const partition of partitions(deps.store)) {
    if (signal.aborted) return;
    await prune(deps, partition, beforeMs);
  }
}

/**
 * Removes the records from before a time, from the beginning on: the head keeps the last of them as the checkpoint that the
 * rest follows, and a record of its own tells of it. What does not fit together stays, as evidence. Gives how many went.
 */
export async function prune(deps: PruneDependencies, project: string, beforeMs: number): Promise<number> {
  const { store, vault, logger } = deps;
  const stored = await readHead(store, vault, project);
  if (stored.state !== 'present') return 0;
  const { head } = stored;
  // What an earlier time could not remove any more.
  await removeThrough(store, project, head.checkpoint.seq);

  let last: AuditPlace = head.checkpoint;
  for await (const record of recordsAfter(store, project, last.seq)) {
    const checked = checkRecord(record, last);
    if ('fault' in checked) {
      logger.error({ project, seq: checked.seq, fault: checked.fault }, 'old audit records stay: they do not fit');
      break;
    }
    if (Date.parse(checked.at) >= beforeMs || checked.seq >= head.seq) break;
    last = { seq: checked.seq, hash: checked.hash };
    if (last.seq - head.checkpoint.seq === MAX_AT_ONCE) break;
  }
  const count = last.seq - head.checkpoint.seq;
  // Others wrote meanwhile: the next time, then.
  if (count === 0 || !(await moveCheckpoint(deps, project, { head, version: stored.version }, last))) return 0;
  await removeThrough(store, project, last.seq);
  return count;
}

async function moveCheckpoint(
  deps: PruneDependencies,
  project: string,
  { head, version }: { head: AuditHead; version: number },
  checkpoint: AuditPlace,
): Promise<boolean> {
  const details = { first: String(head.checkpoint.seq + 1), last: String(checkpoint.seq) };
  const record = chained(serverEntry(deps, { action: 'audit.pruned', target: null, details }), head);
  const next: AuditHead = { seq: record.seq, hash: record.hash, checkpoint };
  const { ok } = await deps.store.put(headKey(project), sealedHead(deps.vault, project, next), {
    expectedVersion: version,
    together: [{ key: auditKey(project, record.seq), value: JSON.stringify(record) }],
  });
  return ok;
}

async function removeThrough(store: Store, project: string, seq: number): Promise<void> {
  for (;;) {
    const { records } = await store.list(project, AUDIT_KIND, { limit: DELETED_TOGETHER });
    const old = records.filter(({ key }) => key.id <= auditPlaceId(seq));
    await Promise.all(old.map(({ key }) => store.delete(key)));
    if (old.length < DELETED_TOGETHER) return;
  }
}
