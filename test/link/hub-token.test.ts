import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, type LinkWorld, startLinkWorld } from './support.ts';

describe('a link', () => {
  let world: LinkWorld;
  beforeAll(async () => {
    world = await startLinkWorld();
  });
  afterAll(() => world?.stop());

  it('has a token of 256 bits in the fragment, of which only a digest is stored', async () => {
    const { token, id, reply } = await world.invite();
    expect(reply.json.url).toBe(`http://127.0.0.1:8080/hub#${token}`);
    expect(token).toMatch(/^ht_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}$/);
    const record = await world.store.get({ partition: world.project, kind: 'connect_session', id });
    expect(record?.value).not.toContain(token.slice(-43));
    expect((await world.backend('GET', `/connect_sessions/${id}`)).text).not.toContain(token.slice(-43));
  });

  it('belongs to the browser that opens it first', async () => {
    const { token } = await world.invite();
    const [first, second] = [world.browser(), world.browser()];
    expect((await first.post('/hub/session', { token })).status).toBe(200);
    expect((await first.post('/hub/session', { token })).status).toBe(200);
    for (const path of ['session', 'start', 'cancel']) {
      const body = path === 'start' ? { token, settings: {} } : { token };
      const refused = await second.post(`/hub/${path}`, body);
      expect([path, refused.status, refused.json.code]).toEqual([path, 403, 'connect_session_elsewhere']);
      expect(refused.headers['set-cookie']).toBeUndefined();
    }
  });

  it('has its browser known for an hour from then on, also when that was known before', async () => {
    const browser = world.browser();
    for (const _earlier of [1, 2]) {
      const known = browser.cookie ?? '';
      const opened = await browser.post('/hub/session', { token: (await world.invite()).token });
      expect(opened.headers['set-cookie']).toContain(known);
      expect(opened.headers['set-cookie']).toContain('Max-Age=3600');
    }
  });

  it('is opened by one browser when many open it at once', async () => {
    const { token } = await world.invite();
    const replies = await Promise.all(
      Array.from({ length: 30 }, () => world.browser().post('/hub/session', { token })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('cannot be begun before it was opened', async () => {
    const { token } = await world.invite();
    const reply = await world.browser().post('/hub/start', { token, settings: {} });
    expect(reply.json.code).toBe('connect_session_elsewhere');
  });

  it('cannot be opened again once it was used, not even in the same browser', async () => {
    const { token } = await world.invite();
    const browser = world.browser();
    const back = await browser.get(await world.consent(await begin(browser, token)));
    for (const one of [browser, world.browser()]) {
      const reply = await one.post('/hub/session', { token });
      expect([reply.status, reply.json.code]).toEqual([409, 'connect_session_finished']);
    }
    // The outcome is for the browser that completed it, and for no other.
    const reference = new URL(back.location).hash.slice(1);
    expect((await browser.post('/hub/outcome', { reference })).status).toBe(200);
    expect((await world.browser().post('/hub/outcome', { reference })).json.code).toBe('connect_session_invalid');
  });

  it('is refused with one and the same answer whatever is wrong with its token', async () => {
    const { token } = await world.invite();
    const [prefix, project = '', id = '', secret = ''] = token.split('_');
    const zeros = '0'.repeat(22);
    for (const wrong of [
      'x',
      token.slice(0, -1),
      `${token}0`,
      [prefix, project, id, secret.replace(/.$/, secret.endsWith('A') ? 'B' : 'A')].join('_'),
      [prefix, project, zeros, secret].join('_'),
      [prefix, zeros, id, secret].join('_'),
      `${token}\n`,
      ` ${token}`,
    ]) {
      const reply = await world.browser().post('/hub/session', { token: wrong });
      const { request_id: _, ...problem } = reply.json;
      expect(problem).toMatchObject({ code: 'connect_session_invalid', detail: 'The link is not one of this server.' });
      expect(reply.headers['set-cookie']).toBeUndefined();
    }
  });

  it('marks the browser with a cookie that scripts and other sites do not get', async () => {
    const { token } = await world.invite();
    const opened = await world.browser().post('/hub/session', { token });
    expect(opened.headers['set-cookie']).toMatch(
      /^corbel_hub=[0-9A-Za-z]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    );
    const secure = await startLinkWorld({
      publicUrl: 'https://corbel.example.com/connect-us/',
      sandbox: world.sandbox,
    });
    try {
      const invited = await secure.invite();
      expect(invited.reply.json.url).toMatch(/^https:\/\/corbel\.example\.com\/connect-us\/hub#ht_/);
      const reply = await secure.browser().post('/hub/session', { token: invited.token });
      expect(reply.headers['set-cookie']).toMatch(
        /^__Host-corbel_hub=[0-9A-Za-z]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/,
      );
    } finally {
      await secure.stop();
    }
  });

  it('is not for pages of other sites', async () => {
    const { token } = await world.invite();
    for (const site of ['cross-site', 'same-site', 'none']) {
      const reply = await world.browser().post('/hub/session', { token }, { 'sec-fetch-site': site });
      expect([site, reply.json.code]).toEqual([site, 'cross_site_refused']);
    }
    const form = await world.app.inject({
      method: 'POST',
      url: '/hub/session',
      headers: { 'content-type': 'text/plain' },
      payload: JSON.stringify({ token }),
    });
    expect(form.json().code).toBe('media_type_unsupported');
  });

  it('lives for at most half an hour', async () => {
    const post = (expires_in_s: unknown) =>
      world.backend('POST', '/connect_sessions', {
        connector_profile_id: world.profile,
        owner_id: 'customer-1',
        expires_in_s,
      });
    for (const wrong of [1_801, 0, -1, 1e9, '900', 90.5]) expect((await post(wrong)).status).toBe(400);
    const { created_at, expires_at } = (await world.invite()).reply.json;
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(900_000);
  });

  it('is not for profiles whose accounts need no page, are disabled, or do not exist', async () => {
    const post = (connector_profile_id: string) =>
      world.backend('POST', '/connect_sessions', { connector_profile_id, owner_id: 'customer-1' });
    const provided = await post(await world.makeProfile({ authentication: 'token' }));
    expect(provided.json.errors[0].path).toBe('/connector_profile_id');
    expect((await post(await world.makeProfile({ enabled: false }))).json.code).toBe('profile_disabled');
    expect((await post(`prf_${'0'.repeat(22)}`)).json.code).toBe('not_found');
  });

  it('is refused to addresses that ask too often', async () => {
    const ask = () =>
      world.app.inject({ method: 'POST', url: '/hub/session', remoteAddress: '192.0.2.7', payload: { token: 'x' } });
    const replies = await Promise.all(Array.from({ length: 260 }, ask));
    const refused = replies.filter(({ statusCode }) => statusCode === 429);
    expect(refused.length).toBeGreaterThan(5);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(refused[0]?.json().code).toBe('too_many_attempts');
  });
});
