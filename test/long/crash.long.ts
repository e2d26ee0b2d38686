import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf } from '../support/client.ts';
import { onBothStores, type Server, startServer, startWorld, type World } from '../support/server.ts';
import { rounds, seededFractions } from './rounds.ts';

const ROUNDS = 200;
const WRITERS = 8;
const MAX_LIFE_MS = 400;

onBothStores('a server that is killed at any moment', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(open);
  });
  afterAll(() => world.stop());

  it('has lost no acknowledged write, and starts again', async () => {
    const fraction = seededFractions('crash');
    const acknowledged = new Set<string>();
    let unacknowledged = 0;
    let server: Server = world.server;
    for (let round = 0; round < rounds(ROUNDS); round += 1) {
      const operator = clientOf(server.origin, world.operator.key);
      let alive = true;
      const writers = Array.from({ length: WRITERS }, async (_, writer) => {
        for (let number = 0; alive; number += 1) {
          const reply = await operator
            .post('/accounts', { connector_profile_id: world.profile, owner_id: `r${round}-w${writer}-${number}` })
            .catch(() => undefined);
          if (reply?.status === 201) acknowledged.add(reply.json.id);
          else unacknowledged += 1;
        }
      });
      await delay(fraction() * MAX_LIFE_MS);
      await server.stop('SIGKILL');
      alive = false;
      await Promise.all(writers);
      server = await startServer(world.env);
      world.servers.push(server);
    }
    const present = new Set<string>();
    const operator = clientOf(server.origin, world.operator.key);
    let next: string | null = '';
    while (next !== null) {
      const page = await operator.get(`/accounts?limit=100${next && `&next=${next}`}`);
      expect(page.status).toBe(200);
      for (const { id } of page.json.data) present.add(id);
      next = page.json.next;
    }
    process.stdout.write(`${acknowledged.size} acknowledged, ${present.size} present, ${unacknowledged} cut off\n`);
    expect([...acknowledged].filter((id) => !present.has(id))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(0);
  });
});
