import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { clientOf, expectData, expectProblem, type Reply } from '../support/client.ts';
import { makeKey, onBothStores, seedAccount, startWorld, type World } from '../support/server.ts';

const PROCESSES = 4;
const CALLERS = 1_000;

onBothStores('app tokens, over four processes of one store', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(open, { servers: PROCESSES, manyHubCalls: true });
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  /** As many calls at once, spread over the processes. */
  async function storm(account: string, calls = CALLERS): Promise<Reply[]> {
    const callers = world.servers.map(({ origin }) => clientOf(origin, world.backend.key));
    return Promise.all(
      Array.from({ length: calls }, (_, index) => callers[index % PROCESSES] ?? world.backend).map((caller) =>
        caller.act('list_hubs', account),
      ),
    );
  }

  function expectAllGood(replies: Reply[]): void {
    const codes = replies.map(({ status, json }) => (status === 200 ? 200 : json?.code));
    expect(
      Object.fromEntries(
        Map.groupBy(codes, String)
          .entries()
          .map(([code, { length }]) => [code, length]),
      ),
    ).toEqual({
      200: CALLERS,
    });
  }

  it('are asked for with the scopes of the action and no others', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox, {
      profile: { scopes: ['data:write', 'account:read', 'data:read', 'bucket:delete'] },
    });
    expectData(await world.backend.act('list_hubs', account));
    const [request] = (await world.sandbox.log()).requests.filter(({ form }) => form !== undefined);
    expect(request?.form).toEqual({ grant_type: 'client_credentials', scope: 'data:read' });
    expect(request?.headers.authorization).toMatch(/^Basic /);
  });

  it('are asked for once when 1,000 callers need the first one', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    await world.sandbox.faults([{ kind: 'latency', path: '/authentication/', ms: 300 }]);
    expectAllGood(await storm(account));
    expect((await world.sandbox.log()).token_requests).toBe(1);
  });

  it('are asked for once when 1,000 callers meet one that has expired', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    await world.sandbox.switches({ expires_in: 2 });
    const callers = world.servers.map(({ origin }) => clientOf(origin, world.backend.key));
    for (const reply of await Promise.all(callers.map((caller) => caller.act('list_hubs', account)))) expectData(reply);
    expect((await world.sandbox.log()).token_requests).toBe(1);
    await delay(2_100);
    await world.sandbox.reset();
    expectAllGood(await storm(account));
    expect((await world.sandbox.log()).token_requests).toBe(1);
  });

  it('that the provider revoked are replaced once, and no caller sees it', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    expectData(await world.backend.act('list_hubs', account));
    await world.sandbox.clearLog();
    await world.sandbox.revokeTokens();
    expectData(await world.backend.act('list_hubs', account));
    const { requests } = await world.sandbox.log();
    expect(requests.map(({ path, status }) => [path, status])).toEqual([
      ['/project/v1/hubs', 401],
      ['/authentication/v2/token', 200],
      ['/project/v1/hubs', 200],
    ]);
  });

  it('that the provider keeps refusing are not asked for again and again', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    expectData(await world.backend.act('list_hubs', account));
    await world.sandbox.faults([{ kind: 'status', path: '/project/', status: 401 }]);
    await world.sandbox.clearLog();
    for (const reply of await storm(account, 200)) expectProblem(reply, 'credential_rejected');
    expect((await world.sandbox.log()).token_requests).toBe(1);
  });

  it('of wrong credentials are asked for once, however many call', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox, {
      profile: { client_secret: 'wrong-secret' },
    });
    for (const reply of await storm(account, 200)) expectProblem(reply, 'token_client_rejected');
    // Each process remembers the refusal on its own.
    expect((await world.sandbox.log()).token_requests).toBeLessThanOrEqual(PROCESSES);
  });

  it('of one profile are shared by its accounts, and not by other profiles', async () => {
    const { account, profile } = await seedAccount(world.operator, world.sandbox);
    const other = await world.operator.post('/accounts', { connector_profile_id: profile, owner_id: 'second' });
    const stranger = await seedAccount(world.operator, world.sandbox);
    for (const id of [account, other.json.id, stranger.account]) expectData(await world.backend.act('list_hubs', id));
    expect((await world.sandbox.log()).token_requests).toBe(2);
  });

  it('of before a change of the client secret are not used after it', async () => {
    const { account, profile } = await seedAccount(world.operator, world.sandbox);
    const elsewhere = clientOf(world.servers[1]?.origin ?? '', world.backend.key);
    expectData(await elsewhere.act('list_hubs', account));
    await world.operator.patch(`/connector_profiles/${profile}`, { client_secret: 'not-the-secret-any-more' });
    await delay(1_000);
    expectProblem(await elsewhere.act('list_hubs', account), 'token_client_rejected');
  });

  it('are asked for with nothing when the call is refused before', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox, { profile: { scopes: [] } });
    const { token } = await makeKey(world.operator, { role: 'backend', actions: [] });
    expectProblem(await world.backend.act('list_hubs', account), 'scopes_missing');
    expectProblem(await clientOf(world.server.origin, token).act('list_hubs', account), 'key_not_allowed');
    expect((await world.sandbox.log()).count).toBe(0);
  });
});
