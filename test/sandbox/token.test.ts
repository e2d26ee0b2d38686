import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from '../../sandbox/aps/defaults.ts';
import { type Running, startSandbox, tokenRequest } from './client.ts';

const TOKEN = '/authentication/v2/token';
let now = Date.UTC(2026, 0, 1);
let running: Running;

beforeAll(async () => {
  running = await startSandbox({
    apps: [
      { clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET },
      { clientId: 'narrow', clientSecret: 'narrow+secret:with/odd chars', allowedScopes: ['data:read'] },
    ],
    now: () => now,
  });
});
afterAll(() => running.stop());
beforeEach(() => {
  running.sandbox.resetSwitches();
});

const ask = (form: Record<string, string>, basic?: string) => running.call(TOKEN, tokenRequest(form, basic));

describe('the token endpoint', () => {
  it('answers exactly the three recorded keys and the headers that forbid storing them', async () => {
    const reply = await ask({ scope: 'data:read data:write' });
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.json)).toEqual(['access_token', 'token_type', 'expires_in']);
    expect(reply.json).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.headers.pragma).toBe('no-cache');
    expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('issues a JWT whose RS256 signature holds and whose claims are the documented ones', async () => {
    const token = await running.token('data:read data:search');
    const [head = '', claims = '', signature = ''] = token.split('.');
    const decoded = JSON.parse(Buffer.from(claims, 'base64url').toString());
    expect(JSON.parse(Buffer.from(head, 'base64url').toString()).alg).toBe('RS256');
    expect(decoded).toEqual({
      scope: ['data:read', 'data:search'],
      client_id: SANDBOX_CLIENT_ID,
      iss: 'https://developer.api.autodesk.com',
      aud: 'https://autodesk.com',
      jti: expect.any(String),
      exp: Math.floor(now / 1000) + 3599,
    });
    const { keys } = (await running.call('/authentication/v2/keys')).json;
    const key = createPublicKey({ key: keys[0], format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('takes Basic credentials too, form-encoded or not, and secrets with colons', async () => {
    expect((await ask({ scope: 'data:read' }, `${SANDBOX_CLIENT_ID}:${SANDBOX_CLIENT_SECRET}`)).status).toBe(200);
    expect((await ask({ scope: 'data:read' }, 'narrow:narrow+secret:with/odd chars')).status).toBe(200);
    expect((await ask({ scope: 'data:read' }, 'narrow:narrow%2Bsecret%3Awith%2Fodd+chars')).status).toBe(200);
  });

  it('refuses credentials in both places with 400 and the documented message', async () => {
    const reply = await ask({ scope: 'data:read', client_id: SANDBOX_CLIENT_ID }, `${SANDBOX_CLIENT_ID}:x`);
    expect(reply.status).toBe(400);
    expect(reply.json).toEqual({
      error: 'invalid_request',
      error_description: "The 'client_id' is not supported in the request body when Authorization headers are present.",
    });
  });

  it.each([
    ['a wrong secret', { scope: 'data:read', client_secret: 'no' }, 401, 'invalid_client'],
    ['an unknown client', { scope: 'data:read', client_id: 'nobody' }, 401, 'invalid_client'],
    ['no scope', {}, 400, 'invalid_request'],
    ['an unknown scope', { scope: 'data:read data:raed' }, 400, 'invalid_scope'],
    [
      'more than 50 scopes',
      { scope: Array.from({ length: 51 }, (_, i) => `data:read:urn:${i}`).join(' ') },
      400,
      'invalid_scope',
    ],
    ['another grant type', { scope: 'data:read', grant_type: 'password' }, 400, 'invalid_request'],
    [
      'a scope that the app may not have',
      { scope: 'data:write', client_id: 'narrow', client_secret: 'narrow+secret:with/odd chars' },
      400,
      'invalid_scope',
    ],
  ])('refuses %s', async (_what, form, status, error) => {
    const reply = await ask(form as Record<string, string>);
    expect([reply.status, reply.json.error]).toEqual([status, error]);
  });

  it('refuses missing credentials, repeated parameters, JSON bodies and other methods', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const post = (body: string, type = headers) => running.call(TOKEN, { method: 'POST', headers: type, body });
    expect((await post('grant_type=client_credentials&scope=data:read')).status).toBe(401);
    const good = tokenRequest({ scope: 'data:read' }).body ?? '';
    expect((await post(`${good}&scope=data:write`)).status).toBe(400);
    expect((await post(good, { 'content-type': 'application/json' })).status).toBe(401);
    const basic = tokenRequest({}, `${SANDBOX_CLIENT_ID}:${SANDBOX_CLIENT_SECRET}`).headers ?? {};
    const json = await running.call(TOKEN, {
      method: 'POST',
      headers: { ...basic, 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials', scope: 'data:read' }),
    });
    expect(json.status).toBe(400);
    expect((await running.call(TOKEN)).status).toBe(405);
    expect((await post('a'.repeat(70_000))).status).toBe(413);
  });

  it('speaks the gateway error shape when switched to it', async () => {
    running.sandbox.setSwitches({ token_error_shape: 'gateway' });
    const reply = await ask({ scope: 'data:read', client_secret: 'no' });
    expect(reply.status).toBe(401);
    expect(reply.json).toMatchObject({ developerMessage: expect.any(String), errorCode: 'AUTH-003' });
    expect(reply.json.error).toBeUndefined();
  });
});

describe('the bearer check', () => {
  const hubs = (authorization?: string) =>
    running.call('/project/v1/hubs', authorization === undefined ? {} : { headers: { authorization } });

  it('answers 401 in the gateway shape without a token', async () => {
    const reply = await hubs();
    expect(reply.status).toBe(401);
    expect(reply.json).toMatchObject({
      developerMessage: 'Token is not provided in the request.',
      errorCode: 'AUTH-010',
    });
    expect((await hubs('Basic abc')).status).toBe(401);
  });

  it('answers 401 AUTH-006 to a foreign token, a changed one, and one after two spaces', async () => {
    const token = await running.token();
    for (const bad of ['Bearer x', `Bearer ${token}x`, `Bearer  ${token}`]) {
      const reply = await hubs(bad);
      expect([reply.status, reply.json.errorCode]).toEqual([401, 'AUTH-006']);
    }
    expect((await hubs(`Bearer ${token}`)).status).toBe(200);
  });

  it('answers 403 AUTH-010 to a token without the scope', async () => {
    const reply = await hubs(`Bearer ${await running.token('data:write')}`);
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({
      developerMessage: 'Token does not have the privilege for this request.',
      errorCode: 'AUTH-010',
    });
  });

  it('lets a token end after the switched lifetime', async () => {
    running.sandbox.setSwitches({ expires_in: 2 });
    const reply = await ask({ scope: 'data:read' });
    expect(reply.json.expires_in).toBe(2);
    const bearer = `Bearer ${reply.json.access_token}`;
    expect((await hubs(bearer)).status).toBe(200);
    now += 2_000;
    expect((await hubs(bearer)).json.errorCode).toBe('AUTH-006');
  });

  it('refuses every token issued before a revocation of all', async () => {
    const bearer = `Bearer ${await running.token()}`;
    const reply = await running.call('/_sandbox/tokens/revoke_all', { method: 'POST' });
    expect(reply.json.revoked).toBeGreaterThan(0);
    expect((await hubs(bearer)).json.errorCode).toBe('AUTH-006');
    expect((await hubs(`Bearer ${await running.token()}`)).status).toBe(200);
  });
});
