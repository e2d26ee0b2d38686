import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AccountClient, startAccountSandbox } from './account-client.ts';
import { accountAnswer as body } from './account-documents.ts';

let client: AccountClient;

beforeAll(async () => {
  client = await startAccountSandbox();
});
afterAll(() => client.stop());
beforeEach(() => client.sandbox.resetSwitches());

const hq = (path: string, account = client.us.account_id) => `/hq/v1/accounts/${account}/${path}`;
const ADMIN = '/construction/admin/v1';

describe('who may ask', () => {
  it('answers 403 AUTH-010 by the gateway when the scope is missing', async () => {
    for (const path of [hq('users'), `${ADMIN}/accounts/${client.us.account_id}/projects`]) {
      const reply = await client.ask('GET', path, { token: await client.token('data:read') });
      expect([reply.status, reply.json.errorCode]).toEqual([403, 'AUTH-010']);
    }
    const write = await client.ask('POST', hq('users'), {
      token: await client.token('account:read'),
      body: { email: 'a@b.example' },
    });
    expect([write.status, write.json.errorCode]).toEqual([403, 'AUTH-010']);
  });

  it("refuses a person's token on app-only routes, and takes it elsewhere", async () => {
    const token = await client.personToken(client.us.account_admin.uid);
    const refused = await client.ask('GET', hq('users'), { token });
    expect([refused.status, body(refused)]).toEqual([403, { code: 1003, message: expect.any(String) }]);
    expect((await client.ask('GET', `${ADMIN}/accounts/${client.us.account_id}/projects`, { token })).status).toBe(200);
    const roles = `/hq/v2/accounts/${client.us.account_id}/projects/${client.us.bim360_project_id}/industry_roles`;
    expect((await client.ask('GET', roles, { token })).status).toBe(200);
  });

  it('answers 403 in the shape of each family while the app is provisioned nowhere', async () => {
    client.sandbox.setSwitches({ provisioned: false });
    const first = await client.ask('GET', hq('users'));
    expect([first.status, body(first)]).toEqual([403, { code: 1003, message: expect.any(String) }]);
    const second = await client.ask('GET', `${ADMIN}/accounts/${client.us.account_id}/projects`);
    expect([second.status, Object.keys(body(second))]).toEqual([403, ['title', 'detail']]);
  });

  it('knows accounts and projects only without b., and only in their region', async () => {
    const missing = await client.ask('GET', hq('users', client.us.id));
    expect([missing.status, body(missing)]).toEqual([404, { code: 1004, message: "this account doesn't exist." }]);
    expect((await client.ask('GET', `${ADMIN}/accounts/${client.us.id}/projects`)).status).toBe(404);
    expect((await client.ask('GET', `${ADMIN}/projects/b.${client.us.acc_project_id}`)).status).toBe(404);
    expect((await client.ask('GET', hq('users'), { headers: { Region: 'EMEA' } })).status).toBe(404);
    expect((await client.ask('GET', hq('users'), { headers: { Region: 'MARS' } })).status).toBe(400);
    expect((await client.ask('GET', hq('users', client.emea.account_id))).status).toBe(404);
    expect((await client.ask('GET', hq('users', client.emea.account_id), { headers: { Region: 'EMEA' } })).status).toBe(
      200,
    );
    const projects = `${ADMIN}/accounts/${client.emea.account_id}/projects`;
    expect((await client.ask('GET', projects)).status).toBe(200);
    expect((await client.ask('GET', projects, { headers: { Region: 'US' } })).status).toBe(404);
  });

  it('says which methods a path knows', async () => {
    const reply = await client.ask('PUT', hq('users'), { body: {} });
    expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, POST']);
  });
});

describe('account users', () => {
  it('pages through a bare array, sorts and narrows it', async () => {
    const first = body(await client.ask('GET', hq('users')));
    expect([first.length, first[0]]).toEqual([
      10,
      expect.objectContaining({
        id: client.us.account_admin.id,
        role: 'account_admin',
        uid: client.us.account_admin.uid,
      }),
    ]);
    const all = body(await client.ask('GET', hq('users?limit=100')));
    expect(all.length).toBeGreaterThan(24);
    const second = body(await client.ask('GET', hq('users?limit=10&offset=10')));
    expect(second).toEqual(all.slice(10, 20));
    expect(body(await client.ask('GET', hq('users?offset=5000')))).toEqual([]);
    const sorted = body(await client.ask('GET', hq('users?sort=-status,email&field=email,status&limit=100')));
    expect(Object.keys(sorted[0] ?? {})).toEqual(['id', 'status', 'email']);
    expect(sorted.map((one) => one.status)).toEqual(
      all
        .map((one) => one.status)
        .sort()
        .reverse(),
    );
    expect((await client.ask('GET', hq('users?limit=101'))).status).toBe(400);
    expect((await client.ask('GET', hq('users?sort=shoe_size'))).status).toBe(400);
  });

  it('is created once, read, and cannot be activated before the invitation', async () => {
    const person = { email: 'new.user@sandbox.example', first_name: 'New', last_name: 'User' };
    const company_id = client.us.company_ids[3];
    const created = await client.ask('POST', hq('users'), { body: { ...person, company_id } });
    expect(created.status).toBe(201);
    const user = body(created);
    expect(user).toMatchObject({ ...person, company_id, name: 'New User', role: 'account_user' });
    expect([user.status, user.uid]).toEqual(['not_invited', null]);
    expect(body(await client.ask('GET', hq(`users/${user.id}`)))).toEqual(user);
    expect((await client.ask('POST', hq('users'), { body: { email: person.email.toUpperCase() } })).status).toBe(409);
    const early = await client.ask('PATCH', hq(`users/${user.id}`), { body: { status: 'active' } });
    expect([early.status, body(early).code]).toEqual([422, 1006]);
    const moved = await client.ask('PATCH', hq(`users/${user.id}`), { body: { company_id: client.us.company_ids[0] } });
    expect([moved.status, body(moved).company_id]).toEqual([200, client.us.company_ids[0]]);
  });

  it.each([
    [{}, 400],
    [{ email: 'nobody' }, 422],
    [{ email: 'x@y.example', company_id: 'none' }, 422],
    [{ email: 'x@y.example', city: 'x'.repeat(256) }, 422],
    [{ email: 'x@y.example', phone: 7 }, 422],
    [[], 400],
  ])('is not created from %j', async (given, status) => {
    const reply = await client.ask('POST', hq('users'), { body: given });
    expect([reply.status, Object.keys(body(reply))]).toEqual([status, ['code', 'message']]);
  });

  it('changes the status of a user that takes part, and keeps the change', async () => {
    const path = hq(`users/${client.us.member.id}`);
    expect(body(await client.ask('PATCH', path, { body: { status: 'inactive' } })).status).toBe('inactive');
    expect(body(await client.ask('GET', path)).status).toBe('inactive');
    expect(body(await client.ask('PATCH', path, { body: { status: 'active' } })).status).toBe('active');
    expect((await client.ask('PATCH', path, { body: { status: 'gone' } })).status).toBe(422);
    expect((await client.ask('GET', hq(`users/${client.us.member.uid}`))).status).toBe(404);
  });

  it('answers 400 for a body that is no JSON, or says that it is something else', async () => {
    const headers = {
      authorization: `Bearer ${await client.token('account:write')}`,
      'content-type': 'application/json',
    };
    const broken = await client.call(hq('users'), { method: 'POST', headers, body: '{"email":' });
    expect([broken.status, body(broken).code]).toEqual([400, 1000]);
    const typed = await client.ask('POST', hq('users'), { body: {}, headers: { 'content-type': 'text/plain' } });
    expect(typed.status).toBe(400);
    const large = await client.ask('POST', hq('users'), { body: { about_me: 'x'.repeat(1_100_000) } });
    expect(large.status).toBe(413);
  });
});

describe('companies, business units and BIM 360 projects', () => {
  it('lists companies in pages', async () => {
    const all = body(await client.ask('GET', hq('companies?limit=100')));
    expect(all.map((one) => one.id)).toEqual(client.us.company_ids);
    expect(body(await client.ask('GET', hq('companies?limit=5&offset=20'))).length).toBe(all.length - 20);
  });

  it('redefines the business units as a whole, and projects lose the ones that are gone', async () => {
    const path = hq('business_units_structure');
    const before = body(await client.ask('GET', path)).business_units;
    expect(before.map((one) => one.id)).toEqual(client.us.business_unit_ids);
    expect(before[2]).toMatchObject({ parent_id: before[0]?.id, path: before[0]?.name });
    const byUnit = `${ADMIN}/accounts/${client.us.account_id}/projects?filter[businessUnitId]=${before[0]?.id}`;
    expect(body(await client.ask('GET', byUnit)).pagination.totalResults).toBeGreaterThan(0);
    const top = { id: '11111111-2222-4333-8444-555555555555', parent_id: null, name: 'North' };
    const put = await client.ask('PUT', path, { body: { business_units: [{ parent_id: top.id, name: 'City' }, top] } });
    expect(put.status).toBe(200);
    expect(body(put).business_units).toMatchObject([
      { id: expect.any(String), parent_id: top.id, path: 'North', account_id: client.us.account_id },
      { id: top.id, parent_id: null, path: null },
    ]);
    expect(body(await client.ask('GET', path))).toEqual(body(put));
    expect(body(await client.ask('GET', byUnit)).pagination.totalResults).toBe(0);
    for (const business_units of [[{}], [{ name: 'x', parent_id: 'none' }], [{ ...top, parent_id: top.id }]]) {
      expect((await client.ask('PUT', path, { body: { business_units } })).status).toBe(422);
    }
    expect((await client.ask('PUT', path, { body: [] })).status).toBe(400);
  });

  it('updates a BIM 360 project for every API, and refuses an ACC project', async () => {
    const path = hq(`projects/${client.us.bim360_project_id}`);
    const hubProject = `/project/v1/hubs/${client.us.id}/projects/b.${client.us.bim360_project_id}`;
    expect((await client.ask('GET', hubProject)).status).toBe(200);
    const reply = await client.ask('PATCH', path, { body: { name: 'Renamed', start_date: '2025-01-01', value: 7 } });
    expect([reply.status, body(reply)]).toEqual([
      200,
      expect.objectContaining({ name: 'Renamed', value: 7, currency: 'USD', status: 'active' }),
    ]);
    expect((await client.ask('GET', hubProject)).json.data.attributes.name).toBe('Renamed');
    expect(body(await client.ask('GET', `${ADMIN}/projects/${client.us.bim360_project_id}`)).name).toBe('Renamed');
    expect((await client.ask('PATCH', path, { body: { end_date: '2024-01-01' } })).status).toBe(422);
    expect((await client.ask('PATCH', path, { body: { status: 'lost' } })).status).toBe(422);
    expect((await client.ask('PATCH', path, { body: {} })).status).toBe(400);
    const acc = await client.ask('PATCH', hq(`projects/${client.us.acc_project_id}`), { body: { name: 'No' } });
    expect(acc.status).toBe(403);
    expect((await client.ask('PATCH', path, { body: { status: 'archived' } })).status).toBe(200);
    expect((await client.ask('GET', `${hubProject}/topFolders`)).status).toBe(403);
    await client.ask('PATCH', path, { body: { status: 'active' } });
    expect((await client.ask('GET', `${hubProject}/topFolders`)).status).toBe(200);
  });

  it('lists the industry roles of BIM 360 projects alone', async () => {
    const path = (project: string) => `/hq/v2/accounts/${client.us.account_id}/projects/${project}/industry_roles`;
    const roles = body(
      await client.ask('GET', path(client.us.bim360_project_id), { headers: { 'x-user-id': 'SANDBOXUSER1' } }),
    );
    expect(roles.length).toBeGreaterThan(2);
    expect(roles[0]).toEqual({
      id: expect.any(String),
      project_id: client.us.bim360_project_id,
      name: expect.any(String),
      member_group_id: expect.any(String),
      services: {
        project_administration: { access_level: expect.any(String) },
        document_management: { access_level: expect.any(String) },
      },
    });
    expect((await client.ask('GET', path(client.us.acc_project_id))).status).toBe(403);
    const members = body(await client.ask('GET', `${ADMIN}/projects/${client.us.bim360_project_id}/users`)).results;
    expect(roles.map((one) => one.id)).toContain(members[0]?.roleIds[0]);
  });
});
