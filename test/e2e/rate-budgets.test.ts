import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Client, clientOf, expectData, expectProblem, type Reply } from '../support/client.ts';
import { type ConnectorsCopy, copyConnectors, FEW_ACTIONS } from '../support/connectors.ts';
import { until } from '../support/redis.ts';
import { onBothStores, openSqlite, startWorld, type World } from '../support/server.ts';

/** Published by the provider for a single hub, per app and minute. */
const PUBLISHED = 50;
// Short windows of their own, so that several of them fit into a test.
const SHORT = { requests: 20, windowMs: 2_000 };
const ACCOUNTS = 3;
// Between a turn and the arrival at the provider, on a busy machine.
const ON_THE_WAY_MS = 300;

onBothStores('rate budgets', (open) => {
  let connectors: ConnectorsCopy;
  let world: World;
  let clients: Client[];
  let accounts: string[];

  beforeAll(async () => {
    connectors = await copyConnectors(FEW_ACTIONS);
    await connectors.edit('autodesk/connector.yaml', (text) => {
      const shorter = text.replaceAll(
        /\{ id: (hubs|project), requests: 50, per_s: 60,/g,
        `{ id: $1, requests: ${SHORT.requests}, per_s: ${SHORT.windowMs / 1_000},`,
      );
      expect(shorter.split(`per_s: ${SHORT.windowMs / 1_000},`)).toHaveLength(3);
      return shorter;
    });
    world = await startWorld(open, { servers: 2, env: { CORBEL_CONNECTORS_DIR: connectors.directory } });
    clients = world.servers.map(({ origin }) => clientOf(origin, world.backend.key));
    accounts = [world.account];
    for (let index = 1; index < ACCOUNTS; index += 1) {
      const made = await world.operator.post('/accounts', {
        connector_profile_id: world.profile,
        owner_id: `customer-${index}`,
      });
      accounts.push(made.json.id);
    }
    // Everything is loaded before anything is counted.
    await Promise.all(clients.flatMap((client) => accounts.map((account) => list(client, account))));
  });
  afterAll(async () => {
    await world?.stop();
    await connectors?.remove();
  });
  beforeEach(() => world.sandbox.reset());

  const list = (client: Client, account: string) =>
    client.act('list_projects', account, { hub_id: world.hub, page_size: 1 });
  const hubs = (client: Client, account: string) => client.act('list_hubs', account);
  const hub = (client: Client, account: string) => client.act('get_hub', account, { hub_id: world.hub });
  /** So many calls from every account at every process, all at once. */
  const burst = (each: number, call: (client: Client, account: string) => Promise<Reply>): Promise<Reply[]> =>
    Promise.all(
      Array.from({ length: each }, () => clients.flatMap((client) => accounts.map((one) => call(client, one)))).flat(),
    );
  const arrivals = async () =>
    (await world.sandbox.log()).requests.filter(({ path }) => path.startsWith('/project/')).map(({ at }) => at);

  it('keeps all processes and accounts of a client together within the published limit', async () => {
    await world.sandbox.switches({ rate_limits: 'documented' });
    const replies = await burst(25, hub);
    const done = replies.filter(({ status }) => status === 200);
    // A part of the limit is kept for accounts that take less than their share of it.
    expect(done.length).toBeGreaterThanOrEqual(PUBLISHED * 0.8);
    expect(done.length).toBeLessThanOrEqual(PUBLISHED);
    for (const reply of replies) {
      if (reply.status === 200) continue;
      const problem = expectProblem(reply, 'rate_budget_exhausted');
      expect(problem).toMatchObject({ retryable: true, fault: 'provider', rate_limit: expect.stringMatching(/hub/) });
      const seconds = Number(reply.headers['retry-after']);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(PUBLISHED * 10);
    }
    const { requests } = await world.sandbox.log();
    expect(requests.filter(({ status }) => status === 429)).toEqual([]);
    expect(await arrivals()).toHaveLength(done.length);
    // Other endpoints have budgets of their own.
    expectData(await list(world.backend, world.account));
    expectData(await hubs(world.backend, world.account));
  });

  it('lets calls wait for the next windows, and never sends more in any window than is allowed', async () => {
    const each = 6;
    const replies = await burst(each, hubs);
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    const times = (await arrivals()).toSorted((a, b) => a - b);
    expect(times).toHaveLength(each * ACCOUNTS * clients.length);
    for (const [index, at] of times.entries()) {
      const beyond = times[index + SHORT.requests];
      if (beyond !== undefined) expect(beyond - at).toBeGreaterThanOrEqual(SHORT.windowMs - ON_THE_WAY_MS);
    }
    const records = () => Promise.all(replies.map(({ json }) => world.operator.get(`/requests/${json.request_id}`)));
    await until(30_000, 'nobody is said to have waited', async () =>
      (await records()).some(({ json }) => json.state === 'succeeded' && longestWait(json) > SHORT.windowMs / 2),
    );
  });

  it("makes every process wait after the provider's own 429", async () => {
    const [first, second] = clients as [Client, Client];
    const [one = '', other = ''] = accounts;
    await world.sandbox.faults([
      { kind: 'status', path: '/project/', status: 429, retry_after: { seconds: 2 }, times: 1 },
    ]);
    const refused = list(first, one);
    await delay(700);
    const later = list(second, other);
    for (const reply of await Promise.all([refused, later])) expectData(reply);
    const { requests } = await world.sandbox.log();
    const sent = requests.filter(({ path }) => path.startsWith('/project/'));
    expect(sent.map(({ status }) => status)).toEqual([429, 200, 200]);
    const [limited = 0, ...after] = sent.map(({ at }) => at);
    for (const at of after) expect(at - limited).toBeGreaterThanOrEqual(1_950);
  });

  // Turns are given by each process, whatever the store: once is enough.
  if (open !== openSqlite) return;
  it('lets an account that takes little not wait for one that takes all', async () => {
    const { project_id } = (await world.sandbox.world()).hubs[0]?.files ?? {};
    const project = (client: Client, account: string) =>
      client.act('get_project', account, { hub_id: world.hub, project_id });
    const [first, second] = clients as [Client, Client];
    const [greedy = '', modest = ''] = accounts;
    const flood = Promise.all(Array.from({ length: 30 }, () => project(first, greedy)));
    await delay(150);
    const started = performance.now();
    const replies = [await project(second, modest), await project(first, modest)];
    const waited = performance.now() - started;
    for (const reply of replies) expectData(reply);
    expect(waited).toBeLessThan(2 * SHORT.windowMs);
    for (const reply of await flood) expectData(reply);
  });
});

function longestWait({ waits_ms }: { waits_ms: Record<string, number> }): number {
  return Math.max(0, ...Object.values(waits_ms));
}
