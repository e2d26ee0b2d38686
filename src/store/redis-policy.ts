import type { Redis } from 'ioredis';
import { storeUnavailable, withDeadline } from './failure.ts';
import type { StoreLogger } from './logger.ts';
import { COMMAND_DEADLINE_MS } from './redis-options.ts';
import { StoreRefused } from './refused.ts';

const OVERRIDE = 'or allow a volatile store if losing every record is acceptable';

/**
 * Refuses a Redis that would lose what it acknowledged. Measured: with the stock configuration (snapshots only) kill -9 loses
 * every write since the last snapshot; with an eviction policy, a full memory silently drops credentials.
 *
 * Throws {@link StoreRefused} unless `allowVolatile`, which turns the refusal into a warning.
 */
export async function checkPolicy(
  masters: Redis[],
  options: { allowVolatile: boolean; logger?: StoreLogger | undefined },
): Promise<void> {
  for (const master of masters) {
    const fault = await policyFault(master);
    if (fault === undefined) continue;
    if (!options.allowVolatile) throw new StoreRefused(fault);
    options.logger?.warn({ fault }, 'Redis may lose records; allowed by configuration');
  }
}

/** What is wrong with a master's settings; undefined when nothing is. */
export async function policyFault(redis: Redis): Promise<string | undefined> {
  const appendOnly = await setting(redis, 'appendonly', 'persistence', /^aof_enabled:(\d)/m);
  const eviction = await setting(redis, 'maxmemory-policy', 'memory', /^maxmemory_policy:([\w-]+)/m);
  if (appendOnly === undefined || eviction === undefined) {
    return `Redis does not tell whether it persists and evicts (CONFIG GET and INFO are not permitted). Permit "CONFIG GET" (ACL +config|get) to this user, ${OVERRIDE}.`;
  }
  if (appendOnly !== 'yes' && appendOnly !== '1') {
    return `Redis runs without an append-only file: a crash loses acknowledged writes. Set "appendonly yes", ${OVERRIDE}.`;
  }
  if (eviction !== 'noeviction') {
    return `Redis evicts records when its memory is full (maxmemory-policy ${eviction}). Set "maxmemory-policy noeviction", ${OVERRIDE}.`;
  }
  return undefined;
}

/** The setting; from INFO where CONFIG is closed, as managed services often have it. Undefined when neither is permitted. */
async function setting(redis: Redis, name: string, section: string, inInfo: RegExp): Promise<string | undefined> {
  const reply = await permitted(() => redis.config('GET', name));
  if (Array.isArray(reply) && typeof reply[1] === 'string') return reply[1];
  const info = await permitted(() => redis.info(section));
  return typeof info === 'string' ? inInfo.exec(info)?.[1] : undefined;
}

async function permitted(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await withDeadline(ask(), COMMAND_DEADLINE_MS);
  } catch (error) {
    // A refusal by Redis is an answer; a broken connection is not.
    if (error instanceof Error && error.name === 'ReplyError') return undefined;
    throw storeUnavailable(error);
  }
}
