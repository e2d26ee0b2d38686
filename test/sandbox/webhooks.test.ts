import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountAnswer as parsed } from './account-documents.ts';
import { type CallOptions, type Running, startSandbox } from './client.ts';

let running: Running;
let token: string;

beforeAll(async () => {
  running = await startSandbox({ usProjects: 1, emeaProjects: 1 });
  token = await running.token('data:read data:write');
});
afterAll(() => running.stop());

const HOOKS = '/webhooks/v1/hooks';
const event = (system: string, name: string) => `/webhooks/v1/systems/${system}/events/${name}/hooks`;
const ADDED = event('data', 'dm.version.added');
const folder = (name: string) => ({ folder: `urn:adsk.wipprod:fs.folder:co.${name}` });

interface CallMore {
  region?: string;
  body?: object;
  /** The token. */
  as?: string;
}

function call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, more: CallMore = {}) {
  const { region, body, as = token } = more;
  const options: CallOptions = {
    method,
    headers: {
      authorization: `Bearer ${as}`,
      ...(region === undefined ? {} : { 'x-ads-region': region }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  return running.call(path, options);
}

interface CreateMore {
  body?: object;
  call?: CallMore;
}
const create = (scope: string, more: CreateMore = {}, path = ADDED) =>
  call('POST', path, {
    body: { callbackUrl: 'https://hooks.example/in', scope: folder(scope), ...more.body },
    ...more.call,
  });

describe('webhooks', () => {
  it('answers 204 without a body while a region has none', async () => {
    const reply = await call('GET', HOOKS, { region: 'JPN' });
    expect([reply.status, reply.bytes.length]).toEqual([204, 0]);
  });

  it('is created with an empty 201, the id being in Location alone, and then read, changed and deleted', async () => {
    const attribute = { projectId: 'p', nested: { deep: true } };
    const created = await create('life', {
      body: { hookAttribute: attribute, hookExpiry: '2999-09-21T17:04:10.444Z' },
    });
    expect([created.status, created.bytes.length]).toEqual([201, 0]);
    const location = new URL(String(created.headers.location));
    expect(location.origin).toBe(running.origin);
    expect(location.pathname).toMatch(new RegExp(`^${ADDED}/[0-9a-f-]{36}$`));
    const id = location.pathname.split('/').at(-1);
    const hook = parsed(await call('GET', location.pathname));
    expect(hook).toEqual({
      hookId: id,
      tenant: folder('life').folder,
      callbackUrl: 'https://hooks.example/in',
      createdBy: 'sandbox-client',
      event: 'dm.version.added',
      createdDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      lastUpdatedDate: hook.createdDate,
      system: 'data',
      creatorType: 'Application',
      status: 'active',
      autoReactivateHook: false,
      hookExpiry: '2999-09-21T17:04:10.444Z',
      hookAttribute: attribute,
      scope: folder('life'),
      urn: `urn:adsk.webhooks:events.hook:${id}`,
      __self__: `/systems/data/events/dm.version.added/hooks/${id}`,
    });

    const changes = { status: 'inactive', filter: "$[?(@.ext=='txt')]", hookExpiry: null, token: 'a-secret' };
    const changed = await call('PATCH', location.pathname, { body: changes });
    expect([changed.status, changed.bytes.length]).toEqual([204, 0]);
    const after = parsed(await call('GET', location.pathname));
    expect(after).toMatchObject({ status: 'inactive', filter: changes.filter });
    expect([after.hookExpiry, after.token]).toEqual([undefined, undefined]);
    expect((await call('PATCH', location.pathname, { body: { callbackUrl: 'https://x.example' } })).status).toBe(400);

    const gone = await call('DELETE', location.pathname);
    expect([gone.status, gone.bytes.length]).toEqual([204, 0]);
    expect((await call('GET', location.pathname)).status).toBe(404);
    expect((await call('DELETE', location.pathname)).status).toBe(404);
  });

  it('answers 409 for the same address, scope and event, and only then', async () => {
    expect((await create('twice')).status).toBe(201);
    expect((await create('twice')).status).toBe(409);
    expect((await create('twice', {}, event('data', 'dm.version.deleted'))).status).toBe(201);
    expect((await create('twice', { body: { callbackUrl: 'https://hooks.example/other' } })).status).toBe(201);
    expect((await create('twice', { call: { region: 'EMEA' } })).status).toBe(201);
  });

  it('keeps regions apart, and lets the header win over the query', async () => {
    const { headers } = await create('far', { call: { region: 'AUS' } });
    const path = new URL(String(headers.location)).pathname;
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('GET', path, { region: 'AUS' })).status).toBe(200);
    expect((await call('GET', `${path}?region=AUS`)).status).toBe(200);
    expect((await call('GET', `${path}?region=US`, { region: 'aus' })).status).toBe(200);
    expect((await call('GET', `${path}?region=AUS`, { region: 'US' })).status).toBe(404);
    expect((await call('GET', path, { region: 'MARS' })).status).toBe(400);
  });

  it('lists pages of 200 with a relative next link, by status and by system', async () => {
    for (let index = 0; index < 203; index++) await create(`many-${index}`, { call: { region: 'CAN' } });
    const model = event('adsk.c4r', 'model.sync');
    const other = await create('model', { call: { region: 'CAN' } }, model);
    const path = new URL(String(other.headers.location)).pathname;
    await call('PATCH', path, { region: 'CAN', body: { status: 'inactive' } });
    const first = parsed(await call('GET', HOOKS, { region: 'CAN' }));
    expect(first.data).toHaveLength(200);
    expect(first.links.next).toMatch(/^\/hooks\?pageState=/);
    const second = parsed(await call('GET', `/webhooks/v1${first.links.next}`, { region: 'CAN' }));
    expect([second.data.length, second.links]).toEqual([4, {}]);
    const inactive = parsed(await call('GET', `${HOOKS}?status=inactive`, { region: 'CAN' }));
    expect(inactive.data.map((one) => one.system)).toEqual(['adsk.c4r']);
    const ofSystem = parsed(await call('GET', '/webhooks/v1/systems/data/hooks', { region: 'CAN' }));
    expect(ofSystem.links.next).toMatch(/^\/systems\/data\/hooks\?pageState=/);
    const derivative = await call('GET', '/webhooks/v1/systems/derivative/hooks', { region: 'CAN' });
    expect(derivative.status).toBe(204);
    expect((await call('GET', `${HOOKS}?pageState=zzz`, { region: 'CAN' })).status).toBe(400);
    expect((await call('GET', `${HOOKS}?status=odd`, { region: 'CAN' })).status).toBe(400);
  });

  it.each([
    [{ callbackUrl: 'ftp://hooks.example' }],
    [{ callbackUrl: 'hooks' }],
    [{ scope: 'all' }],
    [{ scope: {} }],
    [{ scope: { workflow: 'x' } }],
    [{ hookAttribute: { long: 'x'.repeat(1100) } }],
    [{ hookExpiry: 'tomorrow' }],
    [{ hubId: 'without-prefix' }],
    [{ autoReactivateHook: 'yes' }],
  ])('is not created with %j', async (body) => {
    expect((await create('bad', { body })).status).toBe(400);
  });

  it('answers 404 for unknown systems and events', async () => {
    expect((await create('x', {}, event('nothing', 'dm.version.added'))).status).toBe(404);
    expect((await create('x', {}, event('data', 'dm.version.painted'))).status).toBe(404);
    expect((await call('GET', '/webhooks/v1/systems/nothing/hooks')).status).toBe(404);
    expect((await create('x', {}, event('derivative', 'extraction.finished'))).status).toBe(400);
    const derivative = { body: { scope: { workflow: 'my-flow' } } };
    expect((await create('x', derivative, event('derivative', 'extraction.finished'))).status).toBe(201);
  });

  it('needs data:read, and data:write to write', async () => {
    const reader = await running.token('data:read');
    expect((await call('GET', HOOKS, { as: reader })).status).toBe(200);
    expect((await create('x', { call: { as: reader } })).status).toBe(403);
    const account = await running.token('account:read');
    expect((await call('GET', HOOKS, { as: account })).status).toBe(403);
  });

  it("shows a person's hooks to the person alone", async () => {
    const { access_token: person } = await running.sandbox.issueToken({
      scope: 'data:read data:write',
      user_id: 'SANDBOXUSER3',
    });
    const { headers } = await create('mine', { call: { as: person } });
    const path = new URL(String(headers.location)).pathname;
    expect(parsed(await call('GET', path, { as: person }))).toMatchObject({
      creatorType: 'O2User',
      createdBy: 'SANDBOXUSER3',
    });
    expect((await call('GET', path)).status).toBe(404);
  });
});
