import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import type { AuditActor, AuditEntry } from '../domain/audit-record.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { withLease } from '../store/lease.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { type AuditDeed, auditEntry, masked, SERVER } from './entries.ts';
import { LateEntries } from './late-entries.ts';
import { dropPending, pendingBefore, savePending } from './pending.ts';
import { pruneAll } from './prune.ts';
import { createTrail } from './trail.ts';

/** Writes down who did what. Entries of one project get their places in one chain, whichever process writes them. */
export interface Audit {
  /**
   * Writes down that something is about to be done. When its process dies before {@link finish}, the entry comes into the
   * trail with the outcome `unknown`. Rejects with `store_unavailable`: then it must not be done.
   */
  begin(project: string, entry: AuditEntry): Promise<void>;
  /** Resolves when what was begun has its place in the trail. Rejects with `store_unavailable`; it is tried on then. */
  finish(project: string, entry: AuditEntry): Promise<void>;
  /** Forgets what was begun, and came to nothing that the trail is to tell. */
  takeBack(entry: Pick<AuditEntry, 'id'>): void;
  /**
   * {@link begin}, the work, {@link finish}, with what came of it; gives what the work gives. `completed` tells what is known
   * of it only then.
   */
  perform<T>(
    project: string,
    actor: AuditActor,
    deed: AuditDeed,
    work: () => Promise<T>,
    completed?: (result: T) => Partial<AuditDeed>,
  ): Promise<T>;
  /** Writes an entry without anybody waiting for it, soon. */
  note(project: string, entry: AuditEntry): void;
  /** {@link note} of what the server did by itself. */
  noteServer(project: string, deed: AuditDeed): void;
  /** Brings what processes left that died into the trail. Rejects with `store_unavailable`. */
  settle(): Promise<void>;
  /** Writes what is not written yet, within some five seconds. */
  close(): Promise<void>;
}

export interface AuditDependencies {
  store: Store;
  vault: Vault;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
}

export interface AuditOptions {
  /** How long records are kept; 0: for ever. */
  retentionMs: number;
  /** Looks after what other processes left, and removes what is old. Not for commands, which are over soon. */
  upkeep: boolean;
}

// Whatever is begun is over by then: the longest, a refresh, waits 20 s.
const LEFT_OVER_AFTER_MS = 5 * 60_000;
const SETTLE_EVERY_MS = 60_000;
const PRUNE_EVERY_MS = 60 * 60_000;
const LEASE_MS = 30_000;
const SKEW_MS = 10 * 60_000;

export function createAudit(dependencies: AuditDependencies, { retentionMs, upkeep }: AuditOptions): Audit {
  const { store, clock, random, logger } = dependencies;
  const trail = createTrail(dependencies);
  const late = new LateEntries({ trail, clock, random, logger });
  const dropping = new Set<Promise<void>>();
  let prunedAt = clock.now();
  let keeping: Promise<void> | undefined;
  const timer = upkeep
    ? setInterval(() => {
        keeping ??= keep().finally(() => {
          keeping = undefined;
        });
      }, SETTLE_EVERY_MS).unref()
    : undefined;

  /** Nobody waits for it; what stays is settled later, and found to be there. */
  function drop(id: string): void {
    const dropped = dropPending(store, id)
      .catch(() => {})
      .finally(() => dropping.delete(dropped));
    dropping.add(dropped);
  }

  async function keep(): Promise<void> {
    try {
      await audit.settle();
      if (retentionMs === 0 || prunedAt + PRUNE_EVERY_MS > clock.now()) return;
      prunedAt = clock.now();
      await underLease('audit_pruning', (signal) => pruneAll(dependencies, clock.now() - retentionMs, signal));
    } catch (error) {
      logger.warn({ err: error }, 'upkeep of the audit trail failed');
    }
  }

  async function underLease(id: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const key = { partition: 'global', kind: 'lease', id };
    await withLease(store, clock, random, { key, ttlMs: LEASE_MS }, (_lease, signal) => work(signal));
  }

  async function settleLeftOver(signal: AbortSignal): Promise<void> {
    for await (const { project, entry } of pendingBefore(dependencies, clock.now() - LEFT_OVER_AFTER_MS)) {
      if (signal.aborted) return;
      if (!(await trail.has(project, entry.id, Date.parse(entry.at) - SKEW_MS)))
        await trail.append(project, { ...entry, outcome: 'unknown' });
      await dropPending(store, entry.id);
    }
  }

  const audit: Audit = {
    begin: (project, entry) => savePending(dependencies, { project, entry: masked(entry) }),

    takeBack: ({ id }) => drop(id),

    async finish(project, given) {
      const entry = masked(given);
      try {
        await trail.append(project, entry);
      } catch (error) {
        late.add(project, entry, { doubtful: true, written: () => drop(entry.id) });
        throw error;
      }
      drop(entry.id);
    },

    async perform(project, actor, deed, work, completed) {
      const entry = auditEntry(dependencies, actor, deed);
      await audit.begin(project, entry);
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work();
      } catch (error) {
        await audit.finish(project, { ...entry, ...outcomeOf(error) }).catch(() => {});
        throw error;
      }
      await audit.finish(project, { ...entry, ...completed?.(result) });
      return result;
    },

    note: (project, entry) => late.add(project, masked(entry)),
    noteServer: (project, deed) => late.add(project, masked(auditEntry(dependencies, SERVER, deed))),

    settle: () => underLease('audit_settling', settleLeftOver),

    async close() {
      clearInterval(timer);
      await keeping;
      await late.close();
      await Promise.all(dropping);
    },
  };
  return audit;
}

/** What an error says of how something ended. */
export function outcomeOf(error: unknown): Pick<AuditEntry, 'outcome' | 'code'> {
  if (!(error instanceof Problem)) return { outcome: 'failed', code: 'internal' };
  // Whoever went away did not hear what came of it.
  if (error.code === 'caller_gone') return { outcome: 'unknown', code: error.code };
  return { outcome: error.status < 500 ? 'refused' : 'failed', code: error.code };
}
