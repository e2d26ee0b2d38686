import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, clientOf, expectData, expectProblem } from '../support/client.ts';
import { type NodeProcess, startNode } from '../support/node-process.ts';
import { until } from '../support/redis.ts';
import {
  type OpenStore,
  onBothStores,
  openSqlite,
  type Server,
  startServer,
  startWorld,
  type World,
} from '../support/server.ts';

/** Starts servers on the world's store, and ends them after each test. */
function setUp(open: OpenStore) {
  let world: World;
  const further: NodeProcess[] = [];
  beforeAll(async () => {
    world = await startWorld(open);
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());
  afterEach(async () => {
    await Promise.all(further.splice(0).map((one) => one.stop('SIGKILL')));
  });

  async function another(env: Record<string, string> = {}): Promise<{ server: Server; backend: Client }> {
    const server = await startServer({ ...world.env, ...env });
    further.push(server);
    return { server, backend: clientOf(server.origin, world.backend.key) };
  }

  return { worldNow: () => world, another };
}

onBothStores('stopping', (open) => {
  const { worldNow, another } = setUp(open);

  it('on SIGTERM first says that it is not ready, finishes what is under way, and exits with 0', async () => {
    const world = worldNow();
    const { server, backend } = await another({ CORBEL_DRAIN_DELAY_S: '1' });
    expectData(await backend.act('list_hubs', world.account));
    await world.sandbox.faults([{ kind: 'latency', path: '/project/', ms: 3_500 }]);
    const underWay = Array.from({ length: 10 }, () => backend.act('list_hubs', world.account));
    await delay(300);
    server.signal('SIGTERM');
    await server.record(({ msg }) => msg === 'stopping');
    await delay(100);
    expectProblem(await clientOf(server.origin).get('/readyz'), 'shutting_down');
    expect((await clientOf(server.origin).get('/healthz')).status).toBe(200);
    // Whoever has not noticed yet is still served.
    expect((await backend.get('/connectors')).status).toBe(200);
    // After the delay nothing new is begun any more, while what is under way still goes on.
    await until(30_000, 'it still begins calls', async () => (await backend.get('/connectors')).status === 503);
    expectProblem(await backend.get('/connectors'), 'shutting_down');
    for (const reply of await Promise.all(underWay)) expectData(reply);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await expect(clientOf(server.origin).get('/healthz')).rejects.toThrow();
  });

  it('loses nothing that was acknowledged when it is killed', async () => {
    const world = worldNow();
    const { server } = await another();
    const operator = clientOf(server.origin, world.operator.key);
    const ids: string[] = [];
    const writing = Array.from({ length: 8 }, async () => {
      for (;;) {
        const body = { connector_profile_id: world.profile, owner_id: 'killed' };
        const reply = await operator.post('/accounts', body).catch(() => undefined);
        if (reply?.status !== 201) return;
        ids.push(reply.json.id);
      }
    });
    await until(30_000, 'nothing was acknowledged', () => ids.length >= 20);
    await server.stop('SIGKILL');
    await Promise.all(writing);
    const { server: next } = await another();
    const after = clientOf(next.origin, world.operator.key);
    const found = await Promise.all(ids.map((id) => after.get(`/accounts/${id}`)));
    expect(found.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

describe('a server', { timeout: 60_000 }, () => {
  const { worldNow, another } = setUp(openSqlite);

  it('answers who asks whether it lives and whether it is ready', async () => {
    const world = worldNow();
    const open = clientOf(world.server.origin);
    const { version } = (await open.get('/healthz')).json;
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    const ready = await open.get('/readyz');
    expect([ready.status, ready.json]).toEqual([200, { status: 'ready' }]);
  });

  it('is not held up by idle connections, nor by an impatient second signal', async () => {
    const { server, backend } = await another();
    const idle = await Promise.all([
      ...Array.from({ length: 5 }, () => keptAlive(server.origin)),
      ...Array.from({ length: 5 }, () => silent(server.origin)),
    ]);
    expect((await backend.get('/connectors')).status).toBe(200);
    const since = Date.now();
    server.signal('SIGINT');
    server.signal('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - since).toBeLessThan(10_000);
    for (const close of idle) close();
  });

  it('gives up on calls that do not finish in time, and exits with 1', async () => {
    const world = worldNow();
    const { server, backend } = await another({ CORBEL_SHUTDOWN_GRACE_S: '1' });
    expectData(await backend.act('list_hubs', world.account));
    await world.sandbox.faults([{ kind: 'latency', path: '/project/', ms: 20_000 }]);
    const lost = backend.act('list_hubs', world.account).catch(() => 'cut off');
    await delay(300);
    const since = Date.now();
    expect(await server.stop()).toEqual({ code: 1, signal: null });
    expect(Date.now() - since).toBeGreaterThan(900);
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(await lost).toBe('cut off');
    expect(server.records().at(-1)).toMatchObject({ level: 'error', grace_ms: 1_000 });
  });

  it('says which address is taken when it cannot listen', async () => {
    const world = worldNow();
    const { port } = new URL(world.server.origin);
    const child = startNode('src/main.ts', [], { ...world.env, CORBEL_PORT: port });
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expect(child.stderr()).toMatch(/^The address is in use: .*CORBEL_PORT/);
  });
});

/** A connection on which nothing is ever sent. */
async function silent(origin: string): Promise<() => void> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return () => socket.destroy();
}

/** A connection that stays open after one answer; gives what closes it. */
async function keptAlive(origin: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const asking = request(`${origin}/healthz`, { headers: { connection: 'keep-alive' } }, (response) => {
      const { socket } = response;
      socket.on('error', () => {});
      response.resume().on('end', () => resolve(() => socket.destroy()));
    });
    asking.on('error', reject);
    asking.end();
  });
}
