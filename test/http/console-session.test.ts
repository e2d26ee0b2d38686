import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assemble, type Running } from '../../src/assemble.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { createApiKey, type NewApiKey } from '../../src/domain/api-key.ts';
import { newId } from '../../src/domain/ids.ts';
import { insertProject } from '../../src/domain/project.ts';
import { systemRandom } from '../../src/random.ts';
import { readSettings } from '../../src/settings.ts';
import type { AnyJson } from '../support/client.ts';
import { secretsIn } from '../support/planted-secrets.ts';
import { until } from '../support/redis.ts';
import { openSqlite, type StoreOfTest } from '../support/server.ts';

const MINUTE_MS = 60_000;

interface Asked {
  headers?: Record<string, string>;
  body?: object;
  on?: Running;
  from?: string;
}

interface SignedIn {
  cookie: string;
  csrf: string;
  view: AnyJson;
  setCookie: string;
}

describe('a console session', () => {
  let store: StoreOfTest;
  let first: Running;
  let second: Running;
  let project: string;
  let offset = 0;
  let address = 0;
  const lines: string[] = [];
  const clock: Clock = { now: () => Date.now() + offset, sleep: systemClock.sleep };
  const host = 'corbel.example';

  beforeAll(async () => {
    store = await openSqlite();
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const start = async () => {
      const settings = readSettings({ ...store.env, CORBEL_PUBLIC_URL: `https://${host}` });
      const running = await assemble({ settings, clock, random: systemRandom, logger, version: '0' });
      await running.app.ready();
      return running;
    };
    [first, second] = [await start(), await start()];
    project = newId(systemRandom, 'prj');
    await insertProject(first.store, { id: project, name: 'Tower', root: true, created_at: '' });
  });
  beforeEach(() => {
    offset = 0;
    address += 1;
  });
  afterAll(async () => {
    await first?.close();
    await second?.close();
    await store?.remove();
  });

  async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'HEAD', url: string, asked: Asked = {}) {
    const { headers = {}, body, on = first, from = `10.0.0.${address}` } = asked;
    const reply = await on.app.inject({
      method,
      url,
      remoteAddress: from,
      headers: { host, ...headers },
      ...(body && { payload: body }),
    });
    const json: AnyJson = reply.body === '' ? undefined : JSON.parse(reply.body);
    return { status: reply.statusCode, headers: reply.headers, json, code: json?.code as string | undefined };
  }
  const makeKey = async (wanted: Partial<NewApiKey> = {}) => {
    const made = await createApiKey(first.store, systemRandom, clock.now(), project, {
      ...{ name: 'Ada', role: 'operator' },
      ...wanted,
    });
    return { id: made.key.id, token: made.token.reveal() };
  };
  const signIn = (key: string, asked: Asked = {}) => ask('POST', '/console/session', { ...asked, body: { key } });
  async function signedIn(key?: string): Promise<SignedIn> {
    const { status, json, headers } = await signIn(key ?? (await makeKey()).token);
    expect(status).toBe(201);
    const setCookie = String(headers['set-cookie']);
    return { cookie: setCookie.split(';')[0] ?? '', csrf: json.csrf_token, view: json, setCookie };
  }
  const as = ({ cookie, csrf }: SignedIn, further: Record<string, string> = {}) => ({
    headers: { cookie, 'x-csrf-token': csrf, ...further },
  });

  /** The use is noted behind the answer. */
  async function wasNoted({ cookie }: SignedIn): Promise<boolean> {
    const id = `ses_${cookie.split('_').at(-2)}`;
    const record = await first.store.get({ partition: project, kind: 'console_session', id });
    return Date.parse(JSON.parse(record?.value ?? '{}').used_at) > clock.now() - MINUTE_MS;
  }

  it('is begun with an operator key, in a cookie that no script and no other site can use', async () => {
    const key = await makeKey();
    const session = await signedIn(key.token);
    expect(session.setCookie).toMatch(
      /^__Host-corbel_session=cs_\w{22}_\w{22}_\w{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(session.view).toMatchObject({
      key: { id: key.id, name: 'Ada', role: 'operator' },
      project: { id: project, name: 'Tower', root: true },
      idle_timeout_s: 1_800,
    });
    const again = await ask('GET', '/console/session', { ...as(session), on: second });
    expect([again.status, again.json]).toEqual([200, session.view]);
    expect(again.headers['cache-control']).toBe('no-store');
  });

  it('stands for its key on every process and every route', async () => {
    const session = await signedIn();
    for (const on of [first, second]) {
      expect((await ask('GET', '/api_keys', { ...as(session), on })).status).toBe(200);
      const made = await ask('POST', '/api_keys', { ...as(session), on, body: { name: 'x', role: 'backend' } });
      expect(made.status).toBe(201);
    }
  });

  it('changes nothing without its token, which another session does not have', async () => {
    const [session, other] = [await signedIn(), await signedIn()];
    const body = { name: 'x', role: 'backend' };
    for (const token of [undefined, '', 'x', other.csrf, session.csrf.slice(1), `${session.csrf}x`]) {
      const headers = { cookie: session.cookie, ...(token !== undefined && { 'x-csrf-token': token }) };
      const replies = [
        await ask('POST', '/api_keys', { headers, body }),
        await ask('DELETE', '/api_keys/key_x', { headers }),
        await ask('DELETE', '/console/session', { headers }),
      ];
      expect(replies.map(({ status, code }) => [status, code])).toEqual(replies.map(() => [403, 'csrf_token_invalid']));
    }
    expect((await ask('GET', '/api_keys', { headers: { cookie: session.cookie } })).status).toBe(200);
  });

  it('takes no requests that pages of other origins cause', async () => {
    const session = await signedIn();
    const { token } = await makeKey();
    const foreign: Record<string, string>[] = [
      ...['cross-site', 'same-site', 'none', ''].map((site) => ({ 'sec-fetch-site': site })),
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `https://${host}.evil.example` },
      { origin: `https://${host}:444` },
    ];
    for (const headers of foreign) {
      for (const reply of [
        await ask('GET', '/api_keys', as(session, headers)),
        await ask('POST', '/api_keys', { ...as(session, headers), body: { name: 'x', role: 'backend' } }),
        // Signing a visitor in as somebody else.
        await signIn(token, { headers }),
      ]) {
        expect([headers, reply.code]).toEqual([headers, 'cross_site_refused']);
        expect(reply.headers['set-cookie']).toBeUndefined();
      }
    }
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: `https://${host}` }]) {
      expect((await ask('GET', '/api_keys', as(session, headers))).status).toBe(200);
      expect((await signIn(token, { headers })).status).toBe(201);
    }
    // A form can send no JSON (HTML §4.10.21.3), and nothing else is taken.
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('POST', '/console/session', { headers: form, body: { key: token } })).status).toBe(415);
  });

  it('is ignored where there is a key, on open routes and for OPTIONS', async () => {
    const session = await signedIn();
    const backend = await makeKey({ role: 'backend' });
    const both = as(session, { authorization: `Bearer ${backend.token}` });
    expect((await ask('GET', '/api_keys', both)).code).toBe('role_forbidden');
    expect((await ask('GET', '/console/session', both)).code).toBe('session_missing');
    expect((await ask('GET', '/api_keys', as(session, { authorization: 'Bearer x' }))).code).toBe('key_invalid');
    expect((await ask('GET', '/api_keys', as(session, { authorization: 'nonsense' }))).code).toBe('key_missing');
    const cross = { 'sec-fetch-site': 'cross-site' };
    expect((await ask('GET', '/healthz', as(session, cross))).status).toBe(200);
    expect((await ask('OPTIONS', '/api_keys', as(session))).status).toBe(404);
  });

  it('ends after half an hour without use, which pages that look by themselves are not', async () => {
    const [used, unused, watched] = [await signedIn(), await signedIn(), await signedIn()];
    for (let minutes = 20; minutes <= 60; minutes += 20) {
      offset = minutes * MINUTE_MS;
      expect((await ask('GET', '/api_keys', as(used))).status).toBe(200);
      await until(5_000, 'use not noted', () => wasNoted(used));
      const background = await ask('GET', '/api_keys', as(watched, { 'x-background-request': '1' }));
      expect(background.code).toBe(minutes < 30 ? undefined : 'session_missing');
    }
    for (const on of [first, second])
      expect((await ask('GET', '/api_keys', { ...as(unused), on })).code).toBe('session_missing');
  });

  it('ends after twelve hours, however much it is used', async () => {
    const session = await signedIn();
    const ends = Date.parse(session.view.expires_at);
    expect(ends - clock.now()).toBeGreaterThan(12 * 60 * MINUTE_MS - 10_000);
    const step = 25 * MINUTE_MS;
    for (offset = step; clock.now() < ends; offset += step) {
      expect((await ask('GET', '/api_keys', as(session))).status).toBe(200);
      await until(5_000, 'use not noted', () => wasNoted(session));
    }
    expect((await ask('GET', '/api_keys', as(session))).code).toBe('session_missing');
  });

  it('is none when the clock was ahead as it began, which would make it last longer', async () => {
    offset = 24 * 60 * MINUTE_MS;
    const session = await signedIn();
    offset = -4 * MINUTE_MS + 24 * 60 * MINUTE_MS;
    expect((await ask('GET', '/console/session', as(session))).status).toBe(200);
    offset = 0;
    expect((await ask('GET', '/console/session', as(session))).code).toBe('session_missing');
  });

  it('ends with its key: revoked, expired or gone', async () => {
    const [revoked, lapsing] = [
      await makeKey(),
      await makeKey({ expires_at: new Date(Date.now() + 60_000).toISOString() }),
    ];
    const [one, other] = [await signedIn(revoked.token), await signedIn(lapsing.token)];
    expect((await ask('DELETE', `/api_keys/${revoked.id}`, as(one))).status).toBe(200);
    for (const on of [first, second])
      await until(
        5_000,
        'still signed in',
        async () => (await ask('GET', '/api_keys', { ...as(one), on })).code === 'key_revoked',
      );
    expect((await signIn(revoked.token)).code).toBe('key_revoked');
    expect(Date.parse(other.view.expires_at)).toBeLessThan(Date.now() + 61_000);
    offset = 61_000;
    expect((await ask('GET', '/api_keys', as(other))).status).toBe(401);
  });

  it('ends when its person signs out, on every process, and takes the cookie along', async () => {
    const session = await signedIn();
    expect((await ask('GET', '/api_keys', { ...as(session), on: second })).status).toBe(200);
    const out = await ask('DELETE', '/console/session', as(session));
    expect([out.status, String(out.headers['set-cookie'])]).toEqual([
      204,
      expect.stringMatching(/^__Host-corbel_session=; .*Max-Age=0/),
    ]);
    for (const on of [first, second])
      await until(
        1_000,
        'still signed in',
        async () => (await ask('GET', '/api_keys', { ...as(session), on })).code === 'session_missing',
      );
  });

  it('is always a new one: what a browser brings along becomes no session, and what it had ends', async () => {
    const { token } = await makeKey();
    const former = await signedIn();
    const planted = `__Host-corbel_session=cs_${'a'.repeat(22)}_${'b'.repeat(22)}_${'c'.repeat(43)}`;
    for (const cookie of [planted, former.cookie]) {
      const { headers } = await signIn(token, { headers: { cookie } });
      expect(String(headers['set-cookie'])).not.toContain(cookie);
      expect((await ask('GET', '/api_keys', { headers: { cookie } })).code).toBe('session_missing');
    }
    const session = await signedIn(token);
    const two = `${planted}; ${session.cookie}`;
    expect((await ask('GET', '/api_keys', { headers: { cookie: two } })).status).toBe(401);
    const insecure = session.cookie.replace('__Host-', '');
    expect((await ask('GET', '/api_keys', { headers: { cookie: insecure } })).status).toBe(401);
  });

  it('is not begun by backends, with wrong keys or wrong bodies', async () => {
    const { token } = await makeKey();
    const wrong = `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`;
    expect((await signIn((await makeKey({ role: 'backend' })).token)).code).toBe('role_forbidden');
    expect((await signIn(wrong)).code).toBe('key_invalid');
    expect((await ask('POST', '/console/session', { body: { key: [token] } })).code).toBe('request_invalid');
    expect((await ask('POST', '/console/session', { body: {} })).code).toBe('request_invalid');
    expect((await signIn('x'.repeat(5_000))).code).toBe('body_too_large');
    expect((await ask('GET', '/console/session')).code).toBe('session_missing');
    const authorization = { headers: { authorization: `Bearer ${token}` } };
    expect((await ask('GET', '/console/session', authorization)).code).toBe('session_missing');
  });

  it('cannot be guessed for: ten wrong keys from one address and no more, which keep nobody with a right one out', async () => {
    const { token } = await makeKey();
    const wrong = await Promise.all(Array.from({ length: 15 }, () => signIn('ck_wrong')));
    expect(wrong.filter(({ code }) => code === 'key_invalid')).toHaveLength(10);
    expect(wrong.filter(({ code }) => code === 'too_many_attempts')).toHaveLength(5);
    const late = await signIn('ck_wrong');
    expect([late.status, Number(late.headers['retry-after'])]).toEqual([429, expect.any(Number)]);
    // The operators may have the address of whoever guesses: that of their office, or of a proxy.
    for (let right = 0; right < 15; right += 1) expect((await signIn(token)).status).toBe(201);
    expect((await signIn('ck_wrong')).status).toBe(429);
    expect((await signIn('ck_wrong', { from: '10.9.9.9' })).status).toBe(401);
    offset = MINUTE_MS;
    expect((await signIn('ck_wrong')).status).toBe(401);
  });

  it('refuses the page of a session that the browser has no more, also what only reads', async () => {
    const [former, now] = [await signedIn(), await signedIn()];
    const mixed = { headers: { cookie: now.cookie, 'x-csrf-token': former.csrf } };
    expect((await ask('GET', '/api_keys', mixed)).code).toBe('csrf_token_invalid');
    expect((await ask('GET', '/api_keys', as(now))).status).toBe(200);
    expect((await ask('GET', '/console/session', { headers: { cookie: now.cookie } })).status).toBe(200);
  });

  it('leaves no secret in the store or in the log', async () => {
    const { token } = await makeKey();
    const session = await signedIn(token);
    await ask('GET', '/api_keys', as(session));
    const secrets = {
      key: token.split('_').at(-1) ?? '',
      cookie: session.cookie.split('_').at(-1) ?? '',
      csrf: session.csrf,
    };
    const bytes = await store.files();
    expect(bytes.includes('console_session')).toBe(true);
    expect(secretsIn(bytes, secrets)).toEqual([]);
    expect(secretsIn(lines.join('\n'), secrets)).toEqual([]);
  });
});
