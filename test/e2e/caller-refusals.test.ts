import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../src/problems.ts';
import { type AnyJson, type Client, clientOf, expectData, expectProblem, type Reply } from '../support/client.ts';
import { makeKey, onBothStores, seedAccount, startWorld, type World } from '../support/server.ts';

onBothStores('what callers are refused', (open) => {
  let world: World;
  let foreign: { operator: Client; account: string; profile: string };
  beforeAll(async () => {
    world = await startWorld(open, { env: { CORBEL_BODY_LIMIT_BYTES: '65536' } });
    const project = await world.operator.post('/projects', { name: 'Other' });
    const operator = clientOf(world.server.origin, project.json.operator_key.token);
    foreign = { operator, ...(await seedAccount(operator, world.sandbox)) };
    expectData(await world.backend.act('list_hubs', world.account));
  });
  afterAll(() => world?.stop());

  /** The refusal has this code, changes nothing, and the provider hears nothing. */
  async function refused(code: ProblemCode, call: () => Promise<Reply>): Promise<AnyJson> {
    const before = await snapshot();
    const document = expectProblem(await call(), code);
    expect(await snapshot()).toEqual(before);
    return document;
  }

  async function snapshot(): Promise<AnyJson> {
    const lists = ['/connector_profiles', '/accounts', '/api_keys', '/projects'].map(async (path) => {
      const { data } = (await world.operator.get(`${path}?limit=100`)).json;
      return data.map(({ last_used_at: _used, ...rest }: AnyJson) => rest);
    });
    return { lists: await Promise.all(lists), sent: (await world.sandbox.log()).count };
  }

  const post = (body: unknown, headers: Record<string, string> = {}, path = '/actions/autodesk_list_hubs') =>
    world.backend.call('POST', path, { body, headers: { 'x-account-id': world.account, ...headers } });

  describe('for their key', () => {
    const hubs = (key?: string) => clientOf(world.server.origin, key).act('list_hubs', world.account);

    it('refuses a call without a key', async () => {
      await refused('key_missing', () => hubs());
    });

    it('says in WWW-Authenticate how to authenticate', async () => {
      expect((await hubs()).headers['www-authenticate']).toMatch(/^Bearer/);
    });

    it('refuses a key in the query', async () => {
      const path = `/actions/autodesk_list_hubs?api_key=${world.backend.key}`;
      await refused('key_missing', () => clientOf(world.server.origin).call('POST', path, { body: {} }));
    });

    it('refuses keys that are wrong, truncated, lengthened, or of no form at all', async () => {
      const key = world.backend.key ?? '';
      const last = key.endsWith('A') ? 'B' : 'A';
      for (const wrong of [key.slice(0, -1) + last, key.slice(0, -1), `${key}A`, 'x', 'ck_', "' OR 1=1 --"]) {
        const reply = await hubs(wrong);
        expectProblem(reply, /\s/.test(wrong) ? 'key_missing' : 'key_invalid');
      }
    });

    it('refuses the secret of one key with the id of another', async () => {
      const [, project, , secret] = (world.backend.key ?? '').split('_');
      const [, , id] = (world.operator.key ?? '').split('_');
      await refused('key_invalid', () => hubs(`ck_${project}_${id}_${secret}`));
    });

    it('takes the key as the user name of Basic, too', async () => {
      const basic = Buffer.from(`${world.backend.key}:`).toString('base64');
      const open = clientOf(world.server.origin);
      const headers = { authorization: `Basic ${basic}`, 'x-account-id': world.account };
      expectData(await open.call('POST', '/actions/autodesk_list_hubs', { headers }));
    });

    it('refuses a revoked key', async () => {
      const { id, token } = await makeKey(world.operator, { role: 'backend' });
      expectData(await hubs(token));
      expect((await world.operator.delete(`/api_keys/${id}`)).json.revoked_at).toEqual(expect.any(String));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await refused('key_revoked', () => hubs(token));
    });

    it('refuses an expired key', async () => {
      const expires_at = new Date(Date.now() + 400).toISOString();
      const { token } = await makeKey(world.operator, { role: 'backend', expires_at });
      expectData(await hubs(token));
      await new Promise((resolve) => setTimeout(resolve, 450));
      await refused('key_expired', () => hubs(token));
    });

    it('refuses backends what only operators may do', async () => {
      await refused('role_forbidden', () => world.backend.get('/connector_profiles'));
      await refused('role_forbidden', () => world.backend.post('/api_keys', { name: 'Mine', role: 'operator' }));
    });

    it('refuses operators of other projects to make projects', async () => {
      await refused('role_forbidden', () => foreign.operator.post('/projects', { name: 'Mine' }));
    });

    it('refuses a key what it is not narrowed to: actions, accounts', async () => {
      const other = await seedAccount(world.operator, world.sandbox);
      const { token } = await makeKey(world.operator, {
        role: 'backend',
        actions: ['autodesk_list_hubs'],
        accounts: [world.account],
      });
      const narrowed = clientOf(world.server.origin, token);
      expectData(await narrowed.act('list_hubs', world.account));
      await refused('key_not_allowed', () => narrowed.act('get_hub', world.account, { hub_id: world.hub }));
      await refused('key_not_allowed', () => narrowed.act('list_hubs', other.account));
      await refused('key_not_allowed', () => narrowed.get('/actions/autodesk_get_hub'));
      await refused('account_not_found', () => narrowed.get(`/accounts/${other.account}`));
      expect((await narrowed.get('/accounts')).json.data.map(({ id }: AnyJson) => id)).toEqual([world.account]);
      expect((await narrowed.get('/actions')).json.data.map(({ id }: AnyJson) => id)).toEqual(['autodesk_list_hubs']);
    });

    it('refuses keys that could not work: narrowed operators, expiries in the past or without a zone', async () => {
      for (const body of [
        { name: 'x', role: 'operator', actions: ['autodesk_list_hubs'] },
        { name: 'x', role: 'backend', expires_at: '2020-01-01T00:00:00Z' },
        { name: 'x', role: 'backend', expires_at: '2099-01-01T00:00:00' },
        { name: 'x', role: 'admin' },
        { role: 'backend', secret: 'mine', project: 'prj_x' },
      ]) {
        await refused('request_invalid', () => world.operator.post('/api_keys', body));
      }
    });
  });

  describe('for the action and the account', () => {
    it('refuses an unknown action and says which one was meant', async () => {
      const document = await refused('action_unknown', () => world.backend.act('list_hub', world.account));
      expect(document.did_you_mean).toBe('autodesk_list_hubs');
      expect(document.hint).toContain('autodesk_list_hubs');
    });

    it('refuses a call that names no account', async () => {
      await refused('account_missing', () => world.backend.post('/actions/autodesk_list_hubs', {}));
      await refused('account_missing', () => post({}, { 'x-account-id': '' }));
    });

    it('refuses accounts that do not exist, are no ids, are several, or belong to another project, all alike', async () => {
      const unknown = `acc_${'0'.repeat(22)}`;
      const details = new Set<string>();
      const several = `${world.account}, ${foreign.account}`;
      for (const id of [unknown, 'x', '../x', '__proto__', world.profile, several, foreign.account]) {
        details.add((await refused('account_not_found', () => world.backend.act('list_hubs', id))).detail);
      }
      expect(details.size).toBe(1);
    });

    it('refuses a suspended account with its reasons until it is resumed', async () => {
      const { account } = await seedAccount(world.operator, world.sandbox);
      await world.operator.post(`/accounts/${account}/suspend`);
      const document = await refused('account_inactive', () => world.backend.act('list_hubs', account));
      expect(document).toMatchObject({ account, account_status: 'inactive', status_reasons: [{ code: 'suspended' }] });
      await world.operator.post(`/accounts/${account}/resume`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expectData(await world.backend.act('list_hubs', account));
    });

    it('refuses accounts of a disabled profile, and shows them as inactive', async () => {
      const { account, profile } = await seedAccount(world.operator, world.sandbox, { profile: { enabled: false } });
      const document = await refused('profile_disabled', () => world.backend.act('list_hubs', account));
      expect(document.connector_profile).toBe(profile);
      expect((await world.backend.get(`/accounts/${account}`)).json).toMatchObject({
        status: 'inactive',
        status_reasons: [{ code: 'profile_disabled' }],
      });
    });

    it('refuses a deleted account', async () => {
      const { account } = await seedAccount(world.operator, world.sandbox);
      expect((await world.operator.delete(`/accounts/${account}`)).status).toBe(204);
      await refused('account_not_found', () => world.backend.act('list_hubs', account));
    });

    it('refuses an action that the profile does not enable', async () => {
      const { account } = await seedAccount(world.operator, world.sandbox, {
        profile: { actions: ['autodesk_list_hubs'] },
      });
      const document = await refused('action_disabled', () =>
        world.backend.act('get_hub', account, { hub_id: world.hub }),
      );
      expect(document).toMatchObject({ action: 'autodesk_get_hub', fault: 'operator' });
    });

    it('refuses an action whose scopes the profile lacks: names them and the remedy, asks for no token', async () => {
      const { account, profile } = await seedAccount(world.operator, world.sandbox, {
        profile: { scopes: ['data:write', 'bucket:read'] },
      });
      const { token_requests } = await world.sandbox.log();
      const document = await refused('scopes_missing', () => world.backend.act('list_hubs', account));
      expect(document).toMatchObject({
        status: 403,
        action: 'autodesk_list_hubs',
        missing_scopes: ['data:read'],
        connector_profile: profile,
        granted_by: 'operator',
      });
      expect(document.hint).toContain('data:read');
      expect((await world.sandbox.log()).token_requests).toBe(token_requests);
      await refused('scopes_missing', () => world.backend.act('list_hubs', account, {}, 'dry_run=true'));
    });

    it('refuses to delete a profile in use', async () => {
      await refused('in_use', () => world.operator.delete(`/connector_profiles/${world.profile}`));
    });
  });

  describe('for their inputs', () => {
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
      for (const query of ['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'conector=autodesk']) {
        await refused('request_invalid', () => world.operator.get(`/accounts?${query}`));
      }
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
      expect(
        (await refused('request_invalid', () => world.operator.post('/connector_profiles', other))).errors,
      ).toEqual([{ path: '/connector', message: expect.stringContaining('autodesk') }]);
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

  describe('for their body', () => {
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
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/xml',
        'multipart/form-data; boundary=x',
      ])
        await refused('media_type_unsupported', () => post('{}', { 'content-type': type }));
    });
  });

  describe('for their path', () => {
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

  it('has logged every refusal with its code and no failure of its own', () => {
    const records = world.server.records();
    expect(records.some(({ problem }) => problem === 'scopes_missing')).toBe(true);
    expect(records.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    expect(world.server.stderr()).toBe('');
  });
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
