import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AnyJson, type Client, clientOf, expectData, expectProblem, type Reply } from '../support/client.ts';
import { type KeyedProvider, startKeyedProvider } from '../support/keyed-provider.ts';
import { until } from '../support/redis.ts';
import { onBothStores, type Server, type StoreOfTest, startServer } from '../support/server.ts';

const KEY = 'kt-first-key-of-anna';
const NEXT = 'kt-second-key-of-anna';
const OTHER = 'kt-key-of-ben';

onBothStores('accounts with keys', (open) => {
  let provider: KeyedProvider;
  let store: StoreOfTest;
  let servers: Server[];
  let operator: Client;
  /** The same project at another process. */
  let elsewhere: Client;

  beforeAll(async () => {
    [provider, store] = await Promise.all([startKeyedProvider(), open()]);
    const env = { ...store.env, ...provider.env };
    const first = await startServer(env);
    servers = [first, await startServer(env)];
    operator = clientOf(first.origin, first.operatorKey);
    elsewhere = clientOf(servers[1]?.origin ?? '', first.operatorKey);
  });
  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.stop('SIGKILL')));
    await provider?.stop();
    await store?.remove();
  });
  beforeEach(() => {
    provider.keys = new Map([
      [KEY, { id: 'anna', scopes: 'read,write' }],
      [NEXT, { id: 'anna', scopes: 'read' }],
      [OTHER, { id: 'ben', scopes: 'read' }],
    ]);
    provider.seen = [];
    provider.twist = undefined;
    provider.before = undefined;
  });

  const made = async (reply: Promise<Reply>): Promise<AnyJson> => {
    const { status, text, json } = await reply;
    expect(status, text).toBe(201);
    return json;
  };
  const makeProfile = (authentication = 'key', more: Record<string, unknown> = {}) =>
    operator.post('/connector_profiles', {
      name: 'Keys',
      connector: 'keyed',
      authentication,
      scopes: ['read', 'write'],
      ...more,
    });
  const profileOf = async (authentication?: string) => (await made(makeProfile(authentication))).id;
  const makeAccount = (profile: string, credential: unknown) =>
    operator.post('/accounts', { connector_profile_id: profile, owner_id: 'customer', credential });
  const accountWith = async (api_key: string, authentication?: string) =>
    (await made(makeAccount(await profileOf(authentication), { api_key }))).id;
  const call = (account: string, action = 'list_things', { client = operator, query = '' } = {}) =>
    client.call('POST', `/actions/keyed_${action}${query}`, { headers: { 'x-account-id': account }, body: {} });
  const replace = (account: string, body: unknown) => operator.call('PUT', `/accounts/${account}/credential`, { body });
  const statusOf = async (account: string) => {
    const { status, status_reasons } = (await operator.get(`/accounts/${account}`)).json;
    return [status, ...status_reasons.map(({ code }: { code: string }) => code)];
  };
  const pathsOf = (reply: Reply) =>
    expectProblem(reply, 'request_invalid').errors.map(({ path }: { path: string }) => path);

  it('have profiles without a client', async () => {
    const profile = await made(makeProfile());
    expect(profile).toMatchObject({ client_id: null, has_client_secret: false });
    expect(pathsOf(await makeProfile('key', { client_id: 'x', client_secret: 'y' }))).toEqual([
      '/client_id',
      '/client_secret',
    ]);
    expect(pathsOf(await operator.patch(`/connector_profiles/${profile.id}`, { client_id: 'x' }))).toEqual([
      '/client_id',
    ]);
    expect(pathsOf(await makeProfile('app'))).toEqual(['/client_id', '/client_secret']);
    const test = await operator.post(`/connector_profiles/${profile.id}/test`);
    expect(test.json).toEqual({ ok: true, checks: [], detail: expect.stringContaining('key') });
  });

  it('are made with a key that the provider knows, and say whose it is and what it may do', async () => {
    const account = await made(makeAccount(await profileOf(), { api_key: KEY }));
    expect(account).toMatchObject({
      status: 'active',
      identity: { subject: 'anna', name: 'Person anna', email: 'anna@keyed.test' },
      granted_scopes: ['read', 'write'],
    });
    expect(expectData(await call(account.id))).toEqual({ things: ['/things'] });
    expect(provider.seen.map(({ path, headers }) => [path, headers['private-token'], headers.authorization])).toEqual([
      ['/me', KEY, undefined],
      ['/things', KEY, undefined],
    ]);
    expect((await operator.get(`/accounts/${account.id}/credential`)).json).toMatchObject({
      kind: 'api_key',
      tokens: ['user'],
      access_expires_in_s: null,
      refreshable: false,
      refresh_expires_in_s: null,
      dead: null,
    });
  });

  it('carry the key where the provider wants it', async () => {
    for (const [authentication, expected, shown] of [
      ['basic', `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`, 'Basic [secret]'],
      ['bare', `Token ${KEY}`, 'Token [secret]'],
    ]) {
      const account = await accountWith(KEY, authentication);
      expectData(await call(account, 'make_thing'));
      expect(provider.seen.at(-1)?.headers.authorization).toBe(expected);
      const dry = expectData(await call(account, 'make_thing', { query: '?dry_run=true' }));
      expect(dry.requests[0].headers.authorization).toBe(shown);
      expect(dry.token.kind).toBe('user');
    }
    const dry = expectData(await call(await accountWith(KEY), 'make_thing', { query: '?dry_run=true' }));
    expect(dry.requests[0].headers).toEqual({ 'content-type': 'application/json', 'private-token': '[secret]' });
  });

  it('are not made with a key that the provider refuses, or that is none', async () => {
    const profile = await profileOf();
    const refused = expectProblem(await makeAccount(profile, { api_key: 'kt-unknown' }), 'credential_inactive');
    expect(refused.provider).toMatchObject({ status: 401, code: 'bad_key' });
    // Some providers say so with a 200, and name nobody.
    provider.twist = () => ({ status: 200, body: { ok: false } });
    expectProblem(await makeAccount(profile, { api_key: KEY }), 'credential_inactive');
    provider.twist = () => ({ status: 503, body: {} });
    expectProblem(await makeAccount(profile, { api_key: KEY }), 'provider_unavailable');
    provider.twist = (_seen, key) => ({ status: 400, body: { message: `no ${key}` } });
    const echoed = await makeAccount(profile, { api_key: 'kt-echoed-key' });
    expectProblem(echoed, 'credential_inactive');
    expect(echoed.text).not.toContain('kt-echoed-key');
    provider.seen = [];
    for (const api_key of ['x-other-form', 'kt-with space', 'kt-ünicode', 'kt-\n', `kt-${'x'.repeat(5_000)}`]) {
      const reply = await makeAccount(profile, { api_key });
      expect(pathsOf(reply)).toEqual(['/credential/api_key']);
      expect(reply.text).not.toContain(JSON.stringify(api_key).slice(1, -1));
    }
    expect(pathsOf(await makeAccount(profile, { access_token: KEY }))).toEqual([
      '/credential/access_token',
      '/credential/api_key',
    ]);
    expect(pathsOf(await makeAccount(profile, undefined))).toEqual(['/credential']);
    expect(pathsOf(await makeAccount(await profileOf('basic'), { api_key: 'a:b' }))).toEqual(['/credential/api_key']);
    expect(provider.seen).toEqual([]);
  });

  it('take nothing into them from an answer that echoes the key, however it is written, or that is hostile', async () => {
    const profile = await profileOf();
    const key = 'kt-first/key+of=anna';
    const forms = [
      key,
      encodeURIComponent(key),
      Buffer.from(key).toString('base64'),
      Buffer.from(key).toString('base64url'),
    ];
    for (const form of forms) {
      provider.twist = () => ({ status: 200, body: { id: `id ${form}` } });
      const refused = await makeAccount(profile, { api_key: key });
      expectProblem(refused, 'credential_inactive');
      expect(forms.filter((one) => refused.text.includes(one))).toEqual([]);
      provider.twist = () => ({ status: 200, body: { id: 'anna', name: `key ${form}`, email: form } });
      expect((await made(makeAccount(profile, { api_key: key }))).identity).toEqual({
        subject: 'anna',
        name: null,
        email: null,
      });
    }
    for (const id of [{ a: 1 }, ['anna'], '', 'x'.repeat(256), null, true, '\ud800']) {
      provider.twist = () => ({ status: 200, body: { id } });
      expectProblem(await makeAccount(profile, { api_key: key }), 'credential_inactive');
    }
    let deep: unknown = 'anna';
    for (let level = 0; level < 500; level += 1) deep = [deep];
    for (const body of [
      { id: 'anna', deep },
      { id: 'anna', more: 'x'.repeat(100_000) },
    ]) {
      provider.twist = () => ({ status: 200, body });
      expect((await makeAccount(profile, { api_key: key })).status).toBe(502);
    }
    provider.twist = () => ({ status: 200, body: JSON.parse('{"id": "anna", "__proto__": {"name": "polluted"}}') });
    expect((await made(makeAccount(profile, { api_key: key }))).identity).toEqual({
      subject: 'anna',
      name: null,
      email: null,
    });
  });

  it('have no tokens of the app, and no more scopes than the key', async () => {
    const account = await accountWith(NEXT);
    const lack = expectProblem(await call(account, 'get_app'), 'token_kind_unavailable');
    expect(lack.available).toEqual(['user']);
    const scopes = expectProblem(await call(account, 'make_thing'), 'scopes_missing');
    expect(scopes).toMatchObject({ granted_by: 'end_user', missing_scopes: ['write'] });
    expect(scopes.hint).toContain(`PUT /accounts/${account}/credential`);
  });

  it('must be linked again when the provider refuses the key, until it is replaced', async () => {
    const account = await accountWith(KEY);
    expectData(await call(account, 'list_things', { client: elsewhere }));
    provider.keys.delete(KEY);
    const refused = expectProblem(await call(account), 'account_reauth_required');
    expect(refused.provider).toMatchObject({ status: 401, code: 'bad_key' });
    expect(await statusOf(account)).toEqual(['reauth_required', 'key_refused']);
    const everywhere = async () => {
      for (const client of [operator, elsewhere])
        expectProblem(await call(account, 'list_things', { client }), 'account_reauth_required');
    };
    await everywhere();
    // Each process knows now, by being told or by having asked.
    provider.seen = [];
    await everywhere();
    expect(provider.seen).toEqual([]);
    expect((await operator.get(`/accounts/${account}/credential`)).json.dead).toBe('key_refused');

    expectProblem(await replace(account, { api_key: KEY }), 'credential_inactive');
    const replaced = await replace(account, { api_key: NEXT });
    expect([replaced.status, replaced.json]).toMatchObject([200, { account_status: 'active', dead: null }]);
    expect(replaced.json.granted_scopes).toEqual(['read']);
    for (const client of [operator, elsewhere])
      await until(30_000, 'the key is not known there', async () => {
        return (await call(account, 'list_things', { client })).status === 200;
      });
    expect(provider.seen.at(-1)?.headers['private-token']).toBe(NEXT);
  });

  it('keep a key that was brought while a call with the former one was on its way', async () => {
    const account = await accountWith(KEY);
    let arrived = () => {};
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    provider.keys.delete(KEY);
    provider.before = async (_seen, key) => {
      if (key !== KEY) return;
      arrived();
      await held;
    };
    const calls = [operator, elsewhere].map((client) => call(account, 'list_things', { client }));
    await begun;
    expect((await replace(account, { api_key: NEXT })).status).toBe(200);
    release();
    for (const reply of await Promise.all(calls)) expect(reply.status, reply.text).toBe(200);
    expect(await statusOf(account)).toEqual(['active']);
    expectData(await call(account));
  });

  it('keep their key when a refusal means something else', async () => {
    const account = await accountWith(KEY);
    provider.twist = () => ({ status: 401, body: { code: 'module_off' } });
    expectProblem(await call(account), 'provider_forbidden');
    provider.twist = () => ({ status: 403, body: {} });
    expectProblem(await call(account), 'provider_forbidden');
    provider.twist = undefined;
    expectData(await call(account));
    expect(await statusOf(account)).toEqual(['active']);
  });

  it('are not given to another person by a replacement, unless that is wanted', async () => {
    const account = await accountWith(KEY);
    expectProblem(await replace(account, { api_key: OTHER }), 'identity_changed');
    expectData(await call(account));
    expect(provider.seen.at(-1)?.headers['private-token']).toBe(KEY);
    const replaced = await replace(account, { api_key: OTHER, allow_identity_change: true });
    expect(replaced.json.identity.subject).toBe('ben');
    expect(pathsOf(await replace(account, { api_key: 'nonsense' }))).toEqual(['/api_key']);
  });

  it('are never refreshed, and survive being asked to', async () => {
    const account = await accountWith(KEY);
    expectProblem(await operator.post(`/accounts/${account}/refresh`), 'grant_absent');
    expectData(await call(account));
  });

  it('have the budgets of the provider each for itself, whatever profile they share', async () => {
    const profile = await profileOf();
    const accounts: string[] = [];
    for (const api_key of [KEY, OTHER]) {
      const { id } = await made(makeAccount(profile, { api_key }));
      accounts.push(id);
      for (let turn = 1; turn <= 2; turn += 1) expectData(await call(id, 'get_scarce'));
      expectProblem(await call(id, 'get_scarce'), 'rate_budget_exhausted');
    }
    const { rate_budgets } = (await operator.get('/overview')).json;
    for (const holder of accounts)
      expect(rate_budgets).toContainEqual(
        expect.objectContaining({ connector: 'keyed', holder, requests: 2, used: 2 }),
      );
  });

  it('are diagnosed with their own key', async () => {
    const account = await accountWith(KEY);
    const outcomes = async () =>
      (await operator.post(`/accounts/${account}/diagnose`, {})).json.data.checks.map(
        ({ outcome }: AnyJson) => outcome,
      );
    expect(await outcomes()).toEqual(['passed', 'passed']);
    provider.keys.delete(KEY);
    expect(await outcomes()).toEqual(['failed', 'not_checked']);
  });

  it('are not called good by the diagnosis where nobody can be asked about them', async () => {
    const { id } = await made(makeAccount(await profileOf('basic'), { api_key: KEY }));
    const { checks } = (await operator.post(`/accounts/${id}/diagnose`, {})).json.data;
    expect(checks[0].outcome).toBe('not_checked');
  });

  it('can be deleted, with their key', async () => {
    const account = await accountWith(KEY);
    expect((await operator.delete(`/accounts/${account}`)).json).toEqual({ revoked: 'not_supported' });
    expectProblem(await call(account), 'account_not_found');
  });

  describe('are linked by a person', () => {
    const invite = async (body: Record<string, unknown> = {}): Promise<{ id: string; token: string }> => {
      const profile = await profileOf();
      const reply = await made(
        operator.post('/connect_sessions', { connector_profile_id: profile, owner_id: 'customer', ...body }),
      );
      return { id: reply.id, token: new URL(reply.url).hash.slice(1) };
    };
    const session = async (id: string) => (await operator.get(`/connect_sessions/${id}`)).json;
    const open = async (token: string) => {
      const visitor = clientOf(operatorOrigin());
      const opened = await visitor.post('/hub/session', { token });
      const cookie = String(opened.headers['set-cookie']).split(';')[0] ?? '';
      const start = (api_key: unknown, more: Record<string, unknown> = {}) =>
        visitor.call('POST', '/hub/start', { headers: { cookie }, body: { token, settings: {}, api_key, ...more } });
      return { view: opened.json, start };
    };
    const operatorOrigin = () => servers[0]?.origin ?? '';

    it('with a key that the page asks for', async () => {
      const { id, token } = await invite();
      const { view, start } = await open(token);
      expect(view).toMatchObject({
        consent: false,
        api_key: { label: 'Access key', description: 'Make a key under Settings, Keys.' },
      });
      expect(pathsOf(await start(undefined))).toEqual(['/api_key']);
      expect(pathsOf(await start('x-other-form'))).toEqual(['/api_key']);
      expectProblem(await start('kt-unknown'), 'credential_inactive');
      expect((await session(id)).state).toBe('pending');
      const { outcome } = (await start(KEY)).json;
      expect(outcome).toMatchObject({ state: 'authenticated', session_id: id });
      expectProblem(await start(KEY), 'connect_session_finished');
      expectData(await call(outcome.account_id));
      expect((await operator.get(`/accounts/${outcome.account_id}`)).json).toMatchObject({
        identity: { subject: 'anna' },
        granted_scopes: ['read', 'write'],
      });
    });

    it('again with a key of the same person, after the former was refused', async () => {
      const account = await accountWith(KEY);
      provider.keys.delete(KEY);
      expectProblem(await call(account), 'account_reauth_required');
      const { token } = await invite({ owner_id: undefined, account_id: account });
      const { start } = await open(token);
      expectProblem(await start(OTHER), 'identity_changed');
      expect((await start(NEXT)).json.outcome.account_id).toBe(account);
      expectData(await call(account));
    });

    it('with one of ten keys at most', async () => {
      const { id, token } = await invite();
      const { start } = await open(token);
      for (let attempt = 1; attempt <= 10; attempt += 1)
        expectProblem(await start(`kt-guess-${attempt}`), 'credential_inactive');
      provider.seen = [];
      expect((await start(KEY)).json.outcome).toMatchObject({ state: 'error', error: { code: 'too_many_attempts' } });
      expect(provider.seen).toEqual([]);
      expect(await session(id)).toMatchObject({ state: 'error', account_id: null });
    });

    it('without a key where none is asked for', async () => {
      const profile = await made(makeProfile('app', { client_id: 'c', client_secret: 's' }));
      const { token } = await invite({ connector_profile_id: profile.id });
      const { view, start } = await open(token);
      expect(view.api_key).toBeNull();
      expect(pathsOf(await start(KEY))).toEqual(['/api_key']);
      expect((await start(undefined)).json.outcome.state).toBe('authenticated');
    });
  });

  it('have their keys sealed in the store', async () => {
    const bytes = await store.files();
    for (const key of [KEY, NEXT, OTHER]) expect(bytes.includes(key)).toBe(false);
  });
});
