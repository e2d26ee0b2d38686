import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OverviewView } from '../../src/http/overview.ts';
import { FLUSH_EVERY_MS } from '../../src/telemetry/usage-writer.ts';
import { type Client, clientOf } from '../support/client.ts';
import { until } from '../support/redis.ts';
import { onBothStores, type Server, startServer, startWorld, type World } from '../support/server.ts';

onBothStores('the overview', (open) => {
  let world: World;
  let servers: Server[];
  beforeAll(async () => {
    world = await startWorld(open, { servers: 2 });
    servers = world.servers;
  });
  afterAll(() => world?.stop());

  const at = (server: Server | undefined, key = world.operator.key): Client => clientOf(server?.origin ?? '', key);
  const overview = async (server: Server | undefined, window = '1h'): Promise<OverviewView> => {
    const reply = await at(server).get(`/overview?window=${window}`);
    expect(reply.status, reply.text).toBe(200);
    return reply.json;
  };
  /** A good call and a refused one. */
  const callTwice = async (server: Server | undefined) => {
    const backend = at(server, world.backend.key);
    expect((await backend.act('list_hubs', world.account)).status).toBe(200);
    expect((await backend.act('get_hub', world.account, { hub_id: 'b.none' })).status).toBe(404);
  };
  const calls = async (server: Server | undefined) => (await overview(server)).totals.calls;

  it('counts what all processes called, exactly, and shows it in every window', async () => {
    for (let round = 0; round < 3; round += 1) for (const server of servers) await callTwice(server);
    await world.backend.act('list_hubs', world.account, {}, 'dry_run=true');
    await world.backend.call('POST', '/actions/no_such', { body: {} });
    await until(
      2 * FLUSH_EVERY_MS,
      'the other process did not write its counts',
      async () => (await calls(servers[0])) === 13,
    );
    for (const window of ['1h', '24h', '7d']) {
      const shown = await overview(servers[1], window);
      expect(shown.totals).toMatchObject({ calls: 13, errors: 7, error_rate: 7 / 13 });
      expect(shown.buckets).toHaveLength({ '1h': 60, '24h': 24, '7d': 168 }[window] ?? 0);
      expect(shown.buckets.reduce((sum, bucket) => sum + bucket.calls, 0)).toBe(13);
      expect(shown.top_actions).toEqual([
        { action: 'autodesk_list_hubs', calls: 6, errors: 0 },
        { action: 'autodesk_get_hub', calls: 6, errors: 6 },
        { action: 'unknown', calls: 1, errors: 1 },
      ]);
      expect(shown.errors_by_code.map(({ count }) => count)).toEqual([6, 1]);
      const { corbel_ms, provider_ms } = shown.totals;
      for (const { p50, p95 } of [corbel_ms, provider_ms]) {
        expect(p50).toBeGreaterThan(0);
        expect(p95).toBeGreaterThanOrEqual(p50 ?? 0);
      }
      expect(shown.accounts).toEqual({
        by_status: { active: 1, inactive: 0, reauth_required: 0, error: 0 },
        total: 1,
      });
      expect(shown.lapsing).toEqual([]);
      expect(shown.rate_budgets.map(({ limit }) => limit)).toEqual([
        'autodesk.data_management.hub',
        'autodesk.data_management.hubs',
      ]);
      for (const budget of shown.rate_budgets) {
        expect(budget).toMatchObject({ connector: 'autodesk', holder: world.profile, requests: 50, window_s: 60 });
        expect(budget.used).toBeGreaterThanOrEqual(6);
      }
    }
    const { json } = await world.operator.get(`/accounts/${world.account}`);
    expect(Date.now() - Date.parse(json.last_call_at)).toBeLessThan(60_000);
  });

  it('loses nothing when a process is asked to stop, and at most what was not written when it is killed', async () => {
    const before = await calls(servers[0]);
    const asked = await startServer(world.env);
    const killed = await startServer(world.env);
    await Promise.all([callTwice(asked), callTwice(killed)]);
    // Reading writes what the process itself counted.
    await calls(killed);
    await callTwice(killed);
    await Promise.all([asked.stop('SIGTERM'), killed.stop('SIGKILL')]);
    const known = await calls(servers[0]);
    expect(known).toBeGreaterThanOrEqual(before + 4);
    expect(known).toBeLessThanOrEqual(before + 6);
    await Promise.all(servers.map((server) => server.stop('SIGTERM')));
    const next = await startServer(world.env);
    servers.push(next);
    expect(await calls(next)).toBe(known);
  });

  it('is for operators, and refuses windows that there are not', async () => {
    const [server] = servers.slice(-1);
    expect((await at(server, world.backend.key).get('/overview')).json.code).toBe('role_forbidden');
    expect((await at(server).get('/overview?window=1y')).json.code).toBe('request_invalid');
    expect((await at(server).get('/overview?windows=1h')).json.code).toBe('request_invalid');
  });
});
