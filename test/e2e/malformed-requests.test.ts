import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../src/problems.ts';
import { type AnyJson, clientOf, expectData, type Reply } from '../support/client.ts';
import { expectHarmless } from '../support/harmless.ts';
import { openSqlite, startWorld, type World } from '../support/server.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(openSqlite, { furtherActions: ['folders'], env: { CORBEL_BODY_LIMIT_BYTES: '65536' } });
  expectData(await world.backend.act('list_hubs', world.account));
});
afterAll(() => world?.stop());

const refused = (code: ProblemCode, call: () => Promise<Reply>) => expectHarmless(world, code, call);
const post = (body: unknown, headers: Record<string, string> = {}) =>
  world.backend.call('POST', '/actions/autodesk_list_hubs', {
    body,
    headers: { 'x-account-id': world.account, ...headers },
  });

describe('inputs', () => {
  it('lists everything that is missing, unknown and mistyped at once', async () => {
    const inputs = {
      project_id: 1,
      kind: 'file',
      id: ['x', 2],
      include_hidden: 'yes',
      folder_ids: 'x',
      page_size: 201,
    };
    const { errors } = await refused('inputs_invalid', () =>
      world.backend.act('list_folder_contents', world.account, inputs),
    );
    const paths = errors.map(({ path }: AnyJson) => path);
    for (const name of ['project_id', 'kind', 'id/1', 'include_hidden', 'folder_ids', 'page_size', 'folder_id'])
      expect(paths).toContain(`/${name}`);
    const unknown = errors.find(({ path }: AnyJson) => path === '/folder_ids');
    expect(unknown.message).toContain('folder_id');
  });

  it('refuses every kind of thing where a text is due', async () => {
    for (const hub_id of [null, 0, true, [], ['x'], {}, { toString: 'x' }]) {
      await refused('inputs_invalid', () => world.backend.act('get_hub', world.account, { hub_id }));
    }
  });

  it('refuses inputs that are named like members of every object', async () => {
    for (const name of ['toString', 'constructor', 'hasOwnProperty', 'valueOf']) {
      await refused('inputs_invalid', () => world.backend.act('list_hubs', world.account, { [name]: 'x' }));
    }
  });

  it('refuses query flags that are no flags, and parameters that it does not know', async () => {
    const { hub } = world;
    for (const query of ['raw=1', 'dry_run=yes', 'raw=true&raw=true', 'dryrun=true', 'dry-run=true', 'page_size=3']) {
      await refused('request_invalid', () => world.backend.act('get_hub', world.account, { hub_id: hub }, query));
    }
  });

  it('refuses list parameters that it does not know or cannot read', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'conector=autodesk', 'status=actve']) {
      await refused('request_invalid', () => world.operator.get(`/accounts?${query}`));
    }
    for (const name of ['connector', 'connector_profile_id'])
      for (const value of ['%00', 'x%20active', 'x'.repeat(300), '%ED%A0%80'])
        await refused('request_invalid', () => world.operator.get(`/accounts?${name}=${value}`));
    await refused('cursor_invalid', () => world.operator.get('/accounts?next=Zm9v'));
  });

  it('refuses profiles with unknown connectors, methods, scopes and actions, all at once', async () => {
    const profile = {
      name: 'x',
      connector: 'autodesk',
      authentication: 'two_leged',
      client_id: 'x',
      client_secret: 'x',
      scopes: ['data:read', 'data:raed'],
      actions: ['autodesk_list_hubs', 'autodesk_nothing'],
    };
    const { errors } = await refused('request_invalid', () => world.operator.post('/connector_profiles', profile));
    expect(errors.map(({ path }: AnyJson) => path)).toEqual(['/authentication', '/scopes/1', '/actions/1']);
    expect(errors[1].message).toContain('data:read');
    const other = { ...profile, connector: 'autodest', authentication: 'two_legged', scopes: [], actions: null };
    expect((await refused('request_invalid', () => world.operator.post('/connector_profiles', other))).errors).toEqual([
      { path: '/connector', message: expect.stringContaining('autodesk') },
    ]);
  });

  it('refuses account settings that the connector does not declare or that do not fit', async () => {
    const settings = { region: 'MOON', account_id: 'x', user_id: 'u'.repeat(65), regoin: 'US' };
    const body = { connector_profile_id: world.profile, owner_id: 'x', settings };
    const { errors } = await refused('request_invalid', () => world.operator.post('/accounts', body));
    expect(errors.map(({ path }: AnyJson) => path).sort()).toEqual(
      ['/settings/account_id', '/settings/region', '/settings/regoin', '/settings/user_id'].sort(),
    );
  });
});

describe('bodies', () => {
  it('refuses what is not JSON', async () => {
    for (const body of ['{"a":', 'a=1', '{"a":1}{"b":2}', 'NaN', "{'a':1}", '\u0000', Buffer.from([0xff, 0xfe])]) {
      await refused('body_not_json', () => post(body));
    }
  });

  it('refuses JSON that is no object', async () => {
    for (const body of ['[]', '"x"', '1', 'true']) await refused('body_not_json', () => post(body));
  });

  it('takes no body for no inputs', async () => {
    expectData(await post(undefined));
    expectData(await post(''));
  });

  it('refuses a body that is too large, also when it comes in pieces', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(70_000) });
    await refused('body_too_large', () => post(large));
    const answer = await rawRequest(
      world.server.origin,
      `POST /actions/autodesk_list_hubs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.backend.key}\r\n` +
        'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n' +
        `${'4000\r\n'}${'x'.repeat(0x4000)}\r\n`.repeat(5),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"body_too_large"/);
  });

  it('refuses a body that nests too deeply', async () => {
    for (const depth of [33, 1_000, 30_000]) {
      await refused('body_too_deep', () => post(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`));
    }
  });

  it('refuses keys that could reach a prototype, however written and wherever', async () => {
    for (const body of [
      '{"__proto__":{"x":1}}',
      '{"id":[{"__proto__":{"x":1}}]}',
      '{"\\u005f_proto__":{"x":1}}',
      '{"constructor":{"prototype":{"x":1}}}',
    ]) {
      await refused('body_poisoned', () => post(body));
    }
  });

  it('refuses media types other than JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])
      await refused('media_type_unsupported', () => post('{}', { 'content-type': type }));
    await refused('request_invalid', () => post('{}', { 'content-type': 'multipart/form-data; boundary=x' }));
    await refused('file_unexpected', () => post('{}', { 'content-type': 'application/octet-stream' }));
  });
});

describe('paths', () => {
  it('answers unknown routes, with a key or without', async () => {
    await refused('route_not_found', () => world.backend.get('/nothing'));
    await refused('route_not_found', () => clientOf(world.server.origin).get('/nothing'));
    await refused('route_not_found', () => world.backend.call('PUT', '/actions/autodesk_list_hubs', { body: {} }));
  });

  it('answers paths that cannot be decoded or are too long', async () => {
    await refused('route_not_found', () => world.operator.get('/accounts/%zz'));
    await refused('route_not_found', () => world.operator.get(`/accounts/${'a'.repeat(600)}`));
  });

  it('finds nothing under ids of hostile forms', async () => {
    for (const id of ['%00', '..%2f..%2fx', '%7Bx%7D', '*', '%0d%0aX:1', "'%20OR%201=1", 'a'.repeat(300)]) {
      await refused('account_not_found', () => world.operator.get(`/accounts/${id}`));
      await refused('not_found', () => world.operator.get(`/connector_profiles/${id}`));
      await refused('not_found', () => world.operator.post(`/connector_profiles/${id}/test`));
      await refused('not_found', () => world.operator.get(`/api_keys/${id}`));
      await refused('not_found', () => world.operator.get(`/projects/${id}`));
    }
  });
});

it('answers requests that are no HTTP, and lives on', async () => {
  expect(await rawRequest(world.server.origin, 'GARBAGE\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 400 [\s\S]*"code":"request_invalid"/,
  );
  const flood = `GET / HTTP/1.1\r\nHost: x\r\nX-Flood: ${'x'.repeat(20_000)}\r\n\r\n`;
  expect(await rawRequest(world.server.origin, flood)).toMatch(/^HTTP\/1\.1 431 [\s\S]*"request_invalid"/);
  const smuggled = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  expect(await rawRequest(world.server.origin, smuggled)).toMatch(/^HTTP\/1\.1 400 /);
  expect((await clientOf(world.server.origin).get('/healthz')).status).toBe(200);
});

/** Sends bytes as they are; gives everything that comes back. */
function rawRequest(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(1_500, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}
