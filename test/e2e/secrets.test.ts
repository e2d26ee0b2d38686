import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fault } from '../../sandbox/aps/faults.ts';
import { type AnyJson, type CallOptions, type Client, clientOf, type Reply } from '../support/client.ts';
import { copyConnectors, FEW_ACTIONS, withoutRateLimit } from '../support/connectors.ts';
import { formsOf, secretsIn } from '../support/planted-secrets.ts';
import { makeKey, onBothStores, startWorld, type World } from '../support/server.ts';

/** Two of the flows end only at the deadline of a call. */
const TIMEOUT_S = 1;
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const KEY_IDENTITY = '/planted/me';
const KEY_METHODS = ['{in: basic}', '{in: header, name: X-Planted-Key, prefix: "Key "}']
  .map(
    (placement, index) =>
      `  - {id: key_${index}, label: Key, grant: api_key, placement: ${placement}, pattern: "^key", identity: {path: ${KEY_IDENTITY}, subject: body.id, name: body.name}, granted_scopes: body.scopes}\n`,
  )
  .join('');
const planted = (name: string) => `${name}-${randomBytes(24).toString('base64url')}`;

onBothStores('secrets', (open) => {
  let world: World;
  let removeConnectors: () => Promise<void>;
  const secrets: Record<string, string> = {};
  const answers: string[] = [];

  beforeAll(async () => {
    const connectors = await copyConnectors(FEW_ACTIONS);
    removeConnectors = connectors.remove;
    await connectors.edit('autodesk/connector.yaml', (text) =>
      // A 429 makes all later calls wait for the budget, which would keep the flows after it from the provider.
      withoutRateLimit(text, 'hubs')
        .replace('timeout_s: 30', `timeout_s: ${TIMEOUT_S}`)
        .replace(/(?=^account_settings:)/m, KEY_METHODS),
    );
    world = await startWorld(open, {
      env: { CORBEL_LOG_LEVEL: 'trace', CORBEL_CONNECTORS_DIR: connectors.directory },
    });
    const encryption = Buffer.from((world.env.CORBEL_ENCRYPTION_KEYS ?? '').split(':')[1] ?? '', 'base64');
    Object.assign(secrets, {
      encryption_key: encryption.toString('base64'),
      encryption_key_binary: encryption.toString('latin1'),
      operator_key: world.operator.key,
      backend_key: world.backend.key,
      sandbox_client_secret: world.sandbox.clientSecret,
      client_secret: planted('s/ecret'),
      changed_client_secret: planted('c+hanged'),
      access_token: planted('token'),
      refused_token: planted('refused'),
      unusable_token: `${planted('unusable')}\n`,
      provided_token: planted('provided'),
      provided_refresh_token: planted('refresh'),
      private_key: privateKey.split('\n')[5] ?? '',
      api_key: planted('key'),
      next_api_key: planted('key+next'),
    });
    await flows();
  });
  afterAll(async () => {
    await world?.stop();
    await removeConnectors?.();
  });

  /** Successes and failures of every kind, with secrets wherever one can stand; every answer but a new key's is kept. */
  async function flows(): Promise<void> {
    const keep = async (reply: Promise<Reply>): Promise<AnyJson> => {
      const { text, headers, json } = await reply;
      answers.push(text, JSON.stringify(headers));
      return json;
    };
    const operator = kept(world.operator, keep);
    const backend = kept(world.backend, keep);
    const { client_secret, changed_client_secret, access_token, refused_token, unusable_token } = secrets;
    const body = {
      name: 'Planted',
      connector: 'autodesk',
      authentication: 'two_legged',
      client_id: 'planted-client',
      client_secret,
      scopes: ['data:read'],
    };
    const profile = await operator('POST', '/connector_profiles', { body });
    await operator('GET', `/connector_profiles/${profile.id}`);
    await operator('GET', '/connector_profiles');
    await operator('PATCH', `/connector_profiles/${profile.id}`, { body: { name: 'Renamed' } });
    const account = await operator('POST', '/accounts', {
      body: { connector_profile_id: profile.id, owner_id: 'planted' },
    });
    // Secrets in bodies that are refused.
    for (const wrong of [[client_secret], `${client_secret}\n`, { value: client_secret }, 5]) {
      await operator('POST', '/connector_profiles', { body: { ...body, client_secret: wrong } });
      await operator('PATCH', `/connector_profiles/${profile.id}`, { body: { client_secret: wrong } });
    }
    await operator('POST', '/connector_profiles', { body: { ...body, scopes: ['data:raed'], secret: client_secret } });
    await operator('POST', '/connector_profiles', { body: `{"client_secret": "${client_secret}", oops` });
    await operator('POST', '/connector_profiles', { body: `"${client_secret}"` });

    const call = (query = '') =>
      backend('POST', `/actions/autodesk_list_hubs${query}`, { headers: { 'x-account-id': account.id }, body: {} });
    const faults = (...list: Fault[]) => world.sandbox.faults(list);
    const token = (access: string | undefined, status = 200): Fault => ({
      kind: 'status',
      path: '/authentication/',
      status,
      body: { access_token: access, token_type: 'Bearer', expires_in: 3_600, refresh_token: access },
    });
    // The provider says back all that it was told.
    const echo = (status: number, path: string, values: (string | undefined)[]): Fault => ({
      kind: 'status',
      path,
      status,
      body: {
        error: 'invalid_request',
        error_description: values.flatMap((value) => echoesOf(value ?? '')).join(' '),
        detail: `Bearer ${values[0]}`,
      },
      headers: { 'X-Request-Id': `${values[0]}`, 'X-Echo': `${values[0]}`, 'WWW-Authenticate': `Bearer ${values[0]}` },
    });
    await faults(echo(400, '/authentication/', [client_secret, `planted-client:${client_secret}`]));
    await call();
    await operator('POST', `/connector_profiles/${profile.id}/test`);
    await operator('PATCH', `/connector_profiles/${profile.id}`, { body: { client_secret: changed_client_secret } });
    await new Promise((resolve) => setTimeout(resolve, 900));
    await faults(token(unusable_token));
    await call();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await faults(token(refused_token, 400));
    await call();
    await operator('PATCH', `/connector_profiles/${profile.id}`, {
      body: { client_secret: `${changed_client_secret}2` },
    });
    await new Promise((resolve) => setTimeout(resolve, 900));
    await faults(token(access_token), { kind: 'status', path: '/project/', status: 200, body: { data: [] } });
    await call();
    await call('?raw=true');
    await call('?dry_run=true');
    for (const status of [400, 403, 404, 429, 500]) {
      await faults(echo(status, '/project/', [access_token, `${changed_client_secret}2`]));
      await call();
    }
    for (const fault of [
      { kind: 'not_json', path: '/project/' },
      { kind: 'reset', path: '/project/' },
      { kind: 'truncated', path: '/project/' },
      { kind: 'latency', path: '/project/', ms: 5_000 },
      { kind: 'redirect', path: '/project/', location: `/x?access_token=${access_token}` },
      { kind: 'status', path: '/project/', status: 200, body: `{"x": ${access_token}` },
    ] satisfies Fault[]) {
      await faults(fault);
      await call();
    }
    await faults(echo(401, '/project/', [access_token]), token(refused_token));
    await call();

    await personalFlows(operator, echo, body);
    await keyFlows(operator, echo);

    // Keys where they do not belong.
    const anonymous = kept(clientOf(world.server.origin), keep);
    const key = world.backend.key ?? '';
    await anonymous('GET', `/connectors?api_key=${key}`);
    await anonymous('GET', `/connectors/%zz?key=${key}`);
    await anonymous('GET', '/connectors', { headers: { authorization: `Token ${key}` } });
    await anonymous('GET', '/connectors', { headers: { authorization: `Bearer ${key}x` } });
    await anonymous('GET', '/connectors', { headers: { cookie: `key=${key}` } });
    await backend('GET', `/accounts/${key}`);
    await backend('POST', '/actions/autodesk_list_hubs', { headers: { 'x-account-id': key }, body: { name: [key] } });
    const made = await makeKey(world.operator, { role: 'backend' });
    secrets.made_key = made.token;
    await operator('GET', `/api_keys/${made.id}`);
    await operator('DELETE', `/api_keys/${made.id}`);
    await kept(clientOf(world.server.origin, made.token), keep)('GET', '/connectors');
    await world.sandbox.reset();
  }

  type Kept = ReturnType<typeof kept>;

  /** Service accounts, tokens from elsewhere, and webhook endpoints. */
  async function personalFlows(
    operator: Kept,
    echo: (status: number, path: string, values: (string | undefined)[]) => Fault,
    body: Record<string, unknown>,
  ): Promise<void> {
    const { provided_token, provided_refresh_token, client_secret } = secrets;
    const robot = { ...body, authentication: 'service_account', service_account_id: 'robot', key_id: 'key' };
    const profile = await operator('POST', '/connector_profiles', { body: { ...robot, private_key: privateKey } });
    await operator('GET', `/connector_profiles/${profile.id}`);
    await operator('PATCH', `/connector_profiles/${profile.id}`, {
      body: { private_key: privateKey, key_id: 'key-2' },
    });
    for (const wrong of [privateKey.slice(0, 700), `${privateKey}x`, [privateKey], { pem: privateKey }])
      await operator('POST', '/connector_profiles', { body: { ...robot, private_key: wrong } });
    await operator('POST', '/connector_profiles', { body: { ...body, private_key: privateKey } });
    const account = await operator('POST', '/accounts', {
      body: { connector_profile_id: profile.id, owner_id: 'robot' },
    });
    await operator('POST', `/connector_profiles/${profile.id}/test`);
    await operator('GET', `/accounts/${account.id}/credential`);

    const holder = await operator('POST', '/connector_profiles', { body: { ...body, authentication: 'token' } });
    const credential = { access_token: provided_token, refresh_token: provided_refresh_token };
    const wanted = { connector_profile_id: holder.id, owner_id: 'holder', credential };
    const introspection = '/authentication/v2/introspect';
    const active = { active: true, client_id: 'planted-client', scope: 'data:read', token: provided_token };
    for (const fault of [
      { kind: 'status', path: introspection, status: 200, body: { active: false, token: provided_token } },
      echo(400, introspection, [provided_token, client_secret]),
      echo(500, introspection, [provided_token, client_secret]),
    ] satisfies Fault[]) {
      await world.sandbox.faults([fault]);
      await operator('POST', '/accounts', { body: wanted });
    }
    await operator('POST', '/accounts', { body: { ...wanted, credential: { ...credential, token: provided_token } } });
    await operator('POST', '/accounts', { body: { ...wanted, credential: { access_token: `${provided_token}\n` } } });
    await world.sandbox.faults([
      { kind: 'status', path: introspection, status: 200, body: active },
      echo(500, '/userinfo', [provided_token]),
    ]);
    await operator('POST', '/accounts', { body: wanted });
    await world.sandbox.faults([
      { kind: 'status', path: introspection, status: 200, body: active },
      { kind: 'status', path: '/userinfo', status: 403, body: { token: provided_token } },
      echo(400, '/authentication/v2/token', [provided_refresh_token, client_secret]),
      echo(400, '/authentication/v2/revoke', [provided_refresh_token, client_secret]),
    ]);
    const linked = await operator('POST', '/accounts', { body: wanted });
    expect(linked.granted_scopes).toEqual(['data:read']);
    await operator('GET', `/accounts/${linked.id}/credential`);
    await operator('PUT', `/accounts/${linked.id}/credential`, { body: credential });
    await operator('POST', `/accounts/${linked.id}/refresh`);
    await operator('DELETE', `/accounts/${linked.id}`);

    const url = 'https://127.0.0.1:9/hook';
    const hook = await world.operator.post('/webhook_endpoints', { url, events: ['account.deleted'] });
    secrets.webhook_secret = hook.json.secret;
    await operator('GET', `/webhook_endpoints/${hook.json.id}`);
    await operator('DELETE', `/accounts/${account.id}`);
    await operator('GET', `/webhook_endpoints/${hook.json.id}/deliveries`);
  }

  /** Keys that accounts bring: given, refused, replaced, dead, and pasted into the link page. */
  async function keyFlows(
    operator: Kept,
    echo: (status: number, path: string, values: (string | undefined)[]) => Fault,
  ): Promise<void> {
    const { api_key = '', next_api_key } = secrets;
    const me = (body: object): Fault => ({ kind: 'status', path: KEY_IDENTITY, status: 200, body });
    for (const index of [0, 1]) {
      const method = { name: 'Keys', connector: 'autodesk', authentication: `key_${index}`, scopes: ['data:read'] };
      await operator('POST', '/connector_profiles', { body: { ...method, client_secret: api_key } });
      const profile = await operator('POST', '/connector_profiles', { body: method });
      await operator('POST', `/connector_profiles/${profile.id}/test`);
      const wanted = { connector_profile_id: profile.id, owner_id: 'key', credential: { api_key } };
      for (const wrong of [`${api_key}\n`, `x${api_key}`, [api_key], { value: api_key }])
        await operator('POST', '/accounts', { body: { ...wanted, credential: { api_key: wrong } } });
      for (const fault of [
        ...[401, 400].map((status) => echo(status, KEY_IDENTITY, [api_key, `${api_key}:`])),
        me({ id: api_key }),
        me({ id: `user ${api_key}`, scopes: ['data:read'] }),
      ]) {
        await world.sandbox.faults([fault]);
        await operator('POST', '/accounts', { body: wanted });
      }
      await world.sandbox.faults([me({ id: 'user', name: `I am ${api_key}`, scopes: ['data:read', api_key] })]);
      const account = await operator('POST', '/accounts', { body: wanted });
      expect(account).toMatchObject({ identity: { subject: 'user', name: null }, granted_scopes: ['data:read'] });
      const call = (query = '') =>
        operator('POST', `/actions/autodesk_list_hubs${query}`, { headers: { 'x-account-id': account.id }, body: {} });
      await call('?dry_run=true');
      for (const status of [400, 403, 401]) {
        await world.sandbox.faults([echo(status, '/project/', [api_key, `${api_key}:`])]);
        await call();
      }
      expect((await operator('GET', `/accounts/${account.id}`)).status).toBe('reauth_required');
      await operator('PUT', `/accounts/${account.id}/credential`, { body: { api_key: `x${api_key}` } });
      await world.sandbox.faults([me({ id: 'user' })]);
      await operator('PUT', `/accounts/${account.id}/credential`, { body: { api_key: next_api_key } });
      expect((await operator('GET', `/accounts/${account.id}/credential`)).account_status).toBe('active');
      await operator('POST', `/accounts/${account.id}/refresh`);

      const invited = await operator('POST', '/connect_sessions', {
        body: { connector_profile_id: profile.id, owner_id: 'key' },
      });
      const token = new URL(invited.url).hash.slice(1);
      const visitor = clientOf(world.server.origin);
      const opened = await visitor.post('/hub/session', { token });
      const headers = { cookie: String(opened.headers['set-cookie']).split(';')[0] ?? '' };
      const start = async (settings: object, key: unknown): Promise<AnyJson> => {
        const body = { token, settings, api_key: key };
        const reply = await visitor.call('POST', '/hub/start', { headers, body });
        answers.push(reply.text, JSON.stringify(reply.headers));
        return reply.json;
      };
      for (const wrong of [`x${api_key}`, [api_key], `${api_key}\n`]) await start({}, wrong);
      await world.sandbox.faults([echo(401, KEY_IDENTITY, [api_key, `${api_key}:`])]);
      expect((await start({}, api_key)).code).toBe('credential_inactive');
      await world.sandbox.faults([me({ id: 'user' })]);
      expect(await start({}, api_key)).toMatchObject({ outcome: { state: 'authenticated' } });
      await operator('DELETE', `/accounts/${account.id}`);
    }
    await operator('GET', '/requests');
  }

  it('are found by this test when they stand somewhere', () => {
    const { client_secret = '' } = secrets;
    for (const form of formsOf(client_secret)) expect(secretsIn(`x${form}y`, secrets)).toContain('client_secret');
    expect(secretsIn(Buffer.from(`ab${client_secret}c`).toString('base64'), secrets)).toContain('client_secret');
    expect(secretsIn('nothing', secrets)).toEqual([]);
  });

  it('stand in no answer', () => {
    expect(answers.length).toBeGreaterThan(80);
    expect(answers.filter((answer) => secretsIn(answer, secrets).length > 0)).toEqual([]);
  });

  it('stand in no log line, the one operator key of the first start excepted', () => {
    const { operator_key = '' } = secrets;
    const output = world.server.stdout() + world.server.stderr();
    expect(world.server.records().length).toBeGreaterThan(40);
    expect(output.split(operator_key)).toHaveLength(2);
    expect(secretsIn(output.replace(operator_key, ''), secrets)).toEqual([]);
  });

  it('stand in no file of the store', async () => {
    const bytes = await world.store.files();
    expect(bytes.includes('planted-client')).toBe(true);
    expect(secretsIn(bytes, secrets)).toEqual([]);
  });

  it('did not keep the log from telling what happened', () => {
    const problems = new Set(world.server.records().map(({ problem }) => problem));
    for (const code of [
      'token_request_rejected',
      'token_response_invalid',
      'provider_timeout',
      'provider_unreachable',
      'provider_rate_limited',
      'body_not_json',
      'key_revoked',
    ])
      expect(problems).toContain(code);
  });
});

/** A secret in every form that a careless provider could give it back in. */
function echoesOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  return [secret, encodeURIComponent(secret), form, bytes.toString('base64'), bytes.toString('base64url')];
}

function kept(client: Client, keep: (reply: Promise<Reply>) => Promise<AnyJson>) {
  return (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: CallOptions = {}) =>
    keep(client.call(method, path, options));
}
