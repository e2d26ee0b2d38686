import { createHash } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import type { RateLimit } from '../connector/connector.ts';
import type { RecordKey, Store } from '../store/store.ts';
import { createRateBudget, type RateBudget } from './rate-budget.ts';
import { NOTHING_SENT, SLOTS_PER_WINDOW } from './rate-window.ts';

/** Who takes from a budget. */
export interface BudgetHolder {
  /**
   * The provider counts by client id; never logged, never stored in clear. Whoever takes or tells of an exhaustion must have a
   * token of this client: an id is no secret, and by merely knowing one nobody may use up what belongs to it.
   */
  clientId: string;
  /** Turns are given fairly between accounts. */
  account: string;
}

/** Keeps what all processes together send within the limits that providers publish. */
export interface RateBudgets {
  /**
   * Resolves when the request may be sent, at once as long as the budget lasts. Rejects with `rate_budget_exhausted` (with
   * Retry-After) as soon as it is clear that its turn would come after the deadline, with the signal's reason when aborted.
   */
  take(limit: RateLimit, holder: BudgetHolder, options: { deadlineAt: number; signal?: AbortSignal }): Promise<void>;
  /** The provider itself said that it had enough: nobody sends before `untilMs` (milliseconds since the epoch). */
  exhausted(limit: RateLimit, holder: BudgetHolder, untilMs: number): void;
  close(): Promise<void>;
}

const COUNT_KIND = 'rate_count';
const BLOCK_KIND = 'rate_block';
// Budgets are for all projects: two of them may use one client id.
const PARTITION = 'global';

// A budget is some hundred bytes. Beyond this many, those that nobody uses are forgotten.
const MAX_IDLE_BUDGETS = 10_000;

/** No provider may silence a client for longer by what it says. */
const LONGEST_BLOCK_MS = 10 * 60_000;

// While the store is away every reservation fails: one line tells it.
const WARN_EVERY_MS = 10_000;

export interface RateBudgetsDependencies {
  store: Pick<Store, 'get' | 'put' | 'increment' | 'watch'>;
  clock: Clock;
  logger?: BaseLogger;
}

export async function createRateBudgets({ store, clock, logger }: RateBudgetsDependencies): Promise<RateBudgets> {
  /** By the limit's id and the client's; `shared` is the name under which processes share it. */
  const budgets = new Map<string, { shared: string; budget: RateBudget }>();
  let warnedAt = 0;

  const watch = await store.watch((key) => {
    for (const { shared, budget } of budgets.values())
      if (key === undefined || (key.kind === BLOCK_KIND && key.id === shared)) void readBlock(shared, budget);
  });

  function warn(error: unknown): void {
    if (clock.now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = clock.now();
    logger?.warn({ err: error }, 'rate budgets are not shared: the store does not answer');
  }

  /** What another process learned from the provider. */
  async function readBlock(shared: string, budget: RateBudget): Promise<void> {
    try {
      const record = await store.get(blockKey(shared));
      if (record) budget.block(Number(record.value));
    } catch (error) {
      warn(error);
    }
  }

  function budgetOf(limit: RateLimit, { clientId }: BudgetHolder): { shared: string; budget: RateBudget } {
    const name = nameOf(limit, clientId);
    const known = budgets.get(name);
    if (known) return known;
    if (budgets.size >= MAX_IDLE_BUDGETS) forgetIdle();
    const shared = sharedName(name);
    const count = (slot: number, by: number) =>
      store.increment(countKey(shared, slot), by, {
        ttlMs: 2 * limit.windowMs,
      });
    const made = { shared, budget: createRateBudget(limit, count, clock, warn) };
    budgets.set(name, made);
    void readBlock(shared, made.budget);
    return made;
  }

  function forgetIdle(): void {
    const now = clock.now();
    for (const [name, { budget }] of budgets) if (budget.idle(now)) budgets.delete(name);
  }

  return {
    take: (limit, holder, options) => budgetOf(limit, holder).budget.take(holder.account, options),

    exhausted(limit, holder, untilMs) {
      const now = clock.now();
      const until = Math.min(untilMs, now + LONGEST_BLOCK_MS);
      if (until <= now) return;
      const { shared, budget } = budgetOf(limit, holder);
      budget.block(until);
      store.put(blockKey(shared), String(until), { ttlMs: until - now }).catch(warn);
    },

    close: () => watch.close(),
  };
}

/** In the place of a client's id where there is none. NUL stands in no client id, so that none can be taken for an account. */
export function clientOfAccount(account: string): string {
  return `\0${account}`;
}

/**
 * How many of a limit's requests all processes took for a client in the last window, those that a process has in hand
 * included. Rejects with `store_unavailable`.
 */
export async function budgetUsed(
  { store, clock }: { store: Pick<Store, 'counters'>; clock: Clock },
  limit: RateLimit,
  clientId: string,
): Promise<number> {
  const shared = sharedName(nameOf(limit, clientId));
  const slot = Math.floor(clock.now() / (limit.windowMs / SLOTS_PER_WINDOW));
  const counts = await store.counters(NOTHING_SENT.map((_, before) => countKey(shared, slot - before)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function nameOf(limit: RateLimit, clientId: string): string {
  return `${limit.id}\0${clientId}`;
}

function sharedName(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}

function countKey(shared: string, slot: number): RecordKey {
  return { partition: PARTITION, kind: COUNT_KIND, id: `${shared}.${slot}` };
}

function blockKey(shared: string): RecordKey {
  return { partition: PARTITION, kind: BLOCK_KIND, id: shared };
}
