import type { NewRecord, Store } from '../store/store.ts';
import { UsageTally } from './usage-tally.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A length of time of which calls are counted together, and how long the counts are kept. */
export interface Grain {
  readonly kind: string;
  readonly ms: number;
  readonly keptMs: number;
}

/** Kept a little longer than the longest window that is made of them. */
export const MINUTES: Grain = { kind: 'usage_minute', ms: MINUTE_MS, keptMs: 2 * HOUR_MS };
export const HOURS: Grain = { kind: 'usage_hour', ms: HOUR_MS, keptMs: 8 * 24 * HOUR_MS };

// Some hundred KB in one answer of the store.
const PAGE = 200;

/** When the minute or hour of a time begins; both in milliseconds since the epoch. */
export function beginOf({ ms }: Grain, timeMs: number): number {
  return Math.floor(timeMs / ms) * ms;
}

/**
 * What a process counted of a project in one minute or hour, all of it each time: writing it again changes nothing, so that
 * nothing is lost or counted twice when it is not known whether a write was done.
 */
export function usageRecord(
  grain: Grain,
  project: string,
  beginMs: number,
  process: string,
  tally: UsageTally,
): NewRecord {
  const id = `${timeId(beginMs)}_${process}`;
  return { key: { partition: project, kind: grain.kind, id }, value: tally.encode(), ttlMs: grain.keptMs };
}

/** What all processes counted since a time that a minute or hour begins at, merged, by the times at which they begin. */
export async function readUsage(
  store: Pick<Store, 'list'>,
  grain: Grain,
  project: string,
  sinceMs: number,
): Promise<ReadonlyMap<number, UsageTally>> {
  const tallies = new Map<number, UsageTally>();
  let after: string | undefined = timeId(sinceMs);
  do {
    const page = await store.list(project, grain.kind, { limit: PAGE, after });
    for (const { key, value } of page.records) {
      const beginMs = Date.parse(key.id.split('_')[0] ?? '');
      const tally = tallies.get(beginMs);
      if (tally) tally.merge(UsageTally.from(value));
      else tallies.set(beginMs, UsageTally.from(value));
    }
    after = page.next;
  } while (after !== undefined);
  return tallies;
}

/** In the order of time. */
function timeId(ms: number): string {
  return new Date(ms).toISOString();
}
