import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { type AnyJson, clientOf, expectData, expectProblem } from '../support/client.ts';
import { watchCalls } from '../support/covered-actions.ts';
import { type ObtainedElsewhere, obtainElsewhere, peopleOf } from '../support/provided-token.ts';
import { makeKey, onBothStores, startWorld, type World } from '../support/server.ts';

const SCOPES = ['data:read', 'data:write', 'user-profile:read'];

onBothStores('the life of an account', (open) => {
  let world: World;
  let person: string;
  let other: string;
  let profile: string;
  const tokens: string[] = [];
  const watched = watchCalls('persons');

  beforeAll(async () => {
    world = await startWorld(open, { allActions: true });
    const people = await peopleOf(world.sandbox);
    const administrators = people.filter(({ description }) => description.includes('account administrator'));
    [person = '', other = ''] = [...administrators, ...people].map(({ id }) => id);
    profile = await makeProfile('token');
  });
  afterAll(() => world?.stop());

  async function makeProfile(authentication: string, members: Record<string, unknown> = {}): Promise<string> {
    const made = await world.operator.post('/connector_profiles', {
      name: 'Life',
      connector: 'autodesk',
      authentication,
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
      scopes: SCOPES,
      ...members,
    });
    expect(made.status, made.text).toBe(201);
    return made.json.id;
  }

  async function obtain(scopes: readonly string[] = SCOPES, user = person): Promise<ObtainedElsewhere> {
    const obtained = await obtainElsewhere(world.sandbox, { scopes, user });
    tokens.push(obtained.access_token, obtained.refresh_token);
    return obtained;
  }

  const credentialOf = ({ access_token, refresh_token, expires_in }: ObtainedElsewhere) => ({
    access_token,
    refresh_token,
    expires_in_s: expires_in,
  });

  const create = (credential: unknown, connector_profile_id = profile) =>
    world.operator.post('/accounts', { connector_profile_id, owner_id: 'customer', credential });

  async function linked(scopes?: readonly string[]): Promise<AnyJson> {
    const reply = await create(credentialOf(await obtain(scopes)));
    expect(reply.status, reply.text).toBe(201);
    return reply.json;
  }

  const grantsAlive = async () => (await world.sandbox.grants()).grants.filter(({ alive }) => alive).length;
  const path = (account: AnyJson, rest = '') => `/accounts/${account.id}${rest}`;

  it('begins with a token from elsewhere, with the scopes and the identity that the provider tells', async () => {
    const account = await linked(['data:read', 'user-profile:read']);
    expect(account).toMatchObject({
      status: 'active',
      granted_scopes: ['data:read', 'user-profile:read'],
      identity: { subject: person, name: expect.any(String), email: expect.any(String) },
    });
    const me = expectData(await watched.client(world.backend).act('get_current_user', account.id));
    expect(me.id).toBe(person);
    expectData(await world.backend.act('list_hubs', account.id));
  });

  it('does not begin with a token that the provider does not know, or that is another app’s', async () => {
    expectProblem(await create({ access_token: 'made-up' }), 'credential_inactive');
    const app = (await world.sandbox.control('POST', 'apps', { client_id: 'another-app' })) as AnyJson;
    const client = { id: 'another-app', secret: app.client_secret };
    const foreign = await obtainElsewhere(world.sandbox, { scopes: ['data:read'], user: person, client });
    expectProblem(await create(credentialOf(foreign)), 'credential_inactive');
  });

  it('does not begin without what its method needs, or with what it has no use for', async () => {
    const three = await makeProfile('three_legged');
    const refused = expectProblem(
      await world.operator.post('/accounts', { connector_profile_id: three, owner_id: 'x' }),
      'consent_required',
    );
    expect(refused.hint).toContain('POST /connect_sessions');
    const paths = async (body: unknown, id: string) =>
      expectProblem(await create(body, id), 'request_invalid').errors.map((error: AnyJson) => error.path);
    expect(await paths(undefined, profile)).toEqual(['/credential']);
    expect(await paths({ access_token: 'x' }, world.profile)).toEqual(['/credential']);
    expect(await paths({ access_token: 'x y' }, profile)).toEqual(['/credential/access_token']);
  });

  it('shows what of its scopes each action lacks and how long it lasts, and never a token', async () => {
    const account = await linked(['data:read', 'user-profile:read']);
    const reply = await world.backend.get(path(account, '/credential'));
    expect(reply.status, reply.text).toBe(200);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.json).toMatchObject({
      account: account.id,
      kind: 'provided_token',
      authentication: 'token',
      tokens: expect.arrayContaining(['app', 'user']),
      granted_scopes: ['data:read', 'user-profile:read'],
      identity: { subject: person },
      refreshable: true,
      dead: null,
    });
    expect(reply.json.access_expires_in_s).toBeGreaterThan(3_000);
    expect(reply.json.refresh_expires_in_s).toBeGreaterThan(14 * 24 * 3_600);
    const of = (action: string) => reply.json.required.find((one: AnyJson) => one.action === `autodesk_${action}`);
    expect(of('list_hubs')).toBeUndefined();
    expect(of('get_current_user')).toBeUndefined();
    expect(of('update_folder')).toMatchObject({ granted_by: 'end_user', missing_scopes: ['data:write'] });
    expect(of('list_account_users')).toMatchObject({ granted_by: 'operator', missing_scopes: ['account:read'] });
    const { enabled, allowed, scopes_missing, token_kind_unavailable } = reply.json.actions;
    expect(allowed + scopes_missing + token_kind_unavailable).toBe(enabled);

    const { data } = (await world.backend.get(`/accounts?connector_profile_id=${account.connector_profile_id}`)).json;
    const { access } = data.find(({ id }: AnyJson) => id === account.id);
    expect(access).toMatchObject({
      actions: { enabled, allowed },
      missing_scopes: [...new Set(reply.json.required.flatMap((one: AnyJson) => one.missing_scopes))].sort(),
    });
    expect(Date.parse(access.ends_at) - Date.now()).toBeGreaterThan(14 * 24 * 3_600_000);
    const all = (await world.backend.get(`/accounts?connector_profile_id=${world.profile}`)).json.data;
    expect(all[0].access.ends_at).toBeNull();
    expect(scopes_missing).toBe(reply.json.required.length);
    for (const token of tokens) expect(reply.text).not.toContain(token);
    const narrowed = await makeKey(world.operator, { role: 'backend', accounts: [world.account] });
    const elsewhere = clientOf(world.server.origin, narrowed.token);
    expectProblem(await elsewhere.get(path(account, '/credential')), 'account_not_found');
  });

  it('shows an account without a grant as such, and refuses to refresh it', async () => {
    const reply = await world.operator.get(`/accounts/${world.account}/credential`);
    expect(reply.json).toMatchObject({
      kind: 'client_credentials',
      tokens: ['app'],
      access_expires_in_s: null,
      refreshable: false,
    });
    expectProblem(await world.operator.post(`/accounts/${world.account}/refresh`), 'grant_absent');
    expectProblem(
      await world.operator.call('PUT', `/accounts/${world.account}/credential`, { body: { access_token: 'x' } }),
      'grant_absent',
    );
  });

  it('sends nobody to add scopes for an action that its method has no token for', async () => {
    const { actions, required } = (await world.operator.get(`/accounts/${world.account}/credential`)).json;
    expect(actions.token_kind_unavailable).toBe(1);
    expect(required.map(({ action }: AnyJson) => action)).not.toContain('autodesk_get_current_user');
    expectProblem(await world.backend.act('get_current_user', world.account), 'token_kind_unavailable');
  });

  it('is refreshed when an operator wants it, unless it is suspended', async () => {
    const account = await linked();
    const before = (await world.sandbox.grants()).grants.at(-1);
    const reply = await world.operator.post(path(account, '/refresh'));
    expect(reply.status, reply.text).toBe(200);
    expect((await world.sandbox.grants()).grants.at(-1)?.refreshes).toBe((before?.refreshes ?? 0) + 1);
    for (const token of tokens) expect(reply.text).not.toContain(token);
    expectProblem(await world.backend.post(path(account, '/refresh')), 'role_forbidden');
    await world.operator.post(path(account, '/suspend'));
    expectProblem(await world.operator.post(path(account, '/refresh')), 'account_inactive');
    expectProblem(await world.backend.act('list_hubs', account.id), 'account_inactive');
    await world.operator.post(path(account, '/resume'));
    expectData(await world.backend.act('list_hubs', account.id));
  });

  it('ends in reauth_required, with the reason, when the person takes the access back, and lives again with a new token', async () => {
    const account = await linked();
    await world.sandbox.control('POST', 'grants/revoke', { user: person });
    const refused = expectProblem(await world.backend.act('list_hubs', account.id), 'account_reauth_required');
    expect(refused.retryable).toBe(false);
    const shown = await world.operator.get(path(account));
    expect(shown.json).toMatchObject({
      status: 'reauth_required',
      status_reasons: [{ code: 'grant_refused', description: expect.any(String), at: expect.any(String) }],
      status_history: [{ status: 'reauth_required' }, { status: 'active' }],
    });
    expect((await world.operator.get(path(account, '/credential'))).json.dead).toBe('grant_refused');
    expectProblem(await world.operator.post(path(account, '/refresh')), 'account_reauth_required');
    expectProblem(await world.operator.post(path(account, '/resume')), 'account_reauth_required');

    const replaced = await world.operator.call('PUT', path(account, '/credential'), {
      body: credentialOf(await obtain(['data:read', 'user-profile:read'])),
    });
    expect(replaced.status, replaced.text).toBe(200);
    expect(replaced.json).toMatchObject({
      account_status: 'active',
      granted_scopes: ['data:read', 'user-profile:read'],
      dead: null,
    });
    await expect.poll(async () => (await world.backend.act('list_hubs', account.id)).status).toBe(200);
  });

  it('is not taken over by another person, unless that is meant', async () => {
    const account = await linked();
    const replace = async (further: object) =>
      world.operator.call('PUT', path(account, '/credential'), {
        body: { ...credentialOf(await obtain(SCOPES, other)), ...further },
      });
    expectProblem(await replace({}), 'identity_changed');
    // Nobody can tell whose it is.
    const nameless = { body: credentialOf(await obtain(['data:read'])) };
    expectProblem(await world.operator.call('PUT', path(account, '/credential'), nameless), 'identity_changed');
    expect((await world.operator.get(path(account))).json.identity.subject).toBe(person);
    expect((await replace({ allow_identity_change: true })).json.identity.subject).toBe(other);
  });

  it('lets app-only actions through with the app’s own token, where there is a client secret', async () => {
    const scopes = [...SCOPES, 'bucket:read'];
    const withSecret = await makeProfile('token', { scopes });
    const made = await create(credentialOf(await obtain()), withSecret);
    expectData(await world.backend.act('list_buckets', made.json.id));
    await world.operator.patch(`/connector_profiles/${withSecret}`, { client_secret: null });
    await expect
      .poll(async () => (await world.backend.act('list_buckets', made.json.id)).json.code)
      .toBe('token_kind_unavailable');
  });

  it('acts on behalf of a service account without any grant', async () => {
    const robot = (await world.sandbox.control('POST', 'service_accounts', {})) as AnyJson;
    const id = await makeProfile('service_account', {
      service_account_id: robot.service_account_id,
      key_id: robot.key_id,
      private_key: robot.private_key,
    });
    const account = (await create(undefined, id)).json;
    const me = expectData(await world.backend.act('get_current_user', account.id));
    expect(me.id).toBe(robot.service_account_id);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await world.operator.patch(`/connector_profiles/${id}`, { private_key: pem });
    await expect.poll(async () => (await world.backend.act('get_current_user', account.id)).status).toBe(502);
    expect((await world.operator.delete(path(account))).json).toEqual({ revoked: 'nothing' });
  });

  it('ends at the provider too when it is deleted', async () => {
    const account = await linked();
    const alive = await grantsAlive();
    const reply = await world.operator.delete(path(account));
    expect([reply.status, reply.json]).toEqual([200, { revoked: 'revoked' }]);
    expect(await grantsAlive()).toBe(alive - 1);
    expectProblem(await world.operator.get(path(account)), 'account_not_found');
    expectProblem(await world.operator.get(path(account, '/credential')), 'account_not_found');
    expectProblem(await world.operator.delete(path(account)), 'account_not_found');
    await expect
      .poll(async () => (await world.backend.act('list_hubs', account.id)).json.code)
      .toBe('account_not_found');
  });

  it('is deleted also when the provider cannot be asked', async () => {
    const account = await linked();
    await world.sandbox.faults([{ kind: 'status', path: '/authentication/v2/revoke', status: 500, body: {} }]);
    expect((await world.operator.delete(path(account))).json).toEqual({ revoked: 'failed' });
    await world.sandbox.reset();
    expectProblem(await world.operator.get(path(account)), 'account_not_found');
  });

  it('is deleted also when the secret of its profile cannot be opened', async () => {
    const damaged = await makeProfile('token');
    const account = (await create(credentialOf(await obtain()), damaged)).json;
    const store = await openStore({
      url: world.env.CORBEL_STORE ?? '',
      clock: systemClock,
      random: systemRandom,
      allowVolatile: true,
    });
    const { project } = (await world.operator.get('/project_settings')).json;
    const key = { partition: project, kind: 'connector_profile', id: damaged };
    const stored = await store.get(key);
    const broken = { ...JSON.parse(stored?.value ?? '{}'), client_secret: 'cv1.k1.AAAA.AAAA' };
    await store.put(key, JSON.stringify(broken));
    await store.close();
    await expect
      .poll(async () => (await world.backend.act('list_hubs', account.id)).json.code)
      .toBe('sealed_value_unreadable');
    expect((await world.operator.delete(path(account))).json).toEqual({ revoked: 'failed' });
    expectProblem(await world.operator.get(path(account)), 'account_not_found');
  });

  it('leaves no grant when it is deleted while somebody gives it another', async () => {
    const account = await linked();
    const alive = await grantsAlive();
    await world.sandbox.faults([{ kind: 'latency', path: '/authentication/v2/revoke', ms: 400 }]);
    const deleting = world.operator.delete(path(account));
    await expect.poll(async () => (await world.backend.get(path(account, '/credential'))).json.refreshable).toBe(false);
    const body = credentialOf(await obtain());
    const replaced = await world.operator.call('PUT', path(account, '/credential'), { body });
    expect(replaced.status, replaced.text).toBe(200);
    expect((await deleting).status).toBe(200);
    await world.sandbox.reset();
    expectProblem(await world.operator.get(path(account)), 'account_not_found');
    expect(await grantsAlive()).toBe(alive - 1);
  });

  it('may do less when a refresh brings fewer scopes', async () => {
    const account = await linked();
    expect(account.granted_scopes).toContain('data:write');
    const { access_token, refresh_token } = await obtain(['data:read']);
    const body = { access_token, refresh_token, token_type: 'Bearer', expires_in: 3_599, scope: 'data:read' };
    await world.sandbox.faults([{ kind: 'status', path: '/authentication/v2/token', status: 200, body }]);
    const refreshed = await world.operator.post(path(account, '/refresh'));
    await world.sandbox.faults([]);
    expect(refreshed.status, refreshed.text).toBe(200);
    expect(refreshed.json.granted_scopes).toEqual(['data:read']);
    await expect
      .poll(async () => (await world.backend.act('get_current_user', account.id)).json.code)
      .toBe('scopes_missing');
    expectData(await world.backend.act('list_hubs', account.id));
  });

  it('leaves no token in the store or in the log', async () => {
    expect(tokens.length).toBeGreaterThan(10);
    const bytes = await world.store.files();
    const said = world.server.stdout() + world.server.stderr();
    for (const token of tokens) {
      expect(bytes.includes(token)).toBe(false);
      expect(said.includes(token)).toBe(false);
    }
  });
});
