import type { Clock } from '../clock.ts';
import type { Store } from './store.ts';

/** A store that is looked at and not changed. */
export interface StoreInspection extends Pick<Store, 'kind' | 'list'> {
  /** How long it takes to answer, milliseconds. Rejects with `store_unavailable`. */
  ping(): Promise<number>;
  /** What is wrong with its settings, such as volatile persistence; undefined when nothing is. */
  fault(): Promise<string | undefined>;
  /** Its own clock, milliseconds since the epoch; undefined where it has none. */
  time(): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface InspectionOptions {
  /** As that of `openStore`. */
  url: string;
  prefix: string;
  clock: Clock;
  /** Longest time to reach it. */
  withinMs: number;
}

/**
 * Opens a store to look at it: nothing is made, migrated or written. Undefined when it is a file that is not there yet. Throws
 * `StoreRefused` and the problem `store_unavailable`.
 */
export async function inspectStore(options: InspectionOptions): Promise<StoreInspection | undefined> {
  if (options.url.startsWith('sqlite:')) {
    const { inspectSqlite } = await import('./sqlite-inspection.ts');
    return inspectSqlite(options.url.slice('sqlite:'.length), options.clock);
  }
  const { inspectRedis } = await import('./redis-inspection.ts');
  return inspectRedis(options);
}
