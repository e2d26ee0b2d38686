import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AccountCall, type AccountClient, startAccountSandbox } from './account-client.ts';
import { type AnyEntry, accountAnswer as body } from './account-documents.ts';

let client: AccountClient;

beforeAll(async () => {
  client = await startAccountSandbox();
});
afterAll(() => client.stop());
beforeEach(() => client.sandbox.resetSwitches());

const hq = (path: string, account = client.us.account_id) => `/hq/v1/accounts/${account}/${path}`;
const ADMIN = '/construction/admin/v1';

describe('account projects', () => {
  const list = (query: Record<string, string>, more: AccountCall = {}) =>
    client.ask('GET', `${ADMIN}/accounts/${client.us.account_id}/projects?${new URLSearchParams(query)}`, more);

  it('lists every project of the hub and the template, in pages with addresses only where there is a page', async () => {
    const { pagination, results } = body(await list({ limit: '200' }));
    expect(pagination).toEqual({ limit: 200, offset: 0, totalResults: 61 });
    expect(new Set(results.map((one) => one.platform))).toEqual(new Set(['acc', 'bim360']));
    const hubProjects = (await client.ask('GET', `/project/v1/hubs/${client.us.id}/projects`)).json.data;
    const ids = new Set(results.map((one) => `b.${one.id}`));
    expect(hubProjects.filter((one) => ids.has(one.id))).toHaveLength(60);
    const middle = body(await list({ offset: '20' }));
    expect([middle.pagination.limit, middle.results]).toEqual([20, results.slice(20, 40)]);
    const next = new URL(middle.pagination.nextUrl);
    expect([next.origin, next.searchParams.get('offset')]).toEqual([client.origin, '40']);
    expect(new URL(middle.pagination.previousUrl).searchParams.get('offset')).toBe('0');
    const last = body(await list({ offset: '60' })).pagination;
    expect([last.totalResults, 'nextUrl' in last]).toEqual([61, false]);
    expect(body(await list({ limit: '5000' })).pagination.limit).toBe(200);
    expect((await list({ limit: '0' })).status).toBe(400);
  });

  it.each<[Record<string, string>, (project: AnyEntry) => boolean]>([
    [{ 'filter[platform]': 'bim360' }, (one) => one.platform === 'bim360'],
    [{ 'filter[classification]': 'template,sample' }, (one) => one.classification === 'template'],
    [{ 'filter[name]': '0001', filterTextMatch: 'startsWith' }, (one) => one.name.startsWith('0001')],
    [{ 'filter[name]': 'hospital' }, (one) => one.name.includes('Hospital')],
    [{ 'filter[type]': 'Hospital,Bridge' }, (one) => ['Hospital', 'Bridge'].includes(one.type)],
    [{ 'filter[type]': '-Hospital' }, (one) => one.type !== 'Hospital'],
    [{ 'filter[products]': 'takeoff' }, (one) => one.products.some((product) => product.key === 'takeoff')],
    [{ 'filter[status]': 'active,pending' }, (one) => one.status === 'active'],
    [{ 'filter[jobNumber]': 'J-0003', filterTextMatch: 'equals' }, (one) => one.jobNumber === 'J-0003'],
    [{ 'filter[updatedAt]': '2022-01-01T00:00:00.000Z..' }, (one) => one.updatedAt >= '2022'],
  ])('filters by %j', async (query, fits) => {
    const all = body(await list({ limit: '200' })).results;
    const wanted = all.filter(fits).map((one) => one.id);
    const reply = body(await list({ ...query, limit: '200' }));
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(all.length + (query['filter[status]'] === undefined ? 0 : 1));
    expect(reply.results.map((one) => one.id)).toEqual(wanted);
  });

  it('sorts, narrows the fields, and refuses what it does not know', async () => {
    const sorted = body(await list({ sort: 'type desc,name', fields: 'name,type' })).results;
    expect(Object.keys(sorted[0] ?? {})).toEqual(['id', 'name', 'type']);
    const types = sorted.map((one) => one.type);
    expect(types).toEqual([...types].sort().reverse());
    for (const bad of [
      { sort: 'colour' },
      { fields: 'colour' },
      { 'filter[colour]': 'red' },
      { 'filter[platform]': 'plangrid' },
      { filterTextMatch: 'sounds' },
      { 'filter[updatedAt]': '2022-01-01' },
    ]) {
      expect([bad, (await list(bad as Record<string, string>)).status]).toEqual([bad, 400]);
    }
  });

  it('shows a person without the account only the own projects', async () => {
    const mine = body(await list({ limit: '200' }, { headers: { 'User-Id': client.us.member.id } }));
    expect(mine.pagination.totalResults).toBeGreaterThan(0);
    expect(mine.pagination.totalResults).toBeLessThan(61);
    const byUid = body(await list({ limit: '200' }, { headers: { 'User-Id': client.us.member.uid } }));
    expect(byUid).toEqual(mine);
    expect((await list({}, { headers: { 'User-Id': 'NOBODY' } })).status).toBe(403);
    expect((await list({}, { headers: { 'User-Id': client.us.pending_user.id } })).status).toBe(403);
  });
});

describe('a new project', () => {
  const path = () => `${ADMIN}/accounts/${client.us.account_id}/projects`;
  const asAdmin = () => ({ headers: { 'User-Id': client.us.account_admin.uid } });

  it('needs a user who administers the account', async () => {
    const given = { name: 'Refused', type: 'Office' };
    expect((await client.ask('POST', path(), { body: given })).status).toBe(400);
    expect(
      (await client.ask('POST', path(), { body: given, headers: { 'User-Id': client.us.member.uid } })).status,
    ).toBe(403);
    const token = await client.personToken(client.us.project_admin.uid);
    expect((await client.ask('POST', path(), { body: given, token })).status).toBe(403);
  });

  it('is pending first, and then active here and in Data Management', async () => {
    client.sandbox.setSwitches({ project_activation_ms: 5_000 });
    const given = { name: 'Fresh Office', type: 'Office', timezone: 'Europe/Berlin', jobNumber: 'N-1' };
    const reply = await client.ask('POST', path(), { body: given, ...asAdmin() });
    expect(reply.status).toBe(202);
    const project = body(reply);
    expect(project).toMatchObject({ ...given, platform: 'acc', status: 'pending', memberCount: 1 });
    expect(project.jobId).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(project.products.map((one) => one.status))).toEqual(new Set(['activating']));
    expect(body(await client.ask('GET', `${ADMIN}/projects/${project.id}`)).status).toBe('pending');
    const hubProject = `/project/v1/hubs/${client.us.id}/projects/b.${project.id}`;
    const early = await client.ask('GET', `${hubProject}/topFolders`);
    expect([early.status, early.json.errors[0]?.code]).toEqual([400, 'BIM360DM_ERROR']);

    client.advance(5_000);
    const ready = body(await client.ask('GET', `${ADMIN}/projects/${project.id}`));
    expect([ready.status, ready.products[0]?.status]).toEqual(['active', 'active']);
    expect((await client.ask('GET', hubProject)).json.data.attributes.name).toBe(given.name);
    const folders = (await client.ask('GET', `${hubProject}/topFolders`)).json.data;
    expect(folders.map((one) => one.attributes.name)).toContain('Project Files');
    const listed = (await client.ask('GET', `/project/v1/hubs/${client.us.id}/projects?filter[name]=Fresh+Office`)).json
      .data;
    expect(listed.map((one) => one.id)).toEqual([`b.${project.id}`]);
  });

  it("takes a template's products, and its members once it has an administrator", async () => {
    const template = { projectId: client.us.template_project_id };
    const reply = await client.ask('POST', path(), { body: { name: 'Clone', type: 'School', template }, ...asAdmin() });
    expect(reply.status).toBe(202);
    const clone = body(reply);
    expect([clone.memberCount, clone.templateId]).toEqual([0, client.us.template_project_id]);
    expect(clone.products.map((one) => one.key)).not.toContain('takeoff');
    const products = clone.products.map(({ key }) => ({ key, access: 'administrator' }));
    const users = `${ADMIN}/projects/${clone.id}/users`;
    const given = { email: client.us.project_admin.email, products };
    expect((await client.ask('POST', users, { body: given, ...asAdmin() })).status).toBe(201);
    expect(body(await client.ask('GET', users)).pagination.totalResults).toBeGreaterThan(1);
  });

  it.each([
    [{ type: 'Office' }],
    [{ name: 'x' }],
    [{ name: 'x', type: 'Office', classification: 'template' }],
    [{ name: 'x', type: 'Template Project' }],
    [{ name: 'x', type: 'Office', classification: 'secret' }],
    [{ name: 'x', type: 'Office', timezone: 'Mars/Olympus' }],
    [{ name: 'x', type: 'Office', projectValue: { value: 3 } }],
    [{ name: 'x', type: 'Office', jobNumber: 'x'.repeat(101) }],
    [{ name: 'x', type: 'Office', businessUnitId: 'none' }],
    [{ name: 'x', type: 'Office', template: { projectId: 'none' } }],
  ])('is not made of %j', async (given) => {
    const reply = await client.ask('POST', path(), { body: given, ...asAdmin() });
    expect([reply.status, Object.keys(body(reply))]).toEqual([400, ['title', 'detail']]);
  });
});

describe('project users', () => {
  const users = (project = client.us.acc_project_id) => `${ADMIN}/projects/${project}/users`;
  const find = (query: Record<string, string>) => client.ask('GET', `${users()}?${new URLSearchParams(query)}`);
  const asAdmin = () => ({ headers: { 'User-Id': client.us.project_admin.id } });
  const access = (level: string) => [
    { key: 'projectAdministration', access: level === 'member' ? 'none' : level },
    { key: 'docs', access: level },
    { key: 'insight', access: level },
  ];

  it('are listed in the documented shape, without the deleted ones unless asked for', async () => {
    const { pagination, results } = body(await find({ limit: '200' }));
    expect(pagination.totalResults).toBe(results.length);
    expect(results[0]).toMatchObject({
      id: client.us.account_admin.id,
      autodeskId: client.us.account_admin.uid,
      accessLevels: { accountAdmin: true, projectAdmin: true, executive: false },
      roles: [{ id: expect.any(String), name: expect.any(String) }],
    });
    const statuses = (found: AnyEntry[]) => new Set(found.map((one) => one.status));
    expect(statuses(results).has('deleted')).toBe(false);
    const [id, email] = [results[0]?.id ?? '', results[1]?.email ?? ''];
    expect(body(await find({ 'filter[email]': email })).results).toEqual([results[1]]);
    const either = { 'filter[email]': email, 'filter[id]': id, orFilters: 'email,id' };
    expect(body(await find(either)).results).toEqual([results[0], results[1]]);
    expect(body(await find({ 'filter[email]': email, 'filter[id]': id })).results).toEqual([]);
    const admins = body(await find({ 'filter[accessLevels]': 'projectAdmin', sort: 'email desc' })).results;
    expect(admins.map((one) => one.id).sort()).toEqual([client.us.account_admin.id, client.us.project_admin.id].sort());
    expect((await find({ 'filter[status]': 'lost' })).status).toBe(400);
  });

  it('are added once, by an administrator alone, and found again', async () => {
    const given = { email: 'guest@sandbox.example', products: access('member'), companyId: client.us.company_ids[1] };
    expect((await client.ask('POST', users(), { body: given })).status).toBe(400);
    expect(
      (await client.ask('POST', users(), { body: given, headers: { 'User-Id': client.us.member.id } })).status,
    ).toBe(403);
    const added = await client.ask('POST', users(), { body: given, ...asAdmin() });
    expect(added.status).toBe(201);
    expect(body(added)).toMatchObject({ email: given.email, status: 'pending', jobId: expect.any(String) });
    expect((await client.ask('POST', users(), { body: given, ...asAdmin() })).status).toBe(409);
    expect(body(await find({ 'filter[email]': 'guest@' })).results[0]?.products).toEqual(given.products);
    expect(body(await client.ask('GET', hq(`users/${body(added).id}`))).status).toBe('pending');
    const bim360 = await client.ask('POST', users(client.us.bim360_project_id), { body: given, ...asAdmin() });
    expect(bim360.status).toBe(400);
  });

  it.each([
    [[{ key: 'projectAdministration', access: 'member' }]],
    [
      [
        { key: 'projectAdministration', access: 'administrator' },
        { key: 'docs', access: 'member' },
      ],
    ],
    [
      [
        { key: 'projectAdministration', access: 'none' },
        { key: 'docs', access: 'administrator' },
      ],
    ],
    [[{ key: 'docs' }]],
    [[{ key: 'kitchen', access: 'member' }]],
    [[]],
    [undefined],
  ])('are not added with the products %j', async (products) => {
    const reply = await client.ask('POST', users(), { body: { email: 'bad@sandbox.example', products }, ...asAdmin() });
    expect(reply.status).toBe(400);
  });

  it('are updated by either id, insight being named, and the answer says what changed', async () => {
    const path = `${users()}/${client.us.project_admin.uid}`;
    const products = access('administrator');
    const without = products.filter((one) => one.key !== 'insight');
    const asOwner = { headers: { 'User-Id': client.us.account_admin.uid } };
    expect((await client.ask('PATCH', path, { body: { products: without }, ...asOwner })).status).toBe(400);
    expect(
      (await client.ask('PATCH', path, { body: { companyId: client.us.company_ids[2] }, ...asOwner })).status,
    ).toBe(400);
    expect((await client.ask('PATCH', path, { body: { products } })).status).toBe(400);
    const reply = await client.ask('PATCH', path, {
      body: { products, companyId: client.us.company_ids[2] },
      ...asOwner,
    });
    expect([reply.status, Object.keys(body(reply)).sort()]).toEqual([
      200,
      ['companyId', 'companyName', 'id', 'products'],
    ]);
    const found = body(await find({ 'filter[id]': client.us.project_admin.id })).results;
    expect(found[0]?.companyId).toBe(client.us.company_ids[2]);
    expect((await client.ask('PATCH', `${users()}/NOBODY`, { body: { products }, ...asOwner })).status).toBe(404);
  });
});
