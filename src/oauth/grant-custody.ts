import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { RecordKey } from '../store/store.ts';
import type { GrantJournal, JournalTicket } from './grant-journal.ts';
import type { GrantLogger } from './grant-logger.ts';
import { asLatest, type Merge, mergeGrant, type ObtainedRecord } from './grant-merge.ts';
import { type GrantRecord, type GrantRecords, grantKey, type StoredGrant } from './grant-record.ts';

/** What became of an obtained grant. `unsaved`: on the local disk (or at least in memory), and in the store when it answers. */
export type Kept =
  | { outcome: 'saved'; record: GrantRecord; version: number; revived: boolean }
  | { outcome: 'unsaved'; record: GrantRecord; durable: boolean }
  | { outcome: 'present' | 'superseded' | 'removed' };

export interface GrantCustody {
  /** As {@link GrantRecords.read}, after what this process still has for the store was written. */
  read(key: RecordKey): Promise<StoredGrant>;
  /**
   * Persists what was obtained, whatever became of the lease: first on the local disk, then in the store. Never rejects.
   * `onRemoved` is called when it turns out, now or later, that the grant had been removed.
   */
  keep(obtained: ObtainedRecord, onRemoved?: () => void): Promise<Kept>;
  /** What this process has and the store has not. */
  unsaved(key: RecordKey): GrantRecord | undefined;
  /** Saves what other processes left on the disk; the number of grants that the store did not have. */
  replay(): Promise<number>;
  close(): Promise<void>;
}

export interface CustodyDeps {
  records: GrantRecords;
  journal: GrantJournal;
  clock: Clock;
  random: Random;
  logger: GrantLogger | undefined;
  /** Told of what was saved later than it was obtained, and of what was saved over a death. */
  onSaved: (key: RecordKey, kept: Kept) => void;
}

interface Unsaved {
  obtained: ObtainedRecord;
  ticket: JournalTicket | undefined;
  onRemoved: (() => void) | undefined;
}

// Only one process at a time works on a grant; more conflicts than this in a row are not conflicts but a fault.
const SAVE_ATTEMPTS = 20;
// Soon, because another process may meanwhile send a token that is used up.
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 1_000;

export function createGrantCustody(deps: CustodyDeps): GrantCustody {
  const { records, journal, clock, random, logger } = deps;
  const unsaved = new Map<string, Unsaved[]>();
  const closing = new AbortController();
  let retrying: Promise<void> | undefined;

  async function save(obtained: ObtainedRecord, when: 'now' | 'late'): Promise<Kept> {
    const key = grantKey(obtained.project, obtained.account);
    for (let attempt = 1; attempt <= SAVE_ATTEMPTS; attempt++) {
      const stored = await records.read(key);
      const merge = mergeGrant(stored, when === 'now' ? asLatest(stored, obtained) : obtained);
      if (!('write' in merge)) return merge;
      const version = await records.write(key, merge.write, stored.version);
      if (version !== undefined) return kept(merge, stored, version);
    }
    throw new Problem('store_unavailable', 'The grant is changed again and again.');
  }

  async function keep(obtained: ObtainedRecord, onRemoved?: () => void): Promise<Kept> {
    const { project, account } = obtained;
    const ticket = await journal.append(obtained).catch((error: unknown) => {
      logger?.error({ project, account, failure: nameOf(error) }, 'a grant could not be written to the local journal');
      return undefined;
    });
    try {
      const result = await save(obtained, 'now');
      finish({ obtained, ticket, onRemoved }, result);
      // Called dead by a process that took over: late as well, although not in the store.
      if (obtained.by === 'refresh' && result.outcome === 'saved' && result.revived)
        deps.onSaved(grantKey(project, account), result);
      return result;
    } catch (error) {
      logger?.error(
        { project, account, durable: ticket !== undefined, failure: nameOf(error) },
        'a grant could not be saved yet',
      );
      const name = nameOfKey(grantKey(project, account));
      unsaved.set(name, [...(unsaved.get(name) ?? []), { obtained, ticket, onRemoved }]);
      retry();
      return { outcome: 'unsaved', record: obtained.record, durable: ticket !== undefined };
    }
  }

  function finish({ obtained: { project, account, by }, ticket, onRemoved }: Unsaved, result: Kept): void {
    if (ticket) journal.settle(ticket);
    if (result.outcome === 'removed') onRemoved?.();
    if (result.outcome === 'superseded' || result.outcome === 'removed')
      logger?.warn({ project, account, by, outcome: result.outcome }, 'an obtained grant had been overtaken');
  }

  /** Writes what waits for this key, in order. */
  async function flush(name: string): Promise<void> {
    for (let waiting = unsaved.get(name)?.[0]; waiting; waiting = unsaved.get(name)?.[0]) {
      const { obtained } = waiting;
      const result = await save(obtained, 'late');
      const rest = (unsaved.get(name) ?? []).filter((entry) => entry !== waiting);
      if (rest.length > 0) unsaved.set(name, rest);
      else unsaved.delete(name);
      finish(waiting, result);
      deps.onSaved(grantKey(obtained.project, obtained.account), result);
    }
  }

  function retry(): void {
    retrying ??= keepTrying().finally(() => {
      retrying = undefined;
      if (unsaved.size > 0 && !closing.signal.aborted) retry();
    });
  }

  async function keepTrying(): Promise<void> {
    for (let pauseMs = RETRY_MIN_MS; unsaved.size > 0; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      await clock.sleep(pauseMs * (0.5 + random.fraction() / 2), closing.signal).catch(() => undefined);
      if (closing.signal.aborted) return;
      await flushAll();
    }
  }

  async function flushAll(): Promise<void> {
    for (const name of [...unsaved.keys()]) await flush(name).catch(() => undefined);
  }

  return {
    keep,
    async read(key) {
      const name = nameOfKey(key);
      if (unsaved.has(name)) await flush(name);
      return records.read(key);
    },
    unsaved: (key) => unsaved.get(nameOfKey(key))?.at(-1)?.obtained.record,
    async replay() {
      let saved = 0;
      for (const { obtained, unreadable, remove } of await journal.takeOver()) {
        for (const entry of obtained) {
          const result = await save(entry, 'late');
          finish({ obtained: entry, ticket: undefined, onRemoved: undefined }, result);
          deps.onSaved(grantKey(entry.project, entry.account), result);
          if (result.outcome === 'saved') saved++;
        }
        if (unreadable === 0) await remove();
        else logger?.error({ lines: unreadable }, 'a journal holds lines that cannot be read; it is kept');
      }
      return saved;
    },
    async close() {
      closing.abort();
      await retrying;
      await flushAll();
      await journal.close();
    },
  };
}

function kept(merge: Extract<Merge, { write: GrantRecord }>, stored: StoredGrant, version: number): Kept {
  if (merge.outcome === 'kept') return { outcome: 'superseded' };
  const revived = stored.state === 'present' && stored.record.dead !== null;
  return { outcome: 'saved', record: merge.write, version, revived };
}

export function nameOfKey({ partition, id }: RecordKey): string {
  return `${partition}\n${id}`;
}

// Never a message: it may quote what was to be written.
function nameOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  return error instanceof Error ? ((error as { code?: string }).code ?? error.name) : 'unknown';
}
