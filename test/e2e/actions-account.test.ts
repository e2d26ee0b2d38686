import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { HubSummary } from '../../sandbox/aps/account-summary.ts';
import { type AnyJson, type Client, expectData, expectProblem } from '../support/client.ts';
import { ALL_SCOPES, watchCalls } from '../support/covered-actions.ts';
import { until } from '../support/redis.ts';
import { onBothStores, startWorld, type World } from '../support/server.ts';

const EVERYTHING = [
  { key: 'projectAdministration', access: 'administrator' },
  { key: 'docs', access: 'administrator' },
  { key: 'insight', access: 'administrator' },
];
const READER = [
  { key: 'projectAdministration', access: 'none' },
  { key: 'docs', access: 'member' },
  { key: 'insight', access: 'member' },
];

onBothStores('account administration', (open) => {
  const watched = watchCalls('account');
  let world: World;
  let backend: Client;
  let us: Required<HubSummary>;
  let emea: Required<HubSummary>;
  /** Accounts of Corbel: nothing set but the account id, an administrator set too, and one for the other region. */
  let bare: string;
  let acting: string;
  let european: string;

  beforeAll(async () => {
    world = await startWorld(open, {
      furtherActions: [
        ...['account-users', 'account-projects', 'account-project-creation', 'bim360-projects'],
        ...['companies', 'project-users', 'business-units'],
      ],
      scopes: ALL_SCOPES,
    });
    backend = watched.client(world.backend);
    const { hubs } = await world.sandbox.world();
    us = hubOf(hubs, 'US');
    emea = hubOf(hubs, 'EMEA');
    bare = await account({ account_id: us.account_id });
    acting = await account({ account_id: us.account_id, user_id: us.account_admin.uid });
    european = await account({ region: 'EMEA', account_id: emea.account_id, user_id: emea.account_admin.uid });
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  const account = async (settings: Record<string, unknown>): Promise<string> => {
    const made = await world.operator.post('/accounts', {
      connector_profile_id: world.profile,
      owner_id: 'customer',
      settings,
    });
    expect(made.status, made.text).toBe(201);
    return made.json.id;
  };
  const act = async (action: string, inputs: Record<string, unknown> = {}, as = acting): Promise<AnyJson> =>
    expectData(await backend.act(action, as, inputs));
  const refused = (action: string, inputs: Record<string, unknown>, as = acting) => backend.act(action, as, inputs);
  const everyPage = async (action: string, inputs: Record<string, unknown>, as = acting): Promise<AnyJson[][]> => {
    const pages: AnyJson[][] = [];
    let next: string | null = null;
    do {
      const reply = await backend.act(action, as, { ...inputs, ...(next !== null && { next }) });
      pages.push(expectData(reply));
      next = reply.json.next;
    } while (next !== null);
    return pages;
  };
  const sent = async () => (await world.sandbox.log()).requests.filter(({ path }) => !path.startsWith('/auth'));

  it('creates a member of the account, finds, reads and changes it', async () => {
    const email = 'New.Person@customer.example';
    const user = await act('create_account_user', {
      email,
      first_name: 'Zoë',
      last_name: '张伟',
      company_id: us.company_ids[1],
      default_role: 'Architect',
    });
    expect(user).toMatchObject({
      account_id: us.account_id,
      email,
      name: 'Zoë 张伟',
      role: 'account_user',
      status: 'not_invited',
      company_id: us.company_ids[1],
      default_role: 'Architect',
    });
    expect(Object.values(user)).not.toContain(null);
    const all = (await everyPage('list_account_users', {})).flat();
    expect(all.find(({ id }) => id === user.id)).toEqual(user);
    expect(await act('get_account_user', { account_user_id: user.id })).toEqual(user);
    const changed = await act('update_account_user', { account_user_id: user.id, company_id: us.company_ids[2] });
    expect(changed).toMatchObject({ id: user.id, company_id: us.company_ids[2], default_role: 'Architect' });
    expect(await act('get_account_user', { account_user_id: user.id })).toEqual(changed);

    const again = expectProblem(await refused('create_account_user', { email }), 'provider_conflict');
    expect(again.hint).toContain('update_account_user');
    expectProblem(
      await refused('update_account_user', { account_user_id: user.id, status: 'active' }),
      'provider_rejected_request',
    );
    expectProblem(await refused('get_account_user', { account_user_id: us.company_ids[0] }), 'provider_not_found');
  });

  it('walks over all users and companies and meets each once, in the order asked for', async () => {
    for (const [action, least] of [
      ['list_account_users', 36],
      ['list_account_companies', 24],
    ] as const) {
      const pages = await everyPage(action, { page_size: 10 });
      expect(pages.slice(0, -1).map((page) => page.length)).toEqual(pages.slice(0, -1).map(() => 10));
      const ids = pages.flat().map(({ id }) => id);
      expect(ids.length).toBeGreaterThanOrEqual(least);
      expect(new Set(ids).size).toBe(ids.length);
      expect((await act(action)).map(({ id }: AnyJson) => id)).toEqual(ids);
    }
    const sorted = (await everyPage('list_account_companies', { sort: ['-name'], fields: ['name'] })).flat();
    const names = sorted.map(({ name }) => name);
    expect(names).toEqual(names.toSorted().toReversed());
    expect(new Set(sorted.flatMap(Object.keys))).toEqual(new Set(['id', 'name']));
  });

  it('takes ids with "b." and without, and sends them as each API wants them', async () => {
    const plain = await act('list_account_companies', { account_id: us.account_id }, world.account);
    expect(await act('list_account_companies', { account_id: us.id }, world.account)).toEqual(plain);
    const projects = await act('list_account_projects', { account_id: us.id, page_size: 3 }, world.account);
    expect(projects.map(({ account_id }: AnyJson) => account_id)).toEqual(projects.map(() => us.account_id));
    const members = await act('list_project_users', { project_id: us.acc_project_id });
    expect(await act('list_project_users', { project_id: `b.${us.acc_project_id}` })).toEqual(members);
    const roles = await act('list_project_industry_roles', { project_id: us.bim360_project_id });
    expect(await act('list_project_industry_roles', { project_id: `b.${us.bim360_project_id}` })).toEqual(roles);
    for (const { path } of await sent()) expect(path).not.toMatch(/\/b\./);
    const missing = expectProblem(await refused('list_account_users', {}, world.account), 'inputs_invalid');
    expect(missing.errors).toEqual([expect.objectContaining({ path: '/account_id' })]);
    const team = expectProblem(
      await refused('list_account_users', { account_id: 'a.YnVzaW5lc3M6c2FuZGJveA' }),
      'provider_not_found',
    );
    expect(team.hint).toMatch(/team hub/);
  });

  it('has a project made, which is pending at first and can be followed until it is ready', async () => {
    await world.sandbox.switches({ project_activation_ms: 700 });
    const project = await act('create_account_project', {
      name: 'Neubau Süd',
      type: 'Hospital',
      start_date: '2026-01-01',
      end_date: '2027-01-01',
      project_value: 12.5,
      currency: 'EUR',
      timezone: 'Europe/Berlin',
      business_unit_id: us.business_unit_ids[0],
    });
    expect(project).toMatchObject({
      account_id: us.account_id,
      name: 'Neubau Süd',
      status: 'pending',
      platform: 'acc',
      project_value: 12.5,
      currency: 'EUR',
      job_id: expect.any(String),
    });
    const follow = async () =>
      (await act('list_account_projects', { name: 'Neubau Süd', text_match: 'equals' }))[0] as AnyJson;
    expect(await follow()).toMatchObject({ id: project.id, status: 'pending', products: expect.any(Array) });
    const tooEarly = { hub_id: us.id, project_id: project.id };
    expectProblem(await refused('list_top_folders', tooEarly), 'provisioning_pending');
    await until(30_000, 'the project never became active', async () => {
      const { status, products } = await follow();
      return status === 'active' && products.every((product: AnyJson) => product.status === 'active');
    });
    expect(await act('get_project', tooEarly)).toMatchObject({ id: `b.${project.id}`, platform: 'ACC' });
  });

  it('clones a template, which brings its members with the first administrator', async () => {
    await world.sandbox.switches({ project_activation_ms: 0 });
    const { id: project_id, template_id } = await act('create_account_project', {
      name: 'Clone',
      type: 'Office',
      template_project_id: `b.${us.template_project_id}`,
      template_include_companies: true,
    });
    expect(template_id).toBe(us.template_project_id);
    expect(await act('list_project_users', { project_id })).toEqual([]);
    await act('create_project_user', { project_id, email: us.account_admin.email, products: EVERYTHING });
    expect((await act('list_project_users', { project_id })).length).toBeGreaterThan(1);
  });

  it('adds a person to a project, changes what the person may use, and lists by it', async () => {
    const project_id = us.acc_project_id;
    const email = 'guest@customer.example';
    const added = await act('create_project_user', {
      project_id,
      email,
      products: READER,
      company_id: us.company_ids[0],
    });
    expect(added).toMatchObject({ email, status: 'pending', project_admin: false, products: READER });
    const found = await act('list_project_users', { project_id, email, text_match: 'equals' });
    expect(found).toEqual([added]);
    const changed = await act('update_project_user', {
      project_id,
      project_user_id: added.id,
      products: EVERYTHING,
      company_id: us.company_ids[3],
    });
    expect(changed).toMatchObject({ id: added.id, company_id: us.company_ids[3] });
    const admins = await act('list_project_users', { project_id, access_levels: ['projectAdmin'], page_size: 200 });
    expect(admins).toContainEqual(expect.objectContaining({ id: added.id, project_admin: true }));

    const twice = expectProblem(
      await refused('create_project_user', { project_id, email, products: READER }),
      'provider_conflict',
    );
    expect(twice.hint).toContain('update_project_user');
    const early = await refused('update_project_user', {
      project_id,
      project_user_id: added.id,
      products: READER.slice(0, 2),
    });
    expect(expectProblem(early, 'inputs_invalid').errors[0].path).toBe('/products');
  });

  it('narrows lists of projects and members by every kind of filter', async () => {
    const all = (await everyPage('list_account_projects', { page_size: 200 })).flat();
    expect(all.length).toBeGreaterThan(400);
    const cases: [Record<string, unknown>, (project: AnyJson) => boolean][] = [
      [{ platform: ['bim360'] }, ({ platform }) => platform === 'bim360'],
      [{ type: ['Hospital', 'Bridge'] }, ({ type }) => type === 'Hospital' || type === 'Bridge'],
      [{ type: ['-Hospital'] }, ({ type }) => type !== 'Hospital'],
      [{ classification: ['template'] }, ({ classification }) => classification === 'template'],
      [{ name: '000', text_match: 'startsWith' }, ({ name }) => name.startsWith('000')],
      [{ job_number: 'J-0007', text_match: 'equals' }, ({ job_number }) => job_number === 'J-0007'],
      [{ business_unit_id: us.business_unit_ids[0] }, (one) => one.business_unit_id === us.business_unit_ids[0]],
      [{ updated_at: '2022-01-01T00:00:00.000Z..' }, ({ updated_at }) => updated_at >= '2022'],
    ];
    for (const [inputs, fits] of cases) {
      const found = (await everyPage('list_account_projects', { ...inputs, page_size: 200 })).flat();
      const wanted = all.filter(fits).map(({ id }) => id);
      expect(wanted.length).toBeGreaterThan(0);
      expect([inputs, found.map(({ id }) => id)]).toEqual([inputs, wanted]);
    }
    const sorted = await act('list_account_projects', { sort: ['name desc'], fields: ['name'], page_size: 20 });
    expect(sorted.map(({ name }: AnyJson) => name)).toEqual(
      all
        .map(({ name }) => name)
        .toSorted()
        .toReversed()
        .slice(0, 20),
    );
    const members = await act('list_project_users', { project_id: us.acc_project_id });
    const [one, two] = members;
    const either = { project_id: us.acc_project_id, ids: [one.id], email: two.email, or_filters: ['id', 'email'] };
    expect((await act('list_project_users', either)).map(({ id }: AnyJson) => id).toSorted()).toEqual(
      [one.id, two.id].toSorted(),
    );
    const deleted = await act('list_project_users', { project_id: us.acc_project_id, status: ['deleted'] });
    for (const { status } of deleted) expect(status).toBe('deleted');
  });

  it('serves BIM 360 projects where it says so, and says so when a project is none', async () => {
    const project_id = us.bim360_project_id;
    const name = 'Renamed by hq';
    const renamed = await act('update_account_project', { project_id, name, project_value: 7, currency: 'EUR' });
    expect(renamed).toMatchObject({ id: project_id, name, project_value: 7, currency: 'EUR', status: 'active' });
    expect(await act('get_project', { hub_id: us.id, project_id })).toMatchObject({ name, platform: 'BIM360' });
    await act('update_account_project', { project_id, status: 'archived' });
    expectProblem(await refused('list_top_folders', { hub_id: us.id, project_id }), 'resource_inactive');
    await act('update_account_project', { project_id, status: 'active' });
    const roles = await act('list_project_industry_roles', { project_id });
    expect(roles).toContainEqual({
      id: expect.any(String),
      project_id,
      name: 'Project Manager',
      member_group_id: expect.any(String),
      project_administration: 'admin',
      document_management: 'admin',
    });
    const acc = us.acc_project_id;
    for (const [action, inputs] of [
      ['update_account_project', { name }],
      ['list_project_industry_roles', {}],
    ] as const) {
      const { hint } = expectProblem(await refused(action, { project_id: acc, ...inputs }), 'provider_forbidden');
      expect(hint).toMatch(/BIM 360/);
    }
    expectProblem(
      await refused('create_project_user', { project_id, email: 'a@b.example', products: READER }),
      'provider_rejected_request',
    );
    const nothing = expectProblem(await refused('update_account_project', { project_id }), 'inputs_invalid');
    expect(nothing.errors).toHaveLength(1);
  });

  it('replaces the structure of business units as a whole', async () => {
    const before: AnyJson[] = await act('list_business_units', {}, european);
    expect(before.map(({ id }) => id)).toEqual(emea.business_unit_ids);
    const kept = before.filter(({ parent_id }) => parent_id === undefined);
    const units = [
      ...kept.map(({ id, name }) => ({ id, name: `${name} (neu)` })),
      { parent_id: kept[0].id, name: 'Straßen', description: 'below' },
    ];
    const after = await act('create_business_units', { business_units: units }, european);
    expect(after.map(({ name }: AnyJson) => name)).toEqual(units.map(({ name }) => name));
    expect(after.at(-1)).toMatchObject({ parent_id: kept[0].id, account_id: emea.account_id });
    expect(await act('list_business_units', {}, european)).toEqual(after);
  });

  it('asks in the region of the account, and names the region when nothing is there', async () => {
    const [user] = await act('list_account_users', { page_size: 10 }, european);
    expect(user.account_id).toBe(emea.account_id);
    await act('list_account_projects', { page_size: 1 }, european);
    for (const { headers } of await sent()) expect(headers.region).toBe('EMEA');
    const wrong = await account({ account_id: emea.account_id });
    for (const action of ['list_account_users', 'list_account_projects', 'list_business_units']) {
      const { hint } = expectProblem(await refused(action, {}, wrong), 'provider_not_found');
      expect(hint).toMatch(/region/);
    }
  });

  it('acts for the person of the settings, or for the one that the call names', async () => {
    const project_id = us.acc_project_id;
    const [{ id: project_user_id }] = await act('list_project_users', { project_id, email: us.project_admin.email });
    const change = { project_id, project_user_id, company_id: us.company_ids[5], products: EVERYTHING };
    await world.sandbox.clearLog();
    await act('update_project_user', change);
    await act('update_project_user', { ...change, user_id: us.project_admin.id });
    await act('update_project_user', { ...change, user_id: us.project_admin.uid }, bare);
    expect((await sent()).map(({ headers }) => headers['user-id'])).toEqual([
      us.account_admin.uid,
      us.project_admin.id,
      us.project_admin.uid,
    ]);
    const own = await act('list_account_projects', { user_id: us.member.uid, page_size: 200 }, bare);
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(200);
    await world.sandbox.clearLog();
    await act('list_project_industry_roles', { project_id: us.bim360_project_id, user_id: us.member.uid });
    expect((await sent()).map(({ headers }) => headers['x-user-id'])).toEqual([us.member.uid]);
  });

  it('refuses changes without anybody to act for before anything is sent', async () => {
    const project_id = us.acc_project_id;
    const calls: [string, Record<string, unknown>][] = [
      ['create_account_project', { name: 'Nobody', type: 'Office' }],
      ['create_project_user', { project_id, email: 'a@b.example', products: READER }],
      ['update_project_user', { project_id, project_user_id: us.member.id, products: READER }],
    ];
    for (const [action, inputs] of calls) {
      const { errors } = expectProblem(await refused(action, inputs, bare), 'inputs_invalid');
      expect(errors).toEqual([{ path: '/user_id', message: expect.stringContaining('settings') }]);
    }
    expect((await world.sandbox.log()).count).toBe(0);
  });

  it('tells that the person acted for may not', async () => {
    const project_id = us.acc_project_id;
    const cases: [string, Record<string, unknown>][] = [
      ['create_account_project', { name: 'Not mine', type: 'Office', user_id: us.project_admin.uid }],
      ['create_project_user', { project_id, email: 'x@y.example', products: READER, user_id: us.member.uid }],
      ['list_account_projects', { user_id: us.pending_user.id }],
    ];
    for (const [action, inputs] of cases) {
      const { hint } = expectProblem(await refused(action, inputs, bare), 'provider_forbidden');
      expect(hint).toMatch(/user_id/);
    }
  });
});

function hubOf(hubs: readonly HubSummary[], region: string): Required<HubSummary> {
  const hub = hubs.find((one) => one.region === region && one.platform === 'bim360');
  if (hub === undefined) throw new Error(`no hub in ${region}`);
  return hub as Required<HubSummary>;
}
