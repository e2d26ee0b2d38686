import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clientOf, expectData, expectProblem } from '../support/client.ts';
import { startRedis, until } from '../support/redis.ts';
import { encryptionKey, type OpenStore, startWorld, type World } from '../support/server.ts';

// The server's own patience with the store, and then some.
const NOTICED_MS = 5_000;
const RECOVERED_MS = 10_000;

describe.skipIf(!inject('redis').canStartServers)('a store that goes away', () => {
  let world: World;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  const open: OpenStore = async () => {
    redis = await startRedis();
    return {
      kind: 'redis',
      env: { CORBEL_STORE: redis.url, CORBEL_ENCRYPTION_KEYS: encryptionKey('k1') },
      files: async () => Buffer.alloc(0),
      remove: async () => redis.stop({ kill: true }),
    };
  };
  beforeAll(async () => {
    world = await startWorld(open);
    expectData(await world.backend.act('list_hubs', world.account));
  });
  afterAll(() => world?.stop());

  const ready = () => clientOf(world.server.origin).get('/readyz');

  it('makes the server unready and refuses calls as retryable, until it is back', async () => {
    for (let round = 0; round < 2; round += 1) {
      await redis.stop({ kill: true, keepData: true });
      await until(NOTICED_MS, 'the outage is not noticed', async () => (await ready()).status === 503);
      expectProblem(await ready(), 'store_unavailable');
      expect((await clientOf(world.server.origin).get('/healthz')).status).toBe(200);
      for (const reply of await Promise.all([
        world.backend.act('list_hubs', world.account),
        world.operator.get('/accounts'),
        world.operator.post('/accounts', { connector_profile_id: world.profile, owner_id: 'x' }),
        clientOf(world.server.origin, 'ck_wrong')
          .get('/connectors')
          .then((wrong) => (wrong.status === 401 ? undefined : wrong)),
      ])) {
        if (reply) expect(expectProblem(reply, 'store_unavailable').retryable).toBe(true);
      }

      redis = await startRedis({ port: redis.port, dir: redis.dir });
      await until(RECOVERED_MS, 'it does not recover', async () => (await ready()).status === 200);
      await until(
        RECOVERED_MS,
        'calls do not work again',
        async () => (await world.backend.act('list_hubs', world.account)).status === 200,
      );
      expect((await world.operator.get('/accounts')).status).toBe(200);
    }
    expect(world.server.running()).toBe(true);
    expect(world.server.stderr()).toBe('');
  });

  it('lets calls under way finish', async () => {
    expectData(await world.backend.act('list_hubs', world.account));
    await world.sandbox.faults([{ kind: 'latency', path: '/project/', ms: 1_000 }]);
    const underWay = Array.from({ length: 5 }, () => world.backend.act('list_hubs', world.account));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await redis.stop({ kill: true, keepData: true });
    for (const reply of await Promise.all(underWay)) expectData(reply);
    redis = await startRedis({ port: redis.port, dir: redis.dir });
    await until(RECOVERED_MS, 'it does not recover', async () => (await ready()).status === 200);
  });

  it('does not keep the server from stopping', async () => {
    await redis.stop({ kill: true, keepData: true });
    const since = Date.now();
    const { code } = await world.server.stop();
    expect(Date.now() - since).toBeLessThan(8_000);
    expect(code).toBe(0);
  });
});
