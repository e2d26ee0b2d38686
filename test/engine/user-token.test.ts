import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { NewProfile } from '../../src/domain/connector-profile.ts';
import { Secret } from '../../src/secret.ts';
import { type EngineStage, openStage } from './support/stage.ts';

const CONNECTOR = `
id: example
label: Example
description: For tests.
hosts: { api: https://api.example }
scopes: { a:read: { description: Read } }
authentication:
  - id: person
    label: Person
    grant: authorization_code
    authorization_endpoint: { path: /authorize }
    token_endpoint: { path: /token }
    client_authentication: client_secret_basic
    public_clients: true
    tokens: [user, app]
  - id: robot
    label: Robot
    grant: jwt_bearer
    token_endpoint: { path: /token }
    client_authentication: client_secret_basic
    assertion: { audience: "https://api.example/token", algorithm: ES256, life_s: 300 }
    tokens: [user, app]
`;
const action = (token: string) => `
- id: get_${token}
  label: Get
  description: As ${token}.
  effect: read
  scopes: ["a:read"]
  token: ${token}
  request: { method: GET, path: /things }
  output: { object: body }
`;
const ACTIONS = ['user', 'app', 'any'].map(action).join('');
const HOUR_MS = 3_600_000;

function stage(profile: Partial<NewProfile>): Promise<EngineStage> {
  return openStage({ connector: CONNECTOR, actions: ACTIONS, profile });
}

async function link({ grants, project, account, client }: EngineStage): Promise<void> {
  const now = Date.now();
  await grants.install(project, account, client, {
    accessToken: new Secret('token-of-the-person'),
    refreshToken: new Secret('planted-refresh-token'),
    accessExpiresAt: now + HOUR_MS,
    refreshExpiresAt: null,
    obtainedAt: now,
    scopes: ['a:read'],
  });
}

const bearers = ({ upstream }: EngineStage) => upstream.requests.map(({ headers }) => headers.authorization);

describe('a call on behalf of a person', () => {
  it("uses the account's grant, and the app's own token where the action wants that", async () => {
    const scene = await stage({ authentication: 'person' });
    await link(scene);
    for (const name of ['get_user', 'get_any', 'get_app']) expect((await scene.call(name)).problem).toBeUndefined();
    expect(bearers(scene)).toEqual([
      'Bearer token-of-the-person',
      'Bearer token-of-the-person',
      'Bearer token-number-1',
    ]);
  });

  it('renews a token that the provider refuses, once', async () => {
    const scene = await stage({ authentication: 'person' });
    await link(scene);
    scene.upstream.answer = ({ headers }) =>
      headers.authorization === 'Bearer token-of-the-person' ? { status: 401, body: {} } : { body: { ok: true } };
    expect((await scene.call('get_user')).answer).toBeDefined();
    expect(bearers(scene)).toEqual(['Bearer token-of-the-person', 'Bearer token-number-1']);
    scene.upstream.answer = () => ({ status: 401, body: {} });
    expect((await scene.call('get_user')).problem?.code).toBe('credential_rejected');
    expect(scene.upstream.tokenScopes).toHaveLength(1);
  });

  it('is refused where there is no grant, and nothing is sent', async () => {
    const scene = await stage({ authentication: 'person' });
    expect((await scene.call('get_user')).problem?.code).toBe('account_reauth_required');
    expect(scene.upstream.requests).toHaveLength(0);
  });

  it('works under a public client, which has no token of its own', async () => {
    const scene = await stage({ authentication: 'person', client_secret: null });
    await link(scene);
    expect((await scene.call('get_user')).problem).toBeUndefined();
    expect((await scene.call('get_app')).problem?.code).toBe('token_kind_unavailable');
    expect(scene.upstream.tokenScopes).toHaveLength(0);
  });

  it("shows the person's token in no refusal, however it is echoed", async () => {
    const scene = await stage({ authentication: 'person' });
    await link(scene);
    scene.upstream.answer = ({ headers }) => ({ status: 400, body: { message: headers.authorization } });
    const { problem } = await scene.call('get_user');
    expect(JSON.stringify([problem?.message, problem?.options])).not.toContain('token-of-the-person');
  });
});

describe('a call on behalf of a service account', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const robot = { service_account_id: 'robot-1', key_id: 'key-1', private_key: new Secret(pem) };

  it('uses a token of the assertion, another than that of the app, each asked for once', async () => {
    const scene = await stage({ authentication: 'robot', ...robot });
    for (const name of ['get_user', 'get_user', 'get_app', 'get_app', 'get_any'])
      expect((await scene.call(name)).problem).toBeUndefined();
    expect(bearers(scene)).toEqual([1, 1, 2, 2, 1].map((number) => `Bearer token-number-${number}`));
    expect(scene.upstream.tokenScopes).toHaveLength(2);
  });

  it('is refused without a key', async () => {
    const scene = await stage({ authentication: 'robot', ...robot, private_key: null });
    expect((await scene.call('get_user')).problem?.code).toBe('token_kind_unavailable');
  });
});
