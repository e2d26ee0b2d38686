/**
 * What lists of accounts and the overview cost in a project of 100,000 accounts, on both stores:
 * `node bench/accounts.ts [count]`. Redis is taken from BENCH_REDIS_URL (an empty one!); without it only SQLite is measured.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { ACCOUNT_STATUSES, type Account } from '../src/domain/account.ts';
import { type AccountFilters, searchAccounts } from '../src/domain/account-search.ts';
import { ACCOUNT_KIND, accountTerms } from '../src/domain/account-terms.ts';
import { newId } from '../src/domain/ids.ts';
import { systemRandom } from '../src/random.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { type OverviewDependencies, readOverview } from '../src/telemetry/overview.ts';
import { beginOf, HOURS, usageRecord } from '../src/telemetry/usage-records.ts';
import { UsageTally } from '../src/telemetry/usage-tally.ts';
import { percentile } from './statistics.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
const AT_ONCE = 200;
const ROUNDS = 30;
const PROCESSES = 4;
const ACTIONS = 50;
const PROJECT = newId(systemRandom, 'prj');
const NAMES = ['Anna', 'Ben', 'Carla', 'Dieter', 'Eva', 'Farid', 'Grace', 'Hugo'];

const folder = await mkdtemp(join(tmpdir(), 'corbel-bench-'));
const urls = [
  `sqlite:${join(folder, 'corbel.db')}`,
  ...(process.env.BENCH_REDIS_URL ? [process.env.BENCH_REDIS_URL] : []),
];
for (const url of urls) {
  const store = await openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: true });
  try {
    await measure(store);
  } finally {
    await store.close();
  }
}
await rm(folder, { recursive: true, force: true });

async function measure(store: Store): Promise<void> {
  const began = performance.now();
  const profiles = await seed(store);
  console.log(`\n${store.kind}: ${COUNT} accounts written in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  const [first = '', last = ''] = [profiles[0], profiles.at(-1)];
  const cases: [string, Omit<AccountFilters, 'among'>][] = [
    ['no filter', {}],
    ['status error', { status: 'error' }],
    ['status active', { status: 'active' }],
    ['connector and status', { connector: 'beta', status: 'reauth_required' }],
    ['profile', { profile: last }],
    ['profile and status', { profile: first, status: 'error' }],
    ['owner', { owner: 'customer-77777' }],
    ['text, one', { text: 'customer-77777' }],
    ['text, an eighth', { text: 'grace' }],
    ['text and status', { text: 'grace', status: 'error' }],
    ['text and status, none', { text: 'customer-1', status: 'inactive', connector: 'alpha' }],
  ];
  const among = null;
  for (const [name, filters] of cases)
    await time(
      name,
      async () => (await searchAccounts(store, PROJECT, { ...filters, among }, { limit: 25 })).data.length,
    );
  const dependencies: OverviewDependencies = {
    ...{ store, clock: systemClock, usage: { flush: async () => {} } },
    registry: () => ({ hash: '', connectors: new Map(), actions: new Map() }) as never,
  };
  for (const window of ['1h', '24h', '7d'] as const)
    await time(`overview ${window}`, async () => (await readOverview(dependencies, PROJECT, window)).totals.calls);
}

async function time(name: string, work: () => Promise<number>): Promise<void> {
  const times: number[] = [];
  const before = process.cpuUsage();
  let result = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    result = await work();
    times.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  const [median, worst] = [percentile(times, 0.5), percentile(times, 0.95)];
  console.log(
    `${name.padEnd(24)} p50 ${median.toFixed(1).padStart(6)} ms   p95 ${worst.toFixed(1).padStart(6)} ms   CPU ${((user + system) / 1_000 / ROUNDS).toFixed(1).padStart(6)} ms   (${result})`,
  );
}

async function seed(store: Store): Promise<string[]> {
  const profiles = Array.from({ length: 10 }, () => newId(systemRandom, 'prf'));
  for (const [index, id] of profiles.entries()) {
    const profile = {
      id,
      generation: 1,
      connector: index < 5 ? 'alpha' : 'beta',
      enabled: index !== 3,
      client_id: null,
    };
    await store.put({ partition: PROJECT, kind: 'connector_profile', id }, JSON.stringify(profile));
  }
  for (let at = 0; at < COUNT; at += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, COUNT - at) }, (_, index) => write(store, profiles, at + index)),
    );
  const hour = beginOf(HOURS, Date.now());
  for (let process = 0; process < PROCESSES; process += 1)
    await store.putAll(
      Array.from({ length: 168 }, (_, index) =>
        usageRecord(HOURS, PROJECT, hour - index * HOURS.ms, `p${process}`, tally()),
      ),
    );
  return profiles;
}

async function write(store: Store, profiles: readonly string[], index: number): Promise<void> {
  const at = new Date(0).toISOString();
  // One in twenty is not active.
  const status = index % 20 === 0 ? (ACCOUNT_STATUSES[(index / 20) % ACCOUNT_STATUSES.length] ?? 'active') : 'active';
  const account: Account = {
    id: newId(systemRandom, 'acc'),
    profile_id: profiles[index % profiles.length] ?? '',
    connector: index % profiles.length < 5 ? 'alpha' : 'beta',
    owner_id: `customer-${index}`,
    owner_name: `${NAMES[index % NAMES.length]} Company ${index}`,
    settings: { region: 'US' },
    status,
    status_reasons: [],
    status_history: [{ status, reasons: [], at }],
    ...{ identity: null, granted_scopes: null, linked_at: at, created_at: at, updated_at: at },
  };
  const key = { partition: PROJECT, kind: ACCOUNT_KIND, id: account.id };
  await store.put(key, JSON.stringify(account), { terms: accountTerms(account) });
}

function tally(): UsageTally {
  const made = new UsageTally();
  for (let call = 0; call < 1_000; call += 1) {
    const code = call % 50 === 0 ? 'provider_timeout' : null;
    const figures = {
      project: PROJECT,
      account: null,
      profile: null,
      action: `x_action_${call % ACTIONS}`,
      connector: 'x',
    };
    made.add({
      ...figures,
      code,
      corbelMs: 0.2 + (call % 13) / 10,
      providerMs: 50 + (call % 400),
      waitsMs: {},
      limits: new Map(),
    });
  }
  return made;
}
