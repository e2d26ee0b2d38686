import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getAccount } from '../../src/domain/account.ts';
import { begin, type LinkWorld, startLinkWorld } from './support.ts';

describe('linking an account', () => {
  let world: LinkWorld;
  beforeAll(async () => {
    world = await startLinkWorld();
  });
  afterAll(() => world?.stop());

  const session = async (id: string) => (await world.backend('GET', `/connect_sessions/${id}`)).json;

  it('makes an account with its grant, its scopes and the person who consented', async () => {
    const { id, token, reply } = await world.invite({ owner_name: 'Ada Tower', settings: { region: 'EMEA' } });
    expect(reply.json).toMatchObject({ state: 'pending', account_id: null, device: null, owner_id: 'customer-1' });
    expect(reply.headers['cache-control']).toBe('no-store');
    const browser = world.browser();
    const opened = await browser.post('/hub/session', { token });
    expect(opened.json).toMatchObject({
      workspace: 'Tower & Sons',
      owner: 'Ada Tower',
      connector: { label: 'Autodesk' },
      consent: true,
      relink: false,
      scopes: [
        { id: 'data:read', description: expect.stringMatching(/\S/) },
        { id: 'user-profile:read', description: expect.stringMatching(/\S/) },
      ],
    });
    expect(opened.json.settings.find(({ name }: { name: string }) => name === 'region').value).toBe('EMEA');
    const started = await browser.post('/hub/start', { token, settings: { region: 'AUS' } });
    const url = new URL(started.json.authorization_url);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:8080/connect/oauth2/autodesk/callback',
      scope: 'data:read user-profile:read',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      state: expect.stringMatching(/^[0-9A-Za-z]{43}$/),
    });
    const back = await browser.get(await world.consent(url.href, { scopes: ['data:read', 'user-profile:read'] }));
    expect(back.status).toBe(303);
    expect(back.location).toMatch(/^http:\/\/127\.0\.0\.1:8080\/hub\/done#[0-9A-Za-z]{22}_[0-9A-Za-z]{22}$/);
    const { state, account_id, completed_at } = await session(id);
    expect([state, completed_at]).toEqual(['authenticated', expect.stringMatching(/Z$/)]);
    const account = await getAccount(world.store, world.project, account_id);
    expect(account).toMatchObject({
      owner_id: 'customer-1',
      owner_name: 'Ada Tower',
      settings: { region: 'AUS' },
      status: 'active',
      identity: { subject: world.people[0]?.id, email: world.people[0]?.email },
      granted_scopes: ['data:read', 'user-profile:read'],
    });
    expect(world.grants.get(account_id)?.refreshToken).not.toBeNull();
    expect(world.events).toContainEqual({ project: world.project, account: account_id, type: 'account.created' });
    expect(world.audited).toEqual([['account.linked', account_id]]);
    const outcome = await browser.post('/hub/outcome', { reference: new URL(back.location).hash.slice(1) });
    expect(outcome.json).toMatchObject({ state: 'authenticated', account_id, return_to: null, popup_origin: null });
  });

  it('stores what was granted, not what was asked for', async () => {
    const { id, token } = await world.invite();
    const browser = world.browser();
    await browser.get(await world.consent(await begin(browser, token), { scopes: ['user-profile:read'] }));
    const account = await getAccount(world.store, world.project, (await session(id)).account_id);
    expect(account.granted_scopes).toEqual(['user-profile:read']);
  });

  it('goes on to the return URL that was registered, with the outcome and nothing else', async () => {
    const return_url = 'https://app.example.com/linked?tab=2';
    await world.operator('PUT', '/project_settings', {
      workspace_name: null,
      return_urls: [return_url],
      popup_origins: [],
    });
    const { id, token } = await world.invite({ return_url });
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    const back = await browser.get(path);
    expect([back.status, back.location]).toEqual([
      303,
      `https://app.example.com/linked?tab=2&connect_session_id=${id}&status=authenticated`,
    ]);
    expect(back.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    const code = new URL(path, 'http://x').searchParams.get('code') ?? '-';
    expect(world.log()).not.toContain(code);
  });

  it('does not go on to a return URL that was taken off the list meanwhile', async () => {
    const return_url = 'https://app.example.com/old';
    await world.operator('PUT', '/project_settings', {
      workspace_name: null,
      return_urls: [return_url],
      popup_origins: [],
    });
    const { token } = await world.invite({ return_url });
    await world.operator('PUT', '/project_settings', { workspace_name: null, return_urls: [], popup_origins: [] });
    const browser = world.browser();
    const back = await browser.get(await world.consent(await begin(browser, token)));
    expect(back.location).toMatch(/\/hub\/done#/);
    const outcome = await browser.post('/hub/outcome', { reference: new URL(back.location).hash.slice(1) });
    expect(outcome.json.return_to).toBeNull();
  });

  it('ends as cancelled when the person says no at the provider, and can be asked for by polling', async () => {
    const { id, token } = await world.invite();
    const browser = world.browser();
    const back = await browser.get(await world.consent(await begin(browser, token), { deny: true }));
    expect(back.location).toMatch(/\/hub\/done#/);
    expect(await session(id)).toMatchObject({
      state: 'cancelled',
      account_id: null,
      error: { code: 'consent_denied' },
    });
    expect((await browser.post('/hub/start', { token, settings: {} })).json.code).toBe('connect_session_finished');
    expect(world.audited.at(-1)).toEqual(['connect_session.denied', id]);
  });

  it('ends as cancelled when the person says no on the page, or the backend takes it back', async () => {
    const one = await world.invite();
    const browser = world.browser();
    await browser.post('/hub/session', { token: one.token });
    expect((await browser.post('/hub/cancel', { token: one.token })).json.state).toBe('cancelled');
    expect((await session(one.id)).state).toBe('cancelled');
    const other = await world.invite();
    const url = await begin(browser, other.token);
    expect((await world.backend('DELETE', `/connect_sessions/${other.id}`)).status).toBe(204);
    expect((await world.backend('DELETE', `/connect_sessions/${other.id}`)).status).toBe(204);
    const before = await world.exchanges();
    expect((await browser.get(await world.consent(url))).status).toBe(409);
    expect(await world.exchanges()).toBe(before);
  });

  it('ends as an error when the code cannot be redeemed, and says why', async () => {
    const { id, token } = await world.invite();
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    await browser.get(path.replace(/code=[^&]+/, 'code=made-up'));
    expect(await session(id)).toMatchObject({ state: 'error', error: { code: 'token_request_rejected' } });
  });

  it('expires, and what is expired links nothing', async () => {
    const { id, token } = await world.invite({ expires_in_s: 60 });
    const late = await world.invite({ expires_in_s: 60 });
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    const before = await world.exchanges();
    world.pass(61_000);
    expect((await session(id)).state).toBe('expired');
    const back = await browser.get(path);
    expect([back.status, back.headers['content-type']]).toEqual([410, 'text/html; charset=utf-8']);
    expect((await browser.post('/hub/session', { token: late.token })).json.code).toBe('connect_session_expired');
    expect(await world.exchanges()).toBe(before);
  });

  it('asks for the settings that are declared, and says which are wrong', async () => {
    const { token } = await world.invite();
    const browser = world.browser();
    await browser.post('/hub/session', { token });
    const refused = await browser.post('/hub/start', { token, settings: { region: 'MARS', account_id: 'x' } });
    expect(refused.json.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/settings/account_id',
      '/settings/region',
    ]);
  });

  it('links at once where nobody has to consent', async () => {
    const profile = await world.makeProfile({ authentication: 'two_legged' });
    const { id, token } = await world.invite({ connector_profile_id: profile });
    const browser = world.browser();
    expect((await browser.post('/hub/session', { token })).json.consent).toBe(false);
    const started = await browser.post('/hub/start', { token, settings: { region: 'US' } });
    expect(started.json.outcome).toMatchObject({ state: 'authenticated' });
    const { account_id } = await session(id);
    expect(await getAccount(world.store, world.project, account_id)).toMatchObject({ settings: { region: 'US' } });
    expect(world.grants.has(account_id)).toBe(false);
  });
});
