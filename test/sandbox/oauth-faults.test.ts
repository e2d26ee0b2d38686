import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Oauth, startOauth } from './oauth-client.ts';

const TOKEN = '/authentication/v2/token';
const REFRESH = { path: TOKEN, grant_type: 'refresh_token' } as const;
let oauth: Oauth;
beforeAll(async () => {
  oauth = await startOauth();
});
afterAll(() => oauth.stop());
afterEach(() => {
  oauth.sandbox.clearFaults();
  oauth.sandbox.resetSwitches();
});

const grantOf = () => oauth.sandbox.grants().grants.at(-1);

describe('a fault of one grant type', () => {
  it('meets token requests with that grant type alone', async () => {
    oauth.sandbox.setFaults([{ kind: 'status', status: 503, ...REFRESH, times: 1 }]);
    const { refresh_token } = await oauth.link();
    expect((await oauth.ask({ grant_type: 'client_credentials', scope: 'data:read' })).status).toBe(200);
    expect((await oauth.refresh(refresh_token)).status).toBe(503);
    expect((await oauth.refresh(refresh_token)).status).toBe(200);
    expect(oauth.sandbox.faults()).toMatchObject([{ hits: 1, remaining: 0 }]);
    expect(grantOf()).toMatchObject({ refreshes: 1, reuse_count: 0 });
  });

  it('cuts before processing without using the token up, and after it having done so', async () => {
    const { refresh_token } = await oauth.link();
    for (const at of ['before_processing', 'during_body'] as const) {
      oauth.sandbox.setFaults([{ kind: 'reset', ...REFRESH, at }]);
      await expect(oauth.refresh(refresh_token)).rejects.toThrow();
      expect(grantOf()).toMatchObject({ generation: 1, refreshes: 0 });
    }
    oauth.sandbox.setFaults([{ kind: 'reset', ...REFRESH, at: 'after_processing' }]);
    await expect(oauth.refresh(refresh_token)).rejects.toThrow();
    expect(grantOf()).toMatchObject({ generation: 2, refreshes: 1, alive: true });
    oauth.sandbox.clearFaults();
    expect((await oauth.refresh(refresh_token)).json.error).toBe('invalid_grant');
    expect(grantOf()).toMatchObject({ alive: false, reuse_count: 1 });
  });

  it('delays before or after the request took effect', async () => {
    const { refresh_token } = await oauth.link();
    oauth.sandbox.setFaults([{ kind: 'latency', ms: 150, ...REFRESH, times: 1 }]);
    const early = oauth.refresh(refresh_token);
    await until(() => oauth.sandbox.faults()[0]?.hits === 1);
    expect(grantOf()?.generation).toBe(1);
    const second = (await early).json.refresh_token;

    oauth.sandbox.setFaults([{ kind: 'latency', ms: 150, at: 'after_processing', ...REFRESH, times: 1 }]);
    const start = performance.now();
    const late = oauth.refresh(second);
    await until(() => grantOf()?.generation === 3);
    expect((await late).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(140);
  });

  it('drips and answers HTML', async () => {
    const { refresh_token } = await oauth.link();
    oauth.sandbox.setFaults([
      { kind: 'not_json', ...REFRESH, times: 1 },
      { kind: 'drip', bytes_per_chunk: 500, interval_ms: 5, ...REFRESH, times: 1 },
    ]);
    const html = await oauth.refresh(refresh_token);
    expect([html.status, html.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await oauth.refresh(refresh_token)).json.refresh_token).toMatch(/^[\w-]{42}$/);
  });

  it('leaves members out of the true answer and sets others', async () => {
    let { refresh_token } = await oauth.link();
    const answers = async (fault: { omit?: string[]; set?: Record<string, unknown> }) => {
      oauth.sandbox.setFaults([{ kind: 'patch_json', ...REFRESH, ...fault, times: 1 }]);
      const { status, json } = await oauth.refresh(refresh_token);
      refresh_token = json.refresh_token ?? refresh_token;
      return [status, json] as const;
    };
    for (const expires_in of ['3599', 0, -1, 1e12, null]) {
      const [status, json] = await answers({ set: { expires_in } });
      expect([status, json.expires_in]).toEqual([200, expires_in]);
    }
    expect((await answers({ omit: ['expires_in'] }))[1]).not.toHaveProperty('expires_in');
    const [status, json] = await answers({ omit: ['access_token'], set: { error: 'server_error', refresh_token } });
    expect([status, json.error, json.access_token]).toEqual([200, 'server_error', undefined]);
    expect(grantOf()).toMatchObject({ refreshes: 7, reuse_count: 0 });
    // What the last answer said was not the new one.
    expect((await oauth.refresh(refresh_token)).status).toBe(400);

    refresh_token = (await oauth.link()).refresh_token;
    expect((await answers({ omit: ['refresh_token'] }))[1]).not.toHaveProperty('refresh_token');
    oauth.sandbox.setFaults([{ kind: 'patch_json', set: { x: 1 } }]);
    expect((await oauth.refresh('unknown')).json).not.toHaveProperty('x');
  });
});

describe('the controls', () => {
  it('show grants and requests without any token in them', async () => {
    const code = await oauth.consent();
    const { refresh_token, access_token } = (await oauth.exchange(code)).json;
    await oauth.form('/authentication/v2/revoke', { token: refresh_token, token_type_hint: 'refresh_token' });
    await oauth.call(oauth.authorizeUrl({ state: 'secret-state' }));
    const shown = JSON.stringify([
      (await oauth.control('GET', 'grants')).json,
      (await oauth.call('/_sandbox/requests')).json,
    ]);
    for (const secret of [code, refresh_token, access_token, 'secret-state']) expect(shown).not.toContain(secret);
    expect(shown).toContain('"grant_type":"authorization_code"');
    expect(shown).toContain('"token_type_hint":"refresh_token"');
  });

  it('withdraw the grants of a person, or all', async () => {
    const [first, second] = [await oauth.link('SANDBOXUSER7'), await oauth.link('SANDBOXUSER8')];
    const withdrawn = await oauth.control('POST', 'grants/revoke', { user: 'SANDBOXUSER7' });
    expect(withdrawn.json).toEqual({ revoked: 1 });
    expect(await oauth.hubs(first.access_token)).toBe(401);
    expect((await oauth.refresh(first.refresh_token)).json.error).toBe('invalid_grant');
    expect(oauth.sandbox.grants().grants.find(({ user }) => user === 'SANDBOXUSER7')).toMatchObject({
      ended_by: 'withdrawn',
      reuse_count: 0,
    });
    expect((await oauth.refresh(second.refresh_token)).status).toBe(200);
    expect((await oauth.control('POST', 'grants/revoke')).json).toEqual({ revoked: expect.any(Number) });
    expect(oauth.sandbox.grants().grants.every(({ alive }) => !alive)).toBe(true);
  });

  it('move the clock, which the Date header follows', async () => {
    const before = (await oauth.control('GET', 'clock')).json as unknown as { offset_s: number };
    const { access_token } = await oauth.link();
    const moved = await oauth.control('POST', 'clock', { advance_s: 3600 });
    expect(moved.json).toMatchObject({ offset_s: before.offset_s + 3600 });
    expect(await oauth.hubs(access_token)).toBe(401);
    const reply = await oauth.call('/authentication/v2/keys');
    expect(Date.parse(String(reply.headers.date)) - Date.now()).toBeGreaterThan(3_590_000);
    oauth.sandbox.advanceClock({ advance_s: -3600 });
  });

  it('refuse what is malformed', async () => {
    for (const [path, body] of [
      ['clock', { advance_s: '1' }],
      ['clock', {}],
      ['apps', { client_id: '' }],
      ['apps', { client_id: 'x', redirect_uris: 'http://x' }],
      ['apps', { client_id: 'x', public: true, client_secret: 'x' }],
      ['service_accounts', { client_id: 'nobody' }],
      ['service_accounts', { client_id: 'sandbox-public-client' }],
      ['grants/revoke', { users: ADMIN }],
    ] as const)
      expect([path, body, (await oauth.control('POST', path, body)).status]).toEqual([path, body, 400]);
    expect((await oauth.control('PATCH', 'service_accounts', { service_account_id: 'x', enabled: true })).status).toBe(
      400,
    );
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let index = 0; index < 500 && !holds(); index++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(holds()).toBe(true);
}
