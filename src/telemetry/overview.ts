import type { Clock } from '../clock.ts';
import type { Connector, RateLimit, Registry } from '../connector/connector.ts';
import { type AccountStatus, findAccount } from '../domain/account.ts';
import { countByStatus, profilesOf } from '../domain/account-status.ts';
import { isId } from '../domain/ids.ts';
import { lapsingGrants } from '../oauth/lapsing-grants.ts';
import type { Store } from '../store/store.ts';
import { budgetUsed, clientOfAccount } from '../upstream/rate-budgets.ts';
import { beginOf, type Grain, HOURS, MINUTES, readUsage } from './usage-records.ts';
import { partsOfUse, UsageTally } from './usage-tally.ts';
import type { UsageWriter } from './usage-writer.ts';

/** Stretches of time that can be looked at, and the buckets that they are shown in. The newest bucket is not over yet. */
export const WINDOWS = {
  '1h': { grain: MINUTES, buckets: 60 },
  '24h': { grain: HOURS, buckets: 24 },
  '7d': { grain: HOURS, buckets: 7 * 24 },
} as const satisfies Record<string, { grain: Grain; buckets: number }>;
export type Window = keyof typeof WINDOWS;

/** Half of all calls, and 19 in 20, took less; milliseconds, within 5 %. Null when there was nothing to measure. */
export interface Quantiles {
  p50: number | null;
  p95: number | null;
}

interface Figures {
  calls: number;
  errors: number;
  /** Spent in this server. */
  corbel_ms: Quantiles;
  /** Spent waiting for the provider, its tokens included. */
  provider_ms: Quantiles;
}

export interface OverviewView {
  window: Window;
  /** The oldest first, without holes. `at`: when it begins, ISO 8601. */
  buckets: (Figures & { at: string })[];
  totals: Figures & { /** 0 to 1. */ error_rate: number };
  /** The most called first. */
  top_actions: { action: string; calls: number; errors: number }[];
  /** The most frequent first. */
  errors_by_code: { code: string; count: number }[];
  accounts: { by_status: Record<AccountStatus, number>; total: number };
  /** Accounts whose refresh token ends within three days, the next one first. */
  lapsing: { account: string; owner_name: string | null; owner_id: string; refresh_expires_at: string }[];
  /** Rate limits under which requests were sent, the 100 fullest. `holder`: id of the connector profile, or of the account where each
   * brings a key. `used`: of `requests`, in the last `window_s`. */
  rate_budgets: Budget[];
}

interface Budget {
  limit: string;
  connector: string;
  holder: string;
  requests: number;
  window_s: number;
  used: number;
}

export interface OverviewDependencies {
  store: Store;
  clock: Clock;
  registry: () => Registry;
  usage: Pick<UsageWriter, 'flush'>;
}

const TOP_ACTIONS = 20;
const MAX_LAPSING = 20;
const MAX_BUDGETS = 100;
const LAPSING_WITHIN_MS = 3 * 24 * 60 * 60 * 1_000;
const SECOND_MS = 1_000;

/**
 * A project's figures, of all processes: exact but for what others counted in the last five seconds. Rejects with
 * `store_unavailable`.
 */
export async function readOverview(
  dependencies: OverviewDependencies,
  project: string,
  window: Window,
): Promise<OverviewView> {
  const { store, clock, usage } = dependencies;
  const { grain, buckets: count } = WINDOWS[window];
  await usage.flush();
  const now = clock.now();
  const since = beginOf(grain, now) - (count - 1) * grain.ms;
  const [tallies, byStatus, lapsing] = await Promise.all([
    readUsage(store, grain, project, since),
    countByStatus(store, project),
    lapsingAccounts(store, project, now),
  ]);
  const total = new UsageTally();
  const buckets = Array.from({ length: count }, (_, index) => {
    const at = since + index * grain.ms;
    const tally = tallies.get(at);
    if (tally) total.merge(tally);
    return { at: new Date(at).toISOString(), ...figuresOf(tally ?? new UsageTally()) };
  });
  return {
    window,
    buckets,
    totals: { ...figuresOf(total), error_rate: total.calls === 0 ? 0 : total.errors / total.calls },
    top_actions: [...total.actions]
      .map(([action, counts]) => ({ action, ...counts }))
      .sort((one, other) => other.calls - one.calls)
      .slice(0, TOP_ACTIONS),
    errors_by_code: [...total.codes]
      .map(([code, times]) => ({ code, count: times }))
      .sort((one, other) => other.count - one.count),
    accounts: { by_status: byStatus, total: Object.values(byStatus).reduce((sum, some) => sum + some, 0) },
    lapsing,
    rate_budgets: await budgetsOf(dependencies, project, total.limits),
  };
}

function figuresOf({ calls, errors, corbelMs, providerMs }: UsageTally): Figures {
  const quantiles = (histogram: UsageTally['corbelMs']) => ({
    p50: histogram.quantile(0.5),
    p95: histogram.quantile(0.95),
  });
  return { calls, errors, corbel_ms: quantiles(corbelMs), provider_ms: quantiles(providerMs) };
}

async function lapsingAccounts(store: Store, project: string, now: number): Promise<OverviewView['lapsing']> {
  const grants = await lapsingGrants(store, project, { from: now, until: now + LAPSING_WITHIN_MS, limit: MAX_LAPSING });
  const told = await Promise.all(
    grants.map(async ({ account: id, at }) => {
      const account = await findAccount(store, project, id);
      if (!account) return [];
      const { owner_id, owner_name } = account;
      return [{ account: id, owner_name, owner_id, refresh_expires_at: new Date(at).toISOString() }];
    }),
  );
  return told.flat();
}

/** Of the limits that the project's own requests were sent under: of a client that is another's, nothing is told. */
async function budgetsOf(
  { store, clock, registry }: OverviewDependencies,
  project: string,
  uses: ReadonlySet<string>,
): Promise<OverviewView['rate_budgets']> {
  if (uses.size === 0) return [];
  const profiles = await profilesOf(store, project);
  const limits = limitsOf(registry());
  const told = await Promise.all(
    [...uses].map(async (use) => {
      const { limit: id, holder } = partsOfUse(use);
      const clientId = isId('acc', holder) ? clientOfAccount(holder) : profiles.get(holder)?.client_id;
      const limit = limits.get(id);
      if (!limit || clientId === null || clientId === undefined) return [];
      const used = Math.min(limit.limit.requests, await budgetUsed({ store, clock }, limit.limit, clientId));
      const { requests, windowMs } = limit.limit;
      return [{ limit: id, connector: limit.connector, holder, requests, window_s: windowMs / SECOND_MS, used }];
    }),
  );
  const name = ({ limit, holder }: Budget) => `${limit} ${holder}`;
  return told
    .flat()
    .sort((one, other) => other.used / other.requests - one.used / one.requests)
    .slice(0, MAX_BUDGETS)
    .sort((one, other) => (name(one) < name(other) ? -1 : 1));
}

function limitsOf({ connectors }: Registry): Map<string, { connector: string; limit: RateLimit }> {
  const limits = new Map<string, { connector: string; limit: RateLimit }>();
  for (const connector of connectors.values())
    for (const limit of limitsOfConnector(connector)) limits.set(limit.id, { connector: connector.id, limit });
  return limits;
}

function limitsOfConnector({ actions }: Connector): RateLimit[] {
  const steps = [...actions.values()].flatMap((action) => action.steps);
  return steps.flatMap((step) => {
    const plan = step.kind === 'request' ? step.request : step.kind === 'upload_parts' ? step.urls : undefined;
    return plan?.rateLimit ? [plan.rateLimit] : [];
  });
}
