import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, clientOf } from '../support/client.ts';
import { onBothStores, startServer, startWorld, type World } from '../support/server.ts';
import { rounds, seededFractions } from './rounds.ts';

const ROUNDS = 40;
const PROCESSES = 4;
const CALLERS = 16;
// The broker's shortest token life: it is renewed many times in a run.
const TOKEN_LIFE_S = 30;
const MAX_LIFE_MS = 3_000;

onBothStores('four servers with short-lived tokens, one of them killed again and again', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(open, { servers: PROCESSES, manyHubCalls: true });
    await world.sandbox.switches({ expires_in: TOKEN_LIFE_S });
  });
  afterAll(() => world.stop());

  it('answer every call of the others, with few token requests', async () => {
    const fraction = seededFractions('tokens');
    const servers = [...world.servers];
    let running = true;
    let answered = 0;
    const failures: string[] = [];
    const killed = new Set<string>();
    // A client for each process, not for each call: every one has connections of its own.
    const clients = new Map<string, Client>();
    const backendOf = (origin: string) => {
      const client = clients.get(origin) ?? clientOf(origin, world.backend.key);
      clients.set(origin, client);
      return client;
    };
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      while (running) {
        const server = servers[(caller + answered) % servers.length];
        if (!server) continue;
        const reply = await backendOf(server.origin)
          .act('list_hubs', world.account)
          .catch(() => undefined);
        // A call to a process that was killed under it gets no answer, and that is no fault.
        if (reply?.status === 200) answered += 1;
        else if (!killed.has(server.origin)) failures.push(reply?.text ?? 'no answer');
      }
    });
    const before = Date.now();
    for (let round = 0; round < rounds(ROUNDS); round += 1) {
      await delay(fraction() * MAX_LIFE_MS);
      const at = Math.floor(fraction() * servers.length);
      const victim = servers[at];
      if (!victim) continue;
      killed.add(victim.origin);
      await victim.stop('SIGKILL');
      const fresh = await startServer(world.env);
      world.servers.push(fresh);
      servers[at] = fresh;
    }
    running = false;
    await Promise.all(callers);
    const { token_requests } = await world.sandbox.log();
    const seconds = (Date.now() - before) / 1_000;
    process.stdout.write(`${answered} answered, ${token_requests} token requests in ${seconds.toFixed(0)} s\n`);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(0);
    // One for each token's useful life, and one more for each owner that was killed while it asked.
    expect(token_requests).toBeLessThanOrEqual(Math.ceil(seconds / (TOKEN_LIFE_S / 2)) + rounds(ROUNDS) + 1);
  });
});
