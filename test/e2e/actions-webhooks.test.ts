import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AnyJson, type Client, expectData, expectProblem } from '../support/client.ts';
import { ALL_SCOPES, watchCalls } from '../support/covered-actions.ts';
import { onBothStores, startWorld, type World } from '../support/server.ts';

const FOLDER = { folder: 'urn:adsk.wipprod:fs.folder:co.wT5lCWlXSKeo3razOfHJAw' };
const ADDED = { system: 'data', event: 'dm.version.added' };
const PAGE = 200;

onBothStores('webhooks', (open) => {
  const watched = watchCalls('webhooks');
  let world: World;
  let backend: Client;
  let european: string;

  beforeAll(async () => {
    world = await startWorld(open, { furtherActions: ['webhooks', 'folders'], scopes: ALL_SCOPES });
    backend = watched.client(world.backend);
    const made = await world.operator.post('/accounts', {
      connector_profile_id: world.profile,
      owner_id: 'european',
      settings: { region: 'EMEA' },
    });
    european = made.json.id;
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  const call = (action: string, inputs: Record<string, unknown> = {}, as = world.account) =>
    backend.act(action, as, inputs);
  const act = async (action: string, inputs: Record<string, unknown> = {}, as = world.account): Promise<AnyJson> =>
    expectData(await call(action, inputs, as));
  const create = (callback_url: string, more: Record<string, unknown> = {}, as = world.account) =>
    act('create_webhook', { ...ADDED, scope: FOLDER, callback_url, ...more }, as);
  const ids = async (action: string, inputs: Record<string, unknown> = {}, as = world.account): Promise<string[]> =>
    (await act(action, inputs, as)).map(({ id }: AnyJson) => id);

  it('has an empty list while there are none, which the provider tells without a body', async () => {
    const reply = await call('list_webhooks', { region: 'JPN' });
    expect(expectData(reply)).toEqual([]);
    expect(reply.json.next).toBeNull();
    expect(await act('list_webhooks_by_system', { system: 'derivative', region: 'JPN' })).toEqual([]);
    const statuses = (await world.sandbox.log()).requests.map(({ status }) => status);
    expect(statuses.slice(-2)).toEqual([204, 204]);
  });

  it('creates a hook, whose id stands in the address only, and reads, lists, changes and deletes it', async () => {
    const created = await create('https://customer.example/hook?a=1&b=ü', {
      hook_attribute: { projectId: 'p-1', deep: { list: [1, 'zwei'] } },
      filter: "$[?(@.ext=='txt')]",
      hub_id: world.hub,
      project_id: 'c2960674-2d1e-4cc8-a5f0-4b9026fd3f5d',
      auto_reactivate_hook: true,
      hook_expiry: '2099-01-01T00:00:00.000Z',
      callback_with_event_payload_only: true,
    });
    expect(created).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), ...ADDED, region: 'US' });
    const hook = { ...ADDED, hook_id: created.id };
    const got = await act('get_webhook', hook);
    expect(got).toMatchObject({
      id: created.id,
      ...ADDED,
      callback_url: 'https://customer.example/hook?a=1&b=ü',
      scope: FOLDER,
      status: 'active',
      filter: "$[?(@.ext=='txt')]",
      hook_attribute: { projectId: 'p-1', deep: { list: [1, 'zwei'] } },
      auto_reactivate_hook: true,
      callback_with_event_payload_only: true,
      creator_type: 'Application',
    });
    expect(await act('list_webhooks')).toContainEqual(got);
    expect(await act('list_webhooks_by_system', { system: 'data' })).toContainEqual(got);
    expect(await ids('list_webhooks_by_system', { system: 'derivative' })).toEqual([]);

    const secret = 'signing-key-of-the-customer';
    const updated = await call('update_webhook', {
      ...hook,
      status: 'inactive',
      secret_token: secret,
      hook_expiry: '',
    });
    expect(expectData(updated)).toEqual({ id: created.id, ...ADDED, region: 'US' });
    expect(updated.text).not.toContain(secret);
    const changed = await act('get_webhook', hook);
    expect(changed).toMatchObject({ status: 'inactive', filter: got.filter, hook_attribute: got.hook_attribute });
    expect(changed).not.toHaveProperty('hook_expiry');
    expect(JSON.stringify(changed)).not.toContain(secret);
    expect(await ids('list_webhooks', { status: 'inactive' })).toContain(created.id);
    expect(await ids('list_webhooks', { status: 'active' })).not.toContain(created.id);

    await act('delete_webhook', hook);
    expect(await ids('list_webhooks')).not.toContain(created.id);
    for (const action of ['get_webhook', 'delete_webhook']) {
      const { hint } = expectProblem(await call(action, hook), 'provider_not_found');
      expect(hint).toMatch(/region/);
    }
    expectProblem(await call('update_webhook', { ...hook, status: 'active' }), 'provider_not_found');
  });

  it('refuses a hook that is there already, and takes it for another event or region', async () => {
    const first = await create('https://customer.example/once');
    const hook = { ...ADDED, scope: FOLDER, callback_url: 'https://customer.example/once' };
    expectProblem(await call('create_webhook', hook), 'provider_conflict');
    const others = [
      await act('create_webhook', { ...hook, event: 'dm.folder.added' }),
      await act('create_webhook', { ...hook, region: 'AUS' }),
    ];
    expect(new Set([first.id, ...others.map(({ id }) => id)]).size).toBe(3);
  });

  it('never shows a region the hooks of another, by setting or by input', async () => {
    const american = await create('https://customer.example/us');
    const byAccount = await create('https://customer.example/emea', {}, european);
    const byInput = await create('https://customer.example/emea-too', { region: 'EMEA' });
    expect([american.region, byAccount.region, byInput.region]).toEqual(['US', 'EMEA', 'EMEA']);
    const inUs = await ids('list_webhooks');
    expect(inUs).toContain(american.id);
    expect(inUs).not.toContain(byAccount.id);
    expect(await ids('list_webhooks', {}, european)).toEqual([byAccount.id, byInput.id]);
    expect(await ids('list_webhooks', { region: 'EMEA' })).toEqual([byAccount.id, byInput.id]);
    expect(await ids('list_webhooks', { region: 'US' }, european)).toEqual(inUs);
    const hook = { ...ADDED, hook_id: byAccount.id };
    expectProblem(await call('get_webhook', hook), 'provider_not_found');
    expect(await act('get_webhook', { ...hook, region: 'EMEA' })).toMatchObject({ id: byAccount.id });
    await act('update_webhook', { ...hook, status: 'inactive' }, european);
    await act('delete_webhook', { ...hook, region: 'EMEA' });
    const regions = (await world.sandbox.log()).requests.slice(-2).map(({ headers }) => headers['x-ads-region']);
    expect(regions).toEqual(['EMEA', 'EMEA']);
  });

  it('tells what the provider finds wrong with a hook, and refuses nonsense itself', async () => {
    const hook = { ...ADDED, scope: FOLDER, callback_url: 'https://customer.example/odd' };
    for (const odd of [{ callback_url: 'mailto:me' }, { scope: { workflow: 'x' } }, { scope: {} }]) {
      expectProblem(await call('create_webhook', { ...hook, ...odd }), 'provider_rejected_request');
    }
    expectProblem(await call('create_webhook', { ...hook, event: 'dm.nothing.added' }), 'provider_not_found');
    const attribute = { hook_attribute: { long: 'x'.repeat(1_100) } };
    expectProblem(await call('create_webhook', { ...hook, ...attribute }), 'provider_rejected_request');
    const { count } = await world.sandbox.log();
    expectProblem(await call('create_webhook', { ...hook, region: 'MOON' }), 'inputs_invalid');
    expectProblem(await call('update_webhook', { ...ADDED, hook_id: 'x' }), 'inputs_invalid');
    expect((await world.sandbox.log()).count).toBe(count);
  });

  it('walks over more hooks than fit on a page and meets each once', async () => {
    const wanted = PAGE + 3;
    const made: string[] = [];
    // Ten at a time: the provider takes them one by one, and so would a caller.
    for (let from = 0; from < wanted; from += 10) {
      const some = Array.from({ length: Math.min(10, wanted - from) }, (_, index) =>
        create(`https://customer.example/${from + index}`, { region: 'CAN' }),
      );
      made.push(...(await Promise.all(some)).map(({ id }) => id));
    }
    for (const [action, inputs] of [
      ['list_webhooks', {}],
      ['list_webhooks_by_system', { system: 'data' }],
    ] as const) {
      const first = await call(action, { ...inputs, region: 'CAN' });
      expect(expectData(first)).toHaveLength(PAGE);
      const second = await call(action, { ...inputs, region: 'CAN', next: first.json.next });
      expect(second.json.next).toBeNull();
      const seen = [...expectData(first), ...expectData(second)].map(({ id }) => id);
      expect(seen.toSorted()).toEqual(made.toSorted());
    }
  });
});
