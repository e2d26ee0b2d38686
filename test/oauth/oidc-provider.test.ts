import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorizationUrl, exchangeCode } from '../../src/oauth/code-exchange.ts';
import type { OAuthClient, ObtainedGrant } from '../../src/oauth/grant.ts';
import { fetchIdentity } from '../../src/oauth/identity.ts';
import { introspect } from '../../src/oauth/introspection.ts';
import { revoke } from '../../src/oauth/revocation.ts';
import { Problem } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import type { Door } from '../../src/upstream/types.ts';
import { newKey } from '../vault/support/fixture.ts';
import { callMany, makeDoor, testClock } from './support/fixture.ts';
import { type GrantNode, offsetClock, PROJECT, startGrantNode, userRequest } from './support/grant-node.ts';
import { openSqlite, type StoreOfGrants } from './support/grant-processes.ts';
import { type IndependentServer, REDIRECT_URI, startIndependentServer } from './support/independent-server.ts';

const TWO_HOURS_MS = 2 * 3_600_000;
const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'data:read'];
const clock = testClock();

let server: IndependentServer;
let door: Door;
let files: StoreOfGrants;
let node: GrantNode;
/** The provider keeps real time, so that only this side believes its tokens expired. */
const later = offsetClock();

beforeAll(async () => {
  server = await startIndependentServer();
  door = makeDoor();
});
afterAll(async () => {
  await door.close();
  await server.close();
});
beforeEach(async () => {
  files = await openSqlite();
  later.setOffset(0);
  node = await startGrantNode({ ...files, ring: newKey('k1'), clock: later });
});
afterEach(async () => {
  await node.close();
  await files.remove();
});

async function link(client: OAuthClient): Promise<ObtainedGrant> {
  const codeVerifier = randomPKCECodeVerifier();
  const codeChallenge = await calculatePKCECodeChallenge(codeVerifier);
  const state = new Secret('state-1');
  const url = authorizationUrl(client, { redirectUri: REDIRECT_URI, scopes: SCOPES, state, codeChallenge });
  url.searchParams.set('prompt', 'consent');
  const consent = await server.consent(url);
  expect(consent).toMatchObject({ state: 'state-1', iss: client.authentication.tokenEndpoint?.origin });
  return exchangeCode({ door, clock }, client, {
    code: new Secret(consent.code ?? ''),
    redirectUri: REDIRECT_URI,
    codeVerifier: new Secret(codeVerifier),
    deadlineAt: clock.now() + 8_000,
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'fine',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
}

describe.each(['confidential', 'open'] as const)('an independent server and a client that is %s', (kind) => {
  it('links by code and PKCE, tells who consented and what was granted', async () => {
    const client = server[kind];
    const grant = await link(client);
    expect(grant.scopes).toEqual(expect.arrayContaining(['openid', 'data:read']));
    expect(grant.refreshToken).not.toBeNull();
    expect(await fetchIdentity({ door, clock }, client, grant.accessToken)).toEqual({
      subject: 'person-1',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
    });
  });

  it('rotates the refresh token again and again, once for many callers', async () => {
    const client = server[kind];
    await node.grants.install(PROJECT, 'acc_1', client, await link(client));
    const seen = new Set<string>();
    for (let round = 1; round <= 3; round++) {
      later.setOffset(round * TWO_HOURS_MS);
      const tally = await callMany(50, () => node.grants.userToken(userRequest(client, 'acc_1', later)));
      expect(tally).toMatchObject({ ok: 50, codes: [] });
      expect(tally.tokens).toHaveLength(1);
      for (const token of tally.tokens) seen.add(token);
    }
    expect(seen.size).toBe(3);
    expect(node.deaths).toEqual([]);
  });

  it('notices reuse: a refresh token that was used elsewhere ends the grant', async () => {
    const client = server[kind];
    const grant = await link(client);
    await node.grants.install(PROJECT, 'acc_1', client, grant);
    const thief = await startGrantNode({ ...files, ring: newKey('k2'), clock: later });
    await thief.grants.install(PROJECT, 'acc_2', client, grant);
    later.setOffset(TWO_HOURS_MS);
    expect(await codeOf(node.grants.userToken(userRequest(client, 'acc_1', later)))).toBe('fine');
    expect(await codeOf(thief.grants.userToken(userRequest(client, 'acc_2', later)))).toBe('account_reauth_required');
    expect(thief.deaths).toEqual([{ account: 'acc_2', death: 'grant_refused' }]);
    // The server ended the whole family, the honest part included.
    later.setOffset(2 * TWO_HOURS_MS);
    expect(await codeOf(node.grants.userToken(userRequest(client, 'acc_1', later)))).toBe('account_reauth_required');
    await thief.close();
  });

  it('introspects, and revokes on removal', async () => {
    const client = server[kind];
    const grant = await link(client);
    // What a token endpoint just gave is active; scopes are not asked for twice.
    expect(await introspect({ door, clock }, client, grant.accessToken)).toMatchObject({
      active: true,
      clientId: client.clientId,
      scopes: expect.arrayContaining(['data:read']),
    });
    await node.grants.install(PROJECT, 'acc_1', client, grant);
    expect(await node.grants.remove(PROJECT, 'acc_1', client)).toEqual({ revoked: 'revoked' });
    expect(await introspect({ door, clock }, client, grant.accessToken)).toMatchObject({ active: false });
    if (grant.refreshToken)
      expect(await introspect({ door, clock }, client, grant.refreshToken)).toMatchObject({ active: false });
    expect(await revoke({ door, clock }, client, { token: grant.accessToken, kind: 'access_token' })).toBe(true);
  });

  it("refuses a code with another attempt's verifier, and a code that was used", async () => {
    const client = server[kind];
    const codeChallenge = await calculatePKCECodeChallenge(randomPKCECodeVerifier());
    const request = { redirectUri: REDIRECT_URI, scopes: SCOPES, state: new Secret('s'), codeChallenge };
    const { code = '' } = await server.consent(authorizationUrl(client, request));
    const attempt = () =>
      exchangeCode({ door, clock }, client, {
        code: new Secret(code),
        redirectUri: REDIRECT_URI,
        codeVerifier: new Secret(randomPKCECodeVerifier()),
        deadlineAt: clock.now() + 8_000,
      });
    expect(await codeOf(attempt())).toBe('token_request_rejected');
    expect(await codeOf(attempt())).toBe('token_request_rejected');
  });
});
