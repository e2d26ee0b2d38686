import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AnyJson, clientOf, expectData, expectProblem } from '../support/client.ts';
import { makeKey, onBothStores, startWorld, type World } from '../support/server.ts';

onBothStores('the main job', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(open, { allActions: true });
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  it('goes from a new project to a version of a file with nothing but the HTTP API', async () => {
    const created = await world.operator.post('/projects', { name: 'Tenant' });
    expect(created.status).toBe(201);
    expect(created.headers['cache-control']).toBe('no-store');
    const operator = clientOf(world.server.origin, created.json.operator_key.token);

    const profile = await operator.post('/connector_profiles', {
      name: 'Sandbox',
      connector: 'autodesk',
      authentication: 'two_legged',
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
      scopes: ['data:read'],
    });
    expect(profile.status).toBe(201);
    expect(profile.text).not.toContain(world.sandbox.clientSecret);
    const test = await operator.post(`/connector_profiles/${profile.json.id}/test`);
    expect(test.json).toEqual({ ok: true, checks: [{ scopes: ['data:read'], ok: true }] });

    const account = await operator.post('/accounts', {
      connector_profile_id: profile.json.id,
      owner_id: 'acme',
      owner_name: 'Acme Ltd',
    });
    expect(account.json).toMatchObject({ status: 'active', settings: { region: 'US' }, status_reasons: [] });
    const { token } = await makeKey(operator, { role: 'backend' });
    const backend = clientOf(world.server.origin, token);
    const act = async (action: string, inputs: Record<string, unknown> = {}): Promise<AnyJson> =>
      expectData(await backend.act(action, account.json.id, inputs));

    const hubs = await act('list_hubs');
    expect(hubs).toHaveLength(2);
    const hub_id = hubs.find((hub: AnyJson) => hub.region === 'US').id;
    expect(await act('get_hub', { hub_id })).toMatchObject({ id: hub_id });
    const [project] = await act('list_projects', { hub_id, page_size: 5 });
    const project_id = project.id;
    expect(await act('get_project', { hub_id, project_id })).toEqual(project);
    const folders = await act('list_top_folders', { hub_id, project_id });
    const files = folders.find((folder: AnyJson) => folder.name === 'Project Files');
    expect(files).toMatchObject({ folder_type: 'normal' });
    expect(await act('get_folder', { project_id, folder_id: files.id })).toMatchObject({ id: files.id });
    const item = await firstItem(act, project_id, files.id);
    const { id: item_id } = item;
    expect(await act('get_item', { project_id, item_id })).toMatchObject({ id: item_id, version_id: item.version_id });
    const tip = await act('get_item_tip', { project_id, item_id });
    expect(tip).toMatchObject({ id: item.version_id, item_id });
    const versions = await act('list_item_versions', { project_id, item_id });
    expect(versions[0]).toEqual(tip);
    expect(await act('get_version', { project_id, version_id: tip.id })).toEqual(tip);
  });

  it('walks over all pages of a hub and meets every project once', async () => {
    const ids: string[] = [];
    let pages = 0;
    let next: string | null = null;
    do {
      const inputs = { hub_id: world.hub, page_size: 50, ...(next !== null && { next }) };
      const reply = await world.backend.act('list_projects', world.account, inputs);
      ids.push(...expectData(reply).map((project: AnyJson) => project.id));
      next = reply.json.next;
      pages += 1;
    } while (next !== null);
    expect(pages).toBe(9);
    expect(ids).toHaveLength(430);
    expect(new Set(ids).size).toBe(430);
  });

  it('gives the same page again for the same cursor', async () => {
    const first = await world.backend.act('list_projects', world.account, { hub_id: world.hub, page_size: 7 });
    const inputs = { hub_id: world.hub, next: first.json.next };
    const [one, other] = await Promise.all([
      world.backend.act('list_projects', world.account, inputs),
      world.backend.act('list_projects', world.account, inputs),
    ]);
    expect(expectData(one)).toHaveLength(7);
    expect(expectData(other)).toEqual(expectData(one));
    expect(expectData(one)).not.toEqual(expectData(first));
  });

  it("gives the provider's own body with raw=true", async () => {
    const reply = await world.backend.act('list_hubs', world.account, {}, 'raw=true');
    expect(expectData(reply)).toMatchObject({
      jsonapi: { version: '1.0' },
      data: [{ type: 'hubs' }, { type: 'hubs' }],
    });
  });

  it('pages with raw=true as it does without', async () => {
    const first = await world.backend.act(
      'list_projects',
      world.account,
      { hub_id: world.hub, page_size: 200 },
      'raw=true',
    );
    expect(expectData(first).data).toHaveLength(200);
    const second = await world.backend.act('list_projects', world.account, {
      hub_id: world.hub,
      next: first.json.next,
    });
    expect(expectData(second)).toHaveLength(200);
  });

  it('shows with dry_run=true what would be sent, masked, and sends nothing', async () => {
    const { count } = await world.sandbox.log();
    const inputs = { hub_id: world.hub, id: ['b.1', 'b.2'], page_size: 10 };
    const reply = await world.backend.act('list_projects', world.account, inputs, 'dry_run=true');
    const { requests, token } = expectData(reply);
    expect(token).toEqual({ kind: 'app', scopes: ['data:read'] });
    expect(requests).toHaveLength(1);
    const [{ method, url, headers, body }] = requests;
    expect(method).toBe('GET');
    expect(body).toBeNull();
    expect(headers).toMatchObject({ authorization: 'Bearer [secret]', accept: 'application/vnd.api+json' });
    const shown = new URL(url);
    expect(shown.pathname).toBe(`/project/v1/hubs/${world.hub}/projects`);
    expect(Object.fromEntries(shown.searchParams)).toEqual({ 'filter[id]': 'b.1,b.2', 'page[limit]': '10' });
    expect((await world.sandbox.log()).count).toBe(count);
  });

  it('takes the same calls in the rpc shape', async () => {
    const rpc = (body: unknown) =>
      world.backend.call('POST', '/actions/rpc', { body, headers: { 'x-account-id': world.account } });
    const direct = await world.backend.act('list_projects', world.account, { hub_id: world.hub, page_size: 3 });
    const reply = await rpc({
      action: 'autodesk_list_projects',
      path: { hub_id: world.hub },
      query: { page_size: 3 },
      headers: { 'X-Account-Id': world.account },
      body: null,
    });
    expect(expectData(reply)).toEqual(expectData(direct));
    expect(reply.json.next).toEqual(expect.any(String));

    expectProblem(await rpc({ path: {} }), 'request_invalid');
    const { errors } = expectProblem(
      await rpc({ action: 'autodesk_get_hub', path: { hub_id: 'a' }, query: { hub_id: 'b' }, body: [], pth: {} }),
      'request_invalid',
    );
    expect(errors.map(({ path }: AnyJson) => path).sort()).toEqual(['/body', '/pth', '/query/hub_id']);
  });

  it("tells the caller the provider's warnings", async () => {
    await world.sandbox.switches({ hubs_warning: ['EMEA'] });
    const partial = await world.backend.act('list_hubs', world.account);
    expect(expectData(partial)).toHaveLength(1);
    expect(partial.json.warnings).toEqual([
      expect.objectContaining({
        status: expect.anything(),
        code: expect.anything(),
        detail: expect.stringMatching(/\S/),
      }),
    ]);

    await world.sandbox.switches({ hubs_warning: [], provisioned: false });
    const none = await world.backend.act('list_hubs', world.account);
    expect(expectData(none)).toEqual([]);
    expect(none.json.warnings.length).toBeGreaterThan(0);
    const refused = await world.backend.act('list_projects', world.account, { hub_id: world.hub });
    expectProblem(refused, 'integration_not_provisioned');
  });

  it('sends account settings with every call, and a changed one within a second', async () => {
    const made = await world.operator.post('/accounts', {
      connector_profile_id: world.profile,
      owner_id: 'person',
      settings: { region: 'EMEA', user_id: 'PERSON1' },
    });
    expectData(await world.backend.act('list_hubs', made.json.id));
    await world.operator.patch(`/accounts/${made.json.id}`, { settings: { user_id: 'PERSON2' } });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expectData(await world.backend.act('list_hubs', made.json.id));
    const users = (await world.sandbox.log()).requests
      .filter(({ path }) => path.startsWith('/project/'))
      .map(({ headers }) => headers['x-user-id']);
    expect(users).toEqual(['PERSON1', 'PERSON2']);
  });

  it('does or refuses each of many changes made at once, and loses none', async () => {
    const { json } = await world.operator.post('/accounts', { connector_profile_id: world.profile, owner_id: 'start' });
    const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`);
    const replies = await Promise.all(
      owners.map((owner_id) => world.operator.patch(`/accounts/${json.id}`, { owner_id })),
    );
    const done = replies.filter(({ status }) => status === 200).map((reply) => reply.json.owner_id);
    for (const reply of replies) if (reply.status !== 200) expectProblem(reply, 'version_conflict');
    expect(done.length).toBeGreaterThan(0);
    expect(done).toContain((await world.operator.get(`/accounts/${json.id}`)).json.owner_id);
  });

  it('answers 25 different calls at once, each with its own data', async () => {
    const { data } = (await world.backend.act('list_projects', world.account, { hub_id: world.hub, page_size: 25 }))
      .json;
    const replies = await Promise.all(
      data.map(({ id }: AnyJson) =>
        world.backend.act('get_project', world.account, { hub_id: world.hub, project_id: id }),
      ),
    );
    expect(replies.map(expectData)).toEqual(data);
    expect(new Set(replies.map(({ json }: AnyJson) => json.request_id)).size).toBe(25);
  });
});

/** The first item found in a folder or, breadth first, below it. */
async function firstItem(
  act: (action: string, inputs: Record<string, unknown>) => Promise<AnyJson>,
  project_id: string,
  top: string,
): Promise<AnyJson> {
  const queue = [top];
  for (const folder_id of queue) {
    const entries = await act('list_folder_contents', { project_id, folder_id });
    const item = entries.find((entry: AnyJson) => entry.kind === 'item');
    if (item) return item;
    queue.push(...entries.map((entry: AnyJson) => entry.id));
  }
  throw new Error('no item');
}
