import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SANDBOX_CLIENT_ID, SANDBOX_PUBLIC_CLIENT_ID } from '../../sandbox/aps/defaults.ts';
import type { ServiceAccountReport } from '../../sandbox/aps/oauth-controls.ts';
import { claimsOf, type Oauth, startOauth } from './oauth-client.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const AUDIENCE = 'https://developer.api.autodesk.com/authentication/v2/token';
let oauth: Oauth;
let robot: ServiceAccountReport;
let key: KeyObject;
beforeAll(async () => {
  oauth = await startOauth();
  const made = await oauth.control('POST', 'service_accounts', {});
  expect(made.status).toBe(201);
  robot = made.json as unknown as ServiceAccountReport;
  key = createPrivateKey(robot.private_key);
});
afterAll(() => oauth.stop());

interface Changes {
  claims?: Record<string, unknown>;
  header?: { kid?: string; alg?: string };
  expiresInS?: number;
  signWith?: KeyObject | Uint8Array;
}

function assertion({ claims = {}, header = {}, expiresInS = 60, signWith = key }: Changes = {}): Promise<string> {
  const at = Math.floor(Date.now() / 1000);
  const all = { scope: ['data:read', 'data:write'], iss: SANDBOX_CLIENT_ID, sub: robot.service_account_id, ...claims };
  return new SignJWT({ aud: AUDIENCE, exp: at + expiresInS, ...all })
    .setProtectedHeader({ alg: 'RS256', kid: robot.key_id, ...header })
    .sign(signWith);
}
const ask = async (changes: Changes = {}, more: Record<string, string> = {}) =>
  oauth.ask({ grant_type: GRANT, assertion: await assertion(changes), ...more });

describe('an assertion of a service account', () => {
  it('gives a token of its user, without a refresh token', async () => {
    const { status, json } = await ask();
    expect([status, Object.keys(json)]).toEqual([200, ['access_token', 'token_type', 'expires_in']]);
    expect(claimsOf(json.access_token)).toMatchObject({
      userid: robot.service_account_id,
      scope: ['data:read', 'data:write'],
    });
    expect(await oauth.hubs(json.access_token)).toBe(200);
    const text = await ask({ claims: { scope: 'data:read' } });
    expect(claimsOf(text.json.access_token).scope).toEqual(['data:read']);
  });

  it('may be asked for less than it says, and not for more', async () => {
    const less = await ask({}, { scope: 'data:read' });
    expect(claimsOf(less.json.access_token).scope).toEqual(['data:read']);
    expect(await ask({}, { scope: 'data:create' })).toMatchObject({ status: 400, json: { error: 'invalid_scope' } });
    expect(await ask({ claims: { scope: ['data:raed'] } })).toMatchObject({ json: { error: 'invalid_scope' } });
    expect(await ask({ claims: { scope: [] } })).toMatchObject({ json: { error: 'invalid_request' } });
  });

  it.each<[string, Changes]>([
    ['of another app', { claims: { iss: 'somebody' } }],
    ['for another user', { claims: { sub: 'SANDBOXUSER1' } }],
    ['for another audience', { claims: { aud: 'https://developer.api.autodesk.com' } }],
    ['that is over', { expiresInS: -1 }],
    ['without an end', { claims: { exp: undefined } }],
    ['of an unknown key', { header: { kid: 'unknown' } }],
    ['signed by another key', { signWith: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
    ['of another algorithm', { header: { alg: 'HS256' }, signWith: new Uint8Array(32).fill(1) }],
  ])('%s is refused with invalid_grant', async (_what, changes) => {
    expect(await ask(changes)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  });

  it('is refused as a text that is no JWT, when missing, and from an app without a secret', async () => {
    const refusals = [
      await oauth.ask({ grant_type: GRANT, assertion: 'a.b.c' }),
      await oauth.ask({ grant_type: GRANT }),
      await oauth.ask({ grant_type: GRANT, assertion: await assertion(), client_id: SANDBOX_PUBLIC_CLIENT_ID }, null),
    ];
    expect(refusals.map(({ status, json }) => [status, json.error])).toEqual([
      [400, 'invalid_grant'],
      [400, 'invalid_request'],
      [400, 'unauthorized_client'],
    ]);
  });

  it('ends with the sandbox’s clock, and with the service account being turned off', async () => {
    oauth.sandbox.advanceClock({ advance_s: 90 });
    expect((await ask()).status).toBe(400);
    expect((await ask({ expiresInS: 120 })).status).toBe(200);
    oauth.sandbox.advanceClock({ advance_s: -90 });
    const turn = (enabled: boolean) =>
      oauth.control('PATCH', 'service_accounts', { service_account_id: robot.service_account_id, enabled });
    expect((await turn(false)).status).toBe(204);
    expect(await ask()).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    await turn(true);
    expect((await ask()).status).toBe(200);
  });

  it('reaches only the accounts that invited it', async () => {
    const stranger = await oauth.sandbox.createServiceAccount({ invited: false });
    const signWith = createPrivateKey(stranger.private_key);
    const claims = { sub: stranger.service_account_id };
    const { json } = await ask({ claims, header: { kid: stranger.key_id }, signWith });
    const hubs = async (token: string) =>
      (await oauth.call('/project/v1/hubs', { headers: { authorization: `Bearer ${token}` } })).json.data.length;
    expect(await hubs(json.access_token)).toBe(0);
    expect(await hubs((await ask()).json.access_token)).toBe(2);
  });
});
