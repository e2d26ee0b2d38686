import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import {
  AUDIT_KIND,
  type AuditEntry,
  type AuditPlace,
  type AuditRecord,
  auditKey,
  chained,
  GENESIS_HASH,
  parseAuditRecord,
} from '../domain/audit-record.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { type Store, TOGETHER_MAX } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { serverEntry } from './entries.ts';
import { EMPTY_HEAD, headKey, readHead, type StoredHead, sealedHead } from './head.ts';

export interface TrailDependencies {
  store: Pick<Store, 'get' | 'put' | 'list'>;
  vault: Vault;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
}

/** The chains of all projects, as far as they are written. */
export interface Trail {
  /**
   * Resolves when the entry has its place and is durable. Rejects with `store_unavailable`; then it may be there all the
   * same. Any number of processes may append at once.
   */
  append(project: string, entry: AuditEntry): Promise<void>;
  /** Whether an entry is among the newest records, down to those of `sinceMs`. Rejects with `store_unavailable`. */
  has(project: string, id: string, sinceMs: number): Promise<boolean>;
}

interface Waiting {
  entry: AuditEntry;
  resolve(): void;
  reject(error: unknown): void;
}

// Every conflict means that somebody else wrote; that many in a row are not conflicts but a fault.
const MAX_ATTEMPTS = 200;
const PAUSE_MAX_MS = 20;
// Room for a record that says that the chain begins anew.
const BATCH_MAX = TOGETHER_MAX - 1;
const SEARCH_MAX = 5_000;
const SEARCH_PAGE = 100;

export function createTrail(dependencies: TrailDependencies): Trail {
  const { store, vault, clock, random, logger } = dependencies;
  const queues = new Map<string, Waiting[]>();

  /** What waits in this process goes out together: then only processes compete for the head, not requests. */
  async function drain(project: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      await nextTurn();
      const batch = queue.splice(0, BATCH_MAX);
      try {
        await write(
          project,
          batch.map(({ entry }) => entry),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    queues.delete(project);
  }

  async function write(project: string, entries: readonly AuditEntry[]): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const stored = await readHead(store, vault, project);
      const base: Base = stored.state === 'present' ? stored.head : await withoutHead(project, stored);
      const { records, end } = chain(base.broken ? [broken(), ...entries] : entries, base);
      const head = { ...end, checkpoint: base.checkpoint };
      const { ok } = await store.put(headKey(project), sealedHead(vault, project, head), {
        expectedVersion: stored.version,
        together: records.map((record) => ({
          key: auditKey(project, record.seq),
          value: JSON.stringify(record),
        })),
      });
      if (ok) {
        if (base.broken) logger.error({ project, seq: base.seq + 1 }, 'audit trail begins anew: its head was lost');
        return;
      }
      await clock.sleep(random.fraction() * Math.min(PAUSE_MAX_MS, attempt));
    }
    throw new Problem('store_unavailable', 'The audit trail is written to by too many at once.');
  }

  /**
   * Behind what is there, without a link to it: the break stays to be found, and the work goes on. To take what is there for
   * good would launder it.
   */
  async function withoutHead(project: string, { state }: StoredHead): Promise<Base> {
    const { records } = await store.list(project, AUDIT_KIND, { limit: 1, order: 'descending' });
    const [last] = records;
    if (!last && state === 'absent') return EMPTY_HEAD;
    const seq = Number(last?.key.id.slice('aud_'.length) ?? 0);
    const place = { seq: Number.isSafeInteger(seq) ? seq : 0, hash: GENESIS_HASH };
    return { ...place, checkpoint: EMPTY_HEAD.checkpoint, broken: true };
  }

  function broken(): AuditEntry {
    return serverEntry(
      { random, clock },
      { action: 'audit.begun_anew', target: null, code: 'sealed_value_unreadable' },
    );
  }

  return {
    append(project, entry) {
      return new Promise((resolve, reject) => {
        const queue = queues.get(project) ?? [];
        queue.push({ entry, resolve, reject });
        if (queues.has(project)) return;
        queues.set(project, queue);
        void drain(project, queue);
      });
    },

    async has(project, id, sinceMs) {
      let after: string | undefined;
      for (let seen = 0; seen < SEARCH_MAX; seen += SEARCH_PAGE) {
        const page = await store.list(project, AUDIT_KIND, {
          limit: SEARCH_PAGE,
          order: 'descending',
          ...(after !== undefined && { after }),
        });
        for (const { value } of page.records) {
          const record = parseAuditRecord(value);
          if (!record) continue;
          if (record.id === id) return true;
          if (Date.parse(record.at) < sinceMs) return false;
        }
        after = page.next;
        if (after === undefined) return false;
      }
      return false;
    },
  };
}

type Base = AuditPlace & { checkpoint: AuditPlace; broken?: boolean };

function chain(entries: readonly AuditEntry[], base: AuditPlace): { records: AuditRecord[]; end: AuditPlace } {
  const records: AuditRecord[] = [];
  let end: AuditPlace = { seq: base.seq, hash: base.hash };
  for (const entry of entries) {
    const record = chained(entry, end);
    records.push(record);
    end = { seq: record.seq, hash: record.hash };
  }
  return { records, end };
}
