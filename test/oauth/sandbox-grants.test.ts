import { fileURLToPath } from 'node:url';
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadRegistry } from '../../src/connector/load.ts';
import { authorizationUrl, exchangeCode } from '../../src/oauth/code-exchange.ts';
import type { OAuthClient } from '../../src/oauth/grant.ts';
import { fetchIdentity } from '../../src/oauth/identity.ts';
import { introspect } from '../../src/oauth/introspection.ts';
import { Problem } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import type { Door } from '../../src/upstream/types.ts';
import { type SandboxProcess, startSandboxProcess } from '../support/sandbox-process.ts';
import { newKey } from '../vault/support/fixture.ts';
import { callMany, makeDoor, testClock } from './support/fixture.ts';
import { type GrantNode, offsetClock, PROJECT, startGrantNode, userRequest } from './support/grant-node.ts';
import { openSqlite, type StoreOfGrants } from './support/grant-processes.ts';

const CALLBACK = 'http://127.0.0.1:4173/connect/oauth2/autodesk/callback';
const PERSON = 'SANDBOXUSER1';
const SCOPES = ['data:read', 'user-profile:read'];
const TWO_HOURS_MS = 2 * 3_600_000;
const clock = testClock();
/** Leaps, while the sandbox keeps real time: only this side believes its tokens expired. */
const later = offsetClock();

let sandbox: SandboxProcess;
let door: Door;
let files: StoreOfGrants;
let node: GrantNode;
let confidential: OAuthClient;
let open: OAuthClient;

beforeAll(async () => {
  [sandbox, files] = await Promise.all([startSandboxProcess(), openSqlite()]);
  door = makeDoor();
  node = await startGrantNode({ ...files, ring: newKey('k1'), clock: later });
  const connectors = fileURLToPath(new URL('../../connectors', import.meta.url));
  const real = ['https://developer.api.autodesk.com', 'https://api.userprofile.autodesk.com'];
  const originOverrides = new Map(real.map((origin) => [origin, sandbox.origin]));
  const connector = (await loadRegistry(connectors, { originOverrides })).connectors.get('autodesk');
  const authentication = connector?.authentication.get('three_legged');
  if (!connector || !authentication) throw new Error('no three-legged authentication');
  const common = { profileId: 'prf_1', profileGeneration: 1, authentication, allowedOrigins: connector.origins };
  confidential = { ...common, clientId: sandbox.clientId, clientSecret: new Secret(sandbox.clientSecret) };
  open = { ...common, clientId: sandbox.publicClientId, clientSecret: null };
});
afterAll(async () => {
  await node.close();
  await door.close();
  await sandbox.stop();
  await files.remove();
});
beforeEach(() => sandbox.reset());

async function link(client: OAuthClient) {
  const codeVerifier = randomPKCECodeVerifier();
  const codeChallenge = await calculatePKCECodeChallenge(codeVerifier);
  const state = new Secret('state-1');
  const url = authorizationUrl(client, { redirectUri: CALLBACK, scopes: SCOPES, state, codeChallenge });
  const back = await sandbox.consent({ authorization_url: url.href, user: PERSON });
  return exchangeCode({ door, clock }, client, {
    code: new Secret(back.searchParams.get('code') ?? ''),
    redirectUri: CALLBACK,
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

describe('the shipped connector against the sandbox', () => {
  it.each(['confidential', 'open'])('links, refreshes and removes for a client that is %s', async (kind) => {
    const client = kind === 'open' ? open : confidential;
    const grant = await link(client);
    expect(grant.scopes?.sort()).toEqual(SCOPES);
    expect((await fetchIdentity({ door, clock }, client, grant.accessToken))?.subject).toBe(PERSON);
    const account = `acc_${kind}`;
    await node.grants.install(PROJECT, account, client, grant);
    for (let round = 1; round <= 2; round++) {
      later.setOffset(later.now() - Date.now() + TWO_HOURS_MS);
      const tally = await callMany(20, () => node.grants.userToken(userRequest(client, account, later)));
      expect(tally).toMatchObject({ ok: 20, codes: [] });
    }
    const { token } = await node.grants.userToken(userRequest(client, account, later));
    expect(await introspect({ door, clock }, client, token)).toMatchObject({ active: true });
    expect(await node.grants.remove(PROJECT, account, client)).toEqual({ revoked: 'revoked' });
    expect(await codeOf(node.grants.userToken(userRequest(client, account, later)))).toBe('account_reauth_required');
  });

  it.each(['rfc6749', 'gateway'] as const)(
    'knows a refused refresh token when errors have the shape %s',
    async (shape) => {
      await sandbox.switches({ token_error_shape: shape });
      const grant = await link(confidential);
      const account = `acc_${shape}`;
      await node.grants.install(PROJECT, account, confidential, { ...grant, refreshToken: new Secret('used up') });
      later.setOffset(later.now() - Date.now() + TWO_HOURS_MS);
      expect(await codeOf(node.grants.userToken(userRequest(confidential, account, later)))).toBe(
        'account_reauth_required',
      );
      expect(node.deaths).toContainEqual({ account, death: 'grant_refused' });
    },
  );
});
