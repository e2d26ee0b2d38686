import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { StoreLogger } from './logger.ts';
import { StoreRefused } from './refused.ts';
import { openSqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

const SQLITE_SCHEME = 'sqlite:';

export interface OpenStoreOptions {
  /** `sqlite:<path>`, or a Redis address as `parseRedisUrl` takes it. */
  url: string;
  clock: Clock;
  random: Random;
  /** Redis only: use one without persistence or with eviction all the same. */
  allowVolatile: boolean;
  logger?: StoreLogger | undefined;
  /** Redis only: first part of every key, for several Corbels in one Redis. */
  prefix?: string;
}

/**
 * Opens the store that the address names.
 *
 * Throws {@link StoreRefused} when it must not be used as it is set up (also for an unknown scheme), the problem
 * `store_unavailable` when it cannot be reached.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { url, clock, random, logger } = options;
  if (url.startsWith(SQLITE_SCHEME)) {
    return await openSqliteStore({ path: url.slice(SQLITE_SCHEME.length), clock, random, logger });
  }
  if (/^rediss?(-cluster|-sentinel)?:/.test(url)) {
    // A start with the embedded store does without the client.
    const { openRedisStore } = await import('./redis.ts');
    return await openRedisStore(options);
  }
  throw new StoreRefused('The store address has no known scheme. Use sqlite:<path>, or one of the redis:// forms.');
}
