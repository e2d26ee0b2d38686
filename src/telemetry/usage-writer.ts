import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { accountUse } from '../domain/account-use.ts';
import { type Random, randomBase62 } from '../random.ts';
import type { NewRecord, Store } from '../store/store.ts';
import type { CallFigures } from './call-figures.ts';
import { beginOf, type Grain, HOURS, MINUTES, usageRecord } from './usage-records.ts';
import { UsageTally } from './usage-tally.ts';

/** What a process that is killed may lose of its counts. */
export const FLUSH_EVERY_MS = 5_000;

// "Last called" answers "is it still in use?": minutes are exact enough, and a write per call would not be.
const USE_NOTED_EVERY_MS = 60_000;
const MAX_REMEMBERED_USES = 50_000;
// One commit of the embedded store, which keeps the event loop for about 10 µs a record.
const BATCH_RECORDS = 200;
const CLOSE_DEADLINE_MS = 3_000;
const PROCESS_ID_LENGTH = 12;

/** Counts calls for the overview, and brings the counts to the store behind the callers' backs. */
export interface UsageWriter {
  /** Counts a finished call. Costs about a microsecond. */
  add(figures: CallFigures): void;
  /** Writes what is not written yet. Rejects with `store_unavailable`; then nothing is lost, and it is tried again soon. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface UsageWriterOptions {
  store: Pick<Store, 'putAll'>;
  clock: Clock;
  random: Random;
  logger: Logger;
}

interface Open {
  grain: Grain;
  project: string;
  beginMs: number;
  tally: UsageTally;
  dirty: boolean;
}

export function createUsageWriter({ store, clock, random, logger }: UsageWriterOptions): UsageWriter {
  // Not the process id: containers that share a store often all have process 1.
  const process = randomBase62(random, PROCESS_ID_LENGTH);
  const tallies = new Map<string, Open>();
  const uses = new Map<string, NewRecord>();
  const notedAt = new Map<string, number>();
  let flushing: Promise<void> | undefined;
  let failing = false;
  const timer = setInterval(() => void flush().catch(tell), FLUSH_EVERY_MS).unref();

  function tallyOf(grain: Grain, project: string, now: number): Open {
    const beginMs = beginOf(grain, now);
    const name = `${grain.kind} ${project} ${beginMs}`;
    let open = tallies.get(name);
    if (!open) {
      open = { grain, project, beginMs, tally: new UsageTally(), dirty: false };
      tallies.set(name, open);
    }
    return open;
  }

  function noteUse(project: string, account: string, now: number): void {
    const name = `${project} ${account}`;
    if ((notedAt.get(name) ?? 0) + USE_NOTED_EVERY_MS > now) return;
    if (notedAt.size >= MAX_REMEMBERED_USES) notedAt.clear();
    notedAt.set(name, now);
    // While the store is away no more than are remembered wait for it.
    if (uses.size < MAX_REMEMBERED_USES || uses.has(name)) uses.set(name, accountUse(project, account, now));
  }

  function flush(): Promise<void> {
    flushing ??= write().finally(() => {
      flushing = undefined;
    });
    return flushing;
  }

  async function write(): Promise<void> {
    const now = clock.now();
    const dirty = [...tallies.values()].filter((open) => open.dirty);
    const records = dirty.map(({ grain, project, beginMs, tally }) =>
      usageRecord(grain, project, beginMs, process, tally),
    );
    const noted = [...uses];
    // What is counted from here on makes it dirty again.
    for (const open of dirty) open.dirty = false;
    try {
      const all = [...records, ...noted.map(([, record]) => record)];
      for (let at = 0; at < all.length; at += BATCH_RECORDS) await store.putAll(all.slice(at, at + BATCH_RECORDS));
    } catch (error) {
      for (const open of dirty) open.dirty = true;
      forgetUnkept(now);
      throw error;
    }
    failing = false;
    for (const [name, record] of noted) if (uses.get(name) === record) uses.delete(name);
    for (const [name, { grain, beginMs, dirty: again }] of tallies)
      if (!again && beginMs + grain.ms <= now) tallies.delete(name);
  }

  /** Of a store that is away for hours, no more is remembered than it would keep. */
  function forgetUnkept(now: number): void {
    for (const [name, { grain, beginMs }] of tallies) if (beginMs + grain.keptMs < now) tallies.delete(name);
  }

  function tell(error: unknown): void {
    if (!failing) logger.warn({ err: error }, 'usage is not written: the store does not take it');
    failing = true;
  }

  return {
    add(figures) {
      const now = clock.now();
      for (const grain of [MINUTES, HOURS]) {
        const open = tallyOf(grain, figures.project, now);
        open.tally.add(figures);
        open.dirty = true;
      }
      if (figures.account !== null) noteUse(figures.project, figures.account, now);
    },
    flush,
    async close() {
      clearInterval(timer);
      const done = new AbortController();
      const last = flush()
        .then(flush)
        .catch(tell)
        .finally(() => done.abort());
      await Promise.race([last, clock.sleep(CLOSE_DEADLINE_MS, done.signal).catch(() => {})]);
    },
  };
}
