import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET, SANDBOX_PUBLIC_CLIENT_ID } from '../../sandbox/aps/defaults.ts';
import { ADMIN, CALLBACK, claimsOf, type Oauth, pkce, startOauth } from './oauth-client.ts';

const MINUTE_S = 60;
const DAY_S = 86_400;
let oauth: Oauth;
beforeAll(async () => {
  oauth = await startOauth();
});
afterAll(() => oauth.stop());
beforeEach(() => {
  oauth.sandbox.resetSwitches();
});

const refused = async (reply: Promise<{ status: number; json: { error: string } }>) => {
  const { status, json } = await reply;
  return [status, json.error];
};
const grantOf = () => oauth.sandbox.grants().grants.at(-1);

describe('an authorization code', () => {
  it('gives an access token, a refresh token and no scope member', async () => {
    const reply = await oauth.exchange(await oauth.consent());
    expect([reply.status, reply.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(Object.keys(reply.json)).toEqual(['access_token', 'token_type', 'expires_in', 'refresh_token']);
    expect(reply.json).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(claimsOf(reply.json.access_token)).toEqual({
      scope: ['data:read', 'user-profile:read'],
      client_id: SANDBOX_CLIENT_ID,
      iss: 'https://developer.api.autodesk.com',
      aud: 'https://autodesk.com',
      jti: expect.any(String),
      exp: expect.any(Number),
      userid: ADMIN,
    });
    expect(await oauth.hubs(reply.json.access_token)).toBe(200);
  });

  it('grants what the person granted, when that is less than was asked for', async () => {
    const { json } = await oauth.exchange(await oauth.consent({}, { scopes: ['user-profile:read'] }));
    expect(claimsOf(json.access_token).scope).toEqual(['user-profile:read']);
    expect(await oauth.hubs(json.access_token)).toBe(403);
  });

  it('gives a signed id token about the person when openid is granted', async () => {
    const { json } = await oauth.exchange(await oauth.consent({ scope: 'openid', nonce: 'n-1' }));
    const [head = '', claims = '', signature = ''] = json.id_token.split('.');
    const { keys } = (await oauth.call('/authentication/v2/keys')).json;
    const key = createPublicKey({ key: keys[0], format: 'jwk' });
    expect(verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(claimsOf(json.id_token)).toMatchObject({
      iss: 'https://developer.api.autodesk.com',
      aud: SANDBOX_CLIENT_ID,
      sub: ADMIN,
      nonce: 'n-1',
      user_email: 'sandbox.user.1@us.example',
    });
  });

  it('is used once: a second use is refused and ends what the first one gave', async () => {
    const code = await oauth.consent();
    const { json } = await oauth.exchange(code);
    expect(await refused(oauth.exchange(code))).toEqual([400, 'invalid_grant']);
    expect(await oauth.hubs(json.access_token)).toBe(401);
    expect(await refused(oauth.refresh(json.refresh_token))).toEqual([400, 'invalid_grant']);
    expect(grantOf()).toMatchObject({ alive: false, ended_by: 'code_reused', code_reuse_count: 1, reuse_count: 0 });
  });

  it('is redeemed once however many ask at the same time', async () => {
    const code = await oauth.consent();
    const replies = await Promise.all(Array.from({ length: 20 }, () => oauth.exchange(code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('lives five minutes', async () => {
    const [early, late] = [await oauth.consent(), await oauth.consent()];
    oauth.sandbox.advanceClock({ advance_s: 5 * MINUTE_S - 2 });
    expect((await oauth.exchange(early)).status).toBe(200);
    oauth.sandbox.advanceClock({ advance_s: 2 });
    expect(await refused(oauth.exchange(late))).toEqual([400, 'invalid_grant']);
  });

  it('needs the same redirect_uri, all parameters, and the app it was given to', async () => {
    const code = await oauth.consent();
    const other = CALLBACK.replace('4173', '4174');
    expect(await refused(oauth.exchange(code, { redirect_uri: other }))).toEqual([400, 'invalid_grant']);
    expect(await refused(oauth.exchange(code, { redirect_uri: '' }))).toEqual([400, 'invalid_request']);
    expect(await refused(oauth.exchange(''))).toEqual([400, 'invalid_request']);
    expect(await refused(oauth.exchange('unknown'))).toEqual([400, 'invalid_grant']);
    const foreign = { client_id: SANDBOX_PUBLIC_CLIENT_ID };
    expect(await refused(oauth.exchange(code, foreign, null))).toEqual([400, 'invalid_grant']);
    expect((await oauth.exchange(code)).status).toBe(200);
  });

  it('with a challenge is redeemed by its own verifier alone, also that of RFC 7636', async () => {
    const [mine, other] = [pkce(), pkce()];
    const asked = { code_challenge: mine.challenge, code_challenge_method: 'S256' };
    const code = await oauth.consent(asked);
    expect(await refused(oauth.exchange(code))).toEqual([400, 'invalid_request']);
    for (const code_verifier of [other.verifier, mine.challenge, 'short', `${mine.verifier}!`])
      expect(await refused(oauth.exchange(code, { code_verifier }))).toEqual([400, 'invalid_grant']);
    expect((await oauth.exchange(code, { code_verifier: mine.verifier })).status).toBe(200);

    const vector = await oauth.consent({ ...asked, code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' });
    const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    expect((await oauth.exchange(vector, { code_verifier })).status).toBe(200);

    const without = await oauth.consent();
    expect(await refused(oauth.exchange(without, { code_verifier }))).toEqual([400, 'invalid_grant']);
  });
});

describe('a refresh token', () => {
  it('gives a new one each time, with all that was granted', async () => {
    const first = await oauth.link();
    const second = (await oauth.refresh(first.refresh_token)).json;
    const third = (await oauth.refresh(second.refresh_token)).json;
    expect(Object.keys(third)).toEqual(['access_token', 'token_type', 'expires_in', 'refresh_token']);
    expect(new Set([first, second, third].map((one) => one.refresh_token)).size).toBe(3);
    expect(claimsOf(third.access_token)).toMatchObject({ scope: ['data:read', 'user-profile:read'], userid: ADMIN });
    // The access tokens of before live on.
    expect(await oauth.hubs(first.access_token)).toBe(200);
    expect(grantOf()).toMatchObject({ user: ADMIN, generation: 3, refreshes: 2, reuse_count: 0, alive: true });
  });

  it('that was replaced ends everything when it is used again', async () => {
    const first = await oauth.link();
    const second = (await oauth.refresh(first.refresh_token)).json;
    expect(await refused(oauth.refresh(first.refresh_token))).toEqual([400, 'invalid_grant']);
    expect(await refused(oauth.refresh(second.refresh_token))).toEqual([400, 'invalid_grant']);
    expect(await oauth.hubs(first.access_token)).toBe(401);
    expect(await oauth.hubs(second.access_token)).toBe(401);
    await oauth.refresh(first.refresh_token);
    expect(grantOf()).toMatchObject({ alive: false, ended_by: 'refresh_token_reused', reuse_count: 2 });
    expect(oauth.sandbox.grants().reuse_count).toBeGreaterThanOrEqual(2);
  });

  it('is used once however many ask at the same time', async () => {
    const { refresh_token } = await oauth.link();
    const replies = await Promise.all(Array.from({ length: 20 }, () => oauth.refresh(refresh_token)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(grantOf()).toMatchObject({ refreshes: 1, reuse_count: 19, alive: false });
  });

  it('narrows the access token when asked, and never widens it', async () => {
    const { refresh_token } = await oauth.link();
    expect(await refused(oauth.refresh(refresh_token, { scope: 'data:read data:write' }))).toEqual([
      400,
      'invalid_scope',
    ]);
    const narrow = (await oauth.refresh(refresh_token, { scope: 'data:read' })).json;
    expect(claimsOf(narrow.access_token).scope).toEqual(['data:read']);
    const whole = (await oauth.refresh(narrow.refresh_token)).json;
    expect(claimsOf(whole.access_token).scope).toEqual(['data:read', 'user-profile:read']);
  });

  it('lives fifteen days, from each refresh again', async () => {
    const first = await oauth.link();
    expect(grantOf()?.refresh_expires_in_s).toBeGreaterThan(15 * DAY_S - MINUTE_S);
    oauth.sandbox.advanceClock({ advance_s: 15 * DAY_S - MINUTE_S });
    expect(await oauth.hubs(first.access_token)).toBe(401);
    const second = (await oauth.refresh(first.refresh_token)).json;
    oauth.sandbox.advanceClock({ advance_s: 15 * DAY_S + 1 });
    expect(await refused(oauth.refresh(second.refresh_token))).toEqual([400, 'invalid_grant']);
    expect(grantOf()).toMatchObject({ alive: false, ended_by: null, reuse_count: 0 });
  });

  it('lives as long as a switch says, and is not replaced when another says so', async () => {
    oauth.sandbox.setSwitches({ refresh_token_life_s: 10, refresh_without_rotation: true });
    const { refresh_token } = await oauth.link();
    for (let index = 0; index < 3; index++) {
      oauth.sandbox.advanceClock({ advance_s: 8 });
      const reply = await oauth.refresh(refresh_token);
      expect([reply.status, reply.json.refresh_token]).toEqual([200, refresh_token]);
    }
    expect(grantOf()).toMatchObject({ generation: 1, refreshes: 3, reuse_count: 0 });
    oauth.sandbox.advanceClock({ advance_s: 11 });
    expect(await refused(oauth.refresh(refresh_token))).toEqual([400, 'invalid_grant']);
  });

  it('is of no use to another app, and unharmed by its attempt', async () => {
    const { refresh_token } = await oauth.link();
    const foreign = { client_id: SANDBOX_PUBLIC_CLIENT_ID };
    expect(await refused(oauth.refresh(refresh_token, foreign, null))).toEqual([400, 'invalid_grant']);
    expect(await refused(oauth.refresh('unknown'))).toEqual([400, 'invalid_grant']);
    expect(await refused(oauth.refresh(''))).toEqual([400, 'invalid_request']);
    expect((await oauth.refresh(refresh_token)).status).toBe(200);
  });
});

describe('an app', () => {
  const code = () => oauth.consent();

  it('authenticates in the header or the body, and in both is refused with 400', async () => {
    const body = { client_id: SANDBOX_CLIENT_ID, client_secret: SANDBOX_CLIENT_SECRET };
    expect((await oauth.exchange(await code(), body, null)).status).toBe(200);
    expect(await refused(oauth.exchange(await code(), body))).toEqual([400, 'invalid_request']);
    expect(await refused(oauth.exchange(await code(), {}, null))).toEqual([401, 'invalid_client']);
    expect(await refused(oauth.exchange(await code(), { client_id: SANDBOX_CLIENT_ID }, null))).toEqual([
      401,
      'invalid_client',
    ]);
  });

  it('without a secret names itself in the body, proves itself by PKCE, and has no other grants', async () => {
    const { verifier, challenge } = pkce();
    const client_id = SANDBOX_PUBLIC_CLIENT_ID;
    const asked = { client_id, code_challenge: challenge, code_challenge_method: 'S256' };
    const exchange = async (more: Record<string, string>, authorization: string | null = null) =>
      oauth.exchange(await oauth.consent(asked), { code_verifier: verifier, ...more }, authorization);
    const linked = await exchange({ client_id });
    expect(linked.status).toBe(200);
    expect((await oauth.refresh(linked.json.refresh_token, { client_id }, null)).status).toBe(200);
    expect(await refused(exchange({ client_id, client_secret: '' }))).toEqual([401, 'invalid_client']);
    const basic = `Basic ${Buffer.from(`${client_id}:`).toString('base64')}`;
    expect(await refused(exchange({}, basic))).toEqual([401, 'invalid_client']);
    const own = { grant_type: 'client_credentials', scope: 'data:read', client_id };
    expect(await refused(oauth.ask(own, null))).toEqual([400, 'unauthorized_client']);
  });
});

describe('introspection', () => {
  const introspect = async (token: string, more: Record<string, string> = {}, authorization?: string | null) =>
    (await oauth.form('/authentication/v2/introspect', { token, ...more }, authorization)).json;

  it('tells of access and refresh tokens what the reference names', async () => {
    const { access_token, refresh_token } = await oauth.link();
    const about = { active: true, scope: 'data:read user-profile:read', client_id: SANDBOX_CLIENT_ID, userid: ADMIN };
    expect(await introspect(access_token)).toEqual({ ...about, exp: claimsOf(access_token).exp });
    expect(await introspect(refresh_token)).toEqual({ ...about, exp: expect.any(Number) });
    const own = await oauth.ask({ grant_type: 'client_credentials', scope: 'data:read' });
    expect(Object.keys(await introspect(own.json.access_token))).toEqual(['active', 'scope', 'client_id', 'exp']);
  });

  it('says no more than inactive of what is over, unknown or another app’s', async () => {
    const { access_token, refresh_token } = await oauth.link();
    const foreign = { client_id: SANDBOX_PUBLIC_CLIENT_ID };
    expect(await introspect(access_token, foreign, null)).toEqual({ active: false });
    expect(await introspect('unknown')).toEqual({ active: false });
    await oauth.refresh(refresh_token);
    expect(await introspect(refresh_token)).toEqual({ active: false });
    oauth.sandbox.advanceClock({ advance_s: 3600 });
    expect(await introspect(access_token)).toEqual({ active: false });
    expect(await refused(oauth.form('/authentication/v2/introspect', { token: access_token }, null))).toEqual([
      401,
      'invalid_client',
    ]);
    expect(await refused(oauth.form('/authentication/v2/introspect', {}))).toEqual([400, 'invalid_request']);
  });
});

describe('revocation', () => {
  const revoke = (token: string, token_type_hint = 'refresh_token', authorization?: string | null) =>
    oauth.form('/authentication/v2/revoke', { token, token_type_hint }, authorization);

  it('of a refresh token ends the whole consent, and answers 200 without a body', async () => {
    const { access_token, refresh_token } = await oauth.link();
    const reply = await revoke(refresh_token);
    expect([reply.status, reply.bytes.length]).toEqual([200, 0]);
    expect(await oauth.hubs(access_token)).toBe(401);
    expect(await refused(oauth.refresh(refresh_token))).toEqual([400, 'invalid_grant']);
    expect(grantOf()).toMatchObject({ alive: false, ended_by: 'revoked', reuse_count: 0 });
  });

  it('of an access token ends that one alone', async () => {
    const { access_token, refresh_token } = await oauth.link();
    expect((await revoke(access_token, 'access_token')).status).toBe(200);
    expect(await oauth.hubs(access_token)).toBe(401);
    expect((await oauth.refresh(refresh_token)).status).toBe(200);
  });

  it('of what is unknown or another app’s changes nothing, and wants a token and a good hint', async () => {
    const { refresh_token } = await oauth.link();
    expect((await revoke('unknown')).status).toBe(200);
    const basic = `Basic ${Buffer.from(`${SANDBOX_CLIENT_ID}:wrong`).toString('base64')}`;
    expect(await refused(revoke(refresh_token, 'refresh_token', basic))).toEqual([401, 'invalid_client']);
    const path = '/authentication/v2/revoke';
    const foreign = { token: refresh_token, token_type_hint: 'refresh_token', client_id: SANDBOX_PUBLIC_CLIENT_ID };
    expect((await oauth.form(path, foreign, null)).status).toBe(200);
    expect(await refused(revoke(refresh_token, 'id_token'))).toEqual([400, 'invalid_request']);
    expect(await refused(oauth.form(path, { token: refresh_token }))).toEqual([400, 'invalid_request']);
    expect((await oauth.refresh(refresh_token)).status).toBe(200);
  });
});

describe('the identity', () => {
  const userinfo = (token?: string) =>
    oauth.call('/userinfo', token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

  it('is told to a person’s token with openid or user-profile:read', async () => {
    for (const scope of ['openid', 'user-profile:read data:read']) {
      const reply = await userinfo((await oauth.link('SANDBOXUSER5', scope)).access_token);
      expect(reply.json).toMatchObject({
        sub: 'SANDBOXUSER5',
        name: 'Sandbox User 5',
        given_name: 'Sandbox',
        family_name: 'User 5',
        preferred_username: 'sandbox.user.5',
        email: 'sandbox.user.5@us.example',
        email_verified: true,
      });
    }
  });

  it('is told to nobody else', async () => {
    expect((await userinfo()).status).toBe(401);
    expect((await userinfo('x')).status).toBe(401);
    expect((await userinfo((await oauth.link(ADMIN, 'data:read')).access_token)).status).toBe(403);
    const own = await oauth.ask({ grant_type: 'client_credentials', scope: 'user-profile:read' });
    expect((await userinfo(own.json.access_token)).status).toBe(403);
  });
});

describe('discovery', () => {
  it('names the endpoints of the real service, and other methods are refused', async () => {
    const reply = await oauth.call('/.well-known/openid-configuration');
    expect(reply.json).toMatchObject({
      issuer: 'https://developer.api.autodesk.com',
      token_endpoint: 'https://developer.api.autodesk.com/authentication/v2/token',
      userinfo_endpoint: 'https://api.userprofile.autodesk.com/userinfo',
    });
    for (const path of ['introspect', 'revoke', 'token']) {
      expect((await oauth.call(`/authentication/v2/${path}`)).status).toBe(405);
    }
  });
});
