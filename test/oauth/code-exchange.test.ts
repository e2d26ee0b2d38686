import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { jwtVerify, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/expression/compile.ts';
import { signAssertion } from '../../src/oauth/assertion.ts';
import { authorizationUrl, exchangeCode } from '../../src/oauth/code-exchange.ts';
import { fetchIdentity } from '../../src/oauth/identity.ts';
import { introspect } from '../../src/oauth/introspection.ts';
import { revoke } from '../../src/oauth/revocation.ts';
import { requestAppToken } from '../../src/oauth/token-endpoint.ts';
import { Problem } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import type { Door } from '../../src/upstream/types.ts';
import { CLIENT_SECRET, makeDoor, testClock } from './support/fixture.ts';
import { clientAt } from './support/grant-server.ts';

interface Seen {
  path: string;
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
}

type Reply = { status?: number; body: unknown };

const CODE = 'planted-authorization-code';
const VERIFIER = 'planted-code-verifier-of-at-least-43-characters-x';
const clock = testClock();

let origin: URL;
let seen: Seen[];
let replies: Record<string, Reply>;
let door: Door;
let stop: () => Promise<void>;

beforeAll(async () => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      seen.push({ path, headers: request.headers, form: new URLSearchParams(Buffer.concat(chunks).toString()) });
      const { status = 200, body } = replies[path] ?? { status: 404, body: {} };
      response.writeHead(status, { 'content-type': 'application/json' });
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.end(text.replace('ASSERTION', new URLSearchParams(seen.at(-1)?.form).get('assertion') ?? ''));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`);
  door = makeDoor();
  stop = async () => {
    await door.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
});
afterAll(() => stop());
beforeEach(() => {
  seen = [];
  replies = {};
});

const deps = () => ({ door, clock });
const exchange = () => ({
  code: new Secret(CODE),
  redirectUri: 'https://corbel.example/callback',
  codeVerifier: new Secret(VERIFIER),
  deadlineAt: clock.now() + 5_000,
});
const good = { access_token: 'opaque', token_type: 'Bearer', expires_in: 3599, refresh_token: 'planted-refresh' };

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.catch((reason: unknown) => reason);
  if (error instanceof Problem) return error;
  throw new Error('no problem');
}

describe('an authorization URL', () => {
  const request = {
    redirectUri: 'https://corbel.example/callback',
    scopes: ['a:read', 'b:write'],
    state: new Secret('the-state'),
    codeChallenge: 'challenge',
  };

  it('has everything that RFC 6749 and RFC 7636 want, and what the connector adds', () => {
    const client = clientAt(origin, {}, { authorizationParameters: new Map([['prompt', 'login']]) });
    const url = authorizationUrl(client, request);
    expect(url.pathname).toBe('/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: 'https://corbel.example/callback',
      scope: 'a:read b:write',
      state: 'the-state',
      code_challenge: 'challenge',
      code_challenge_method: 'S256',
      prompt: 'login',
    });
  });

  it('is not weakened by what the connector adds', () => {
    const weakening = new Map([
      ['code_challenge_method', 'plain'],
      ['state', 'fixed'],
      ['redirect_uri', 'https://evil.example/'],
    ]);
    const url = authorizationUrl(clientAt(origin, {}, { authorizationParameters: weakening }), request);
    expect(url.searchParams.getAll('code_challenge_method')).toEqual(['S256']);
    expect(url.searchParams.getAll('state')).toEqual(['the-state']);
    expect(url.searchParams.getAll('redirect_uri')).toEqual(['https://corbel.example/callback']);
  });
});

describe('the exchange of a code', () => {
  it('sends the code once, with its verifier, and gives the grant', async () => {
    replies['/token'] = { body: { ...good, scope: 'a:read' } };
    const grant = await exchangeCode(deps(), clientAt(origin), exchange());
    expect(Object.fromEntries(seen[0]?.form ?? [])).toEqual({
      grant_type: 'authorization_code',
      code: CODE,
      redirect_uri: 'https://corbel.example/callback',
      code_verifier: VERIFIER,
    });
    expect(grant.scopes).toEqual(['a:read']);
    expect(grant.refreshToken?.reveal()).toBe('planted-refresh');
    expect(grant.refreshExpiresAt).toBe(grant.obtainedAt + 15 * 24 * 3_600_000);
    expect(seen).toHaveLength(1);
  });

  it('of a public client names it in the body', async () => {
    replies['/token'] = { body: { ...good, scope: '' } };
    await exchangeCode(deps(), clientAt(origin, { clientSecret: null }), exchange());
    expect(seen[0]?.headers.authorization).toBeUndefined();
    expect(seen[0]?.form.get('client_id')).toBe('client-1');
  });

  it('finds the scopes in the claims of a JWT, else by introspection, else nowhere', async () => {
    const grantedScopes = compileExpression('claims.scope');
    const client = clientAt(origin, {}, { grantedScopes });
    const jwt = (scope: unknown) => new UnsecuredJWT({ scope }).encode();
    for (const scope of [['a:read', 'b:write'], 'a:read b:write']) {
      replies['/token'] = { body: { ...good, access_token: jwt(scope) } };
      expect((await exchangeCode(deps(), client, exchange())).scopes).toEqual(['a:read', 'b:write']);
    }
    replies['/token'] = { body: good };
    replies['/introspect'] = { body: { active: true, scope: 'c:read' } };
    expect((await exchangeCode(deps(), client, exchange())).scopes).toEqual(['c:read']);
    replies['/token'] = { body: { ...good, access_token: jwt({ odd: 1 }) } };
    replies['/introspect'] = { status: 500, body: '' };
    expect((await exchangeCode(deps(), client, exchange())).scopes).toBeNull();
  });

  it('that is refused is one attempt, and its problem shows no secret', async () => {
    replies['/token'] = {
      status: 400,
      body: { error: 'invalid_grant', error_description: `${CODE} ${VERIFIER} ${CLIENT_SECRET}` },
    };
    const problem = await problemOf(exchangeCode(deps(), clientAt(origin), exchange()));
    expect(problem.code).toBe('token_request_rejected');
    const shown = inspect(problem, { depth: 10 });
    for (const secret of [CODE, VERIFIER, CLIENT_SECRET]) expect(shown).not.toContain(secret);
    expect(seen).toHaveLength(1);
  });
});

describe('introspection and revocation', () => {
  it('authenticate like a token request', async () => {
    replies['/introspect'] = { body: { active: true, scope: 'a b', client_id: 'client-1', exp: 2_000_000_000 } };
    replies['/revoke'] = { body: '' };
    const client = clientAt(origin);
    const token = new Secret('planted-token');
    expect(await introspect(deps(), client, token)).toEqual({
      active: true,
      scopes: ['a', 'b'],
      clientId: 'client-1',
      expiresAt: 2_000_000_000_000,
    });
    expect(await revoke(deps(), client, { token, kind: 'refresh_token' })).toBe(true);
    expect(seen.map(({ form }) => form.get('token'))).toEqual(['planted-token', 'planted-token']);
    for (const { headers } of seen) expect(headers.authorization).toMatch(/^Basic /);
  });

  it('survive whatever the answers hold', async () => {
    const token = new Secret('planted-token');
    const client = clientAt(origin);
    replies['/introspect'] = { body: { active: false, scope: 7, exp: 'soon', client_id: {} } };
    expect(await introspect(deps(), client, token)).toEqual({
      active: false,
      scopes: null,
      clientId: null,
      expiresAt: null,
    });
    for (const [reply, code] of [
      [{ body: { active: 'yes' } }, 'token_response_invalid'],
      [{ body: '<html>' }, 'token_response_invalid'],
      [{ status: 401, body: { error: 'invalid_client', error_description: 'planted-token' } }, 'token_client_rejected'],
    ] as const) {
      replies['/introspect'] = reply;
      const problem = await problemOf(introspect(deps(), client, token));
      expect(problem.code).toBe(code);
      expect(inspect(problem, { depth: 10 })).not.toContain('planted-token');
    }
    const without = clientAt(origin, {}, { revocationEndpoint: undefined });
    expect(await revoke(deps(), without, { token, kind: 'access_token' })).toBe(false);
    replies['/revoke'] = { status: 400, body: { error: 'unsupported_token_type' } };
    expect((await problemOf(revoke(deps(), client, { token, kind: 'access_token' }))).code).toBe(
      'token_request_rejected',
    );
  });
});

describe('the identity of who consented', () => {
  const identity = () => ({
    url: new URL('/userinfo', origin),
    subject: compileExpression('body.sub'),
    name: compileExpression('body.name'),
    email: compileExpression('body.email'),
  });
  const ask = () => fetchIdentity(deps(), clientAt(origin, {}, { identity: identity() }), new Secret('planted-token'));

  it('is what the provider says of the token', async () => {
    replies['/userinfo'] = { body: { sub: 'S1', name: 'Ada', email: 'ada@example.com' } };
    expect(await ask()).toEqual({ subject: 'S1', name: 'Ada', email: 'ada@example.com' });
    expect(seen[0]?.headers.authorization).toBe('Bearer planted-token');
  });

  it('is null where nobody is named or the scopes do not reach, and a problem where the provider fails', async () => {
    for (const reply of [{ body: {} }, { body: { sub: {} } }, { status: 403, body: {} }, { status: 401, body: {} }]) {
      replies['/userinfo'] = reply;
      expect(await ask()).toBeNull();
    }
    expect(await fetchIdentity(deps(), clientAt(origin), new Secret('planted-token'))).toBeNull();
    replies['/userinfo'] = { body: { sub: 42, name: null } };
    expect(await ask()).toEqual({ subject: '42', name: null, email: null });
    replies['/userinfo'] = { status: 500, body: { message: 'planted-token' } };
    const problem = await problemOf(ask());
    expect(problem.code).toBe('provider_unavailable');
    expect(inspect(problem, { depth: 10 })).not.toContain('planted-token');
    replies['/userinfo'] = { body: '<html>' };
    expect((await problemOf(ask())).code).toBe('provider_response_invalid');
  });
});

describe('a signed assertion', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const source = (algorithm: 'RS256' | 'ES256', privateKey: string) => ({
    subject: 'robot-1',
    keyId: 'key-1',
    privateKey: new Secret(privateKey),
    audience: 'https://provider.example/token',
    algorithm,
    lifeMs: 300_000,
  });
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;

  it('says who asks for whom, until when, and only once; with PKCS #8 and PKCS #1 keys', async () => {
    const now = clock.now();
    const asked = { clientId: 'client-1', scopes: ['a:read', 'b:write'], now };
    const keys = [
      { algorithm: 'RS256', pem: rsa.privateKey.export(pkcs8), publicKey: rsa.publicKey },
      { algorithm: 'RS256', pem: rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }), publicKey: rsa.publicKey },
      { algorithm: 'ES256', pem: ec.privateKey.export(pkcs8), publicKey: ec.publicKey },
    ] as const;
    const seenIds = new Set();
    for (const { algorithm, pem, publicKey } of keys) {
      const jwt = await signAssertion(source(algorithm, String(pem)), asked);
      const { payload, protectedHeader } = await jwtVerify(jwt.reveal(), publicKey, {
        audience: 'https://provider.example/token',
        issuer: 'client-1',
        subject: 'robot-1',
      });
      expect(protectedHeader).toEqual({ alg: algorithm, kid: 'key-1', typ: 'JWT' });
      expect(payload.scope).toEqual(['a:read', 'b:write']);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
      seenIds.add(payload.jti);
    }
    expect(seenIds.size).toBe(3);
  });

  it('cannot be made with a key that cannot be read or does not fit', async () => {
    const asked = { clientId: 'client-1', scopes: [], now: clock.now() };
    for (const wrong of [source('RS256', 'planted nonsense'), source('RS256', String(ec.privateKey.export(pkcs8)))]) {
      const problem = await problemOf(signAssertion(wrong, asked));
      expect(problem.code).toBe('token_client_rejected');
      expect(inspect(problem, { depth: 10 })).not.toContain('planted');
    }
  });

  it('gives a token at the token endpoint, and shows in no problem', async () => {
    const assertion = source('RS256', String(rsa.privateKey.export(pkcs8)));
    const request = {
      endpoint: { url: origin, clientAuthentication: 'client_secret_basic' as const },
      clientId: 'client-1',
      clientSecret: new Secret(CLIENT_SECRET),
      assertion,
      scopes: ['a:read'],
      allowedOrigins: new Set([origin.origin]),
      deadlineAt: clock.now() + 5_000,
    };
    replies['/token'] = { body: good };
    expect((await requestAppToken(deps(), request)).token.reveal()).toBe('opaque');
    const form = seen[0]?.form;
    expect(form?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(form?.get('scope')).toBe('a:read');
    replies['/token'] = { status: 400, body: { error: 'invalid_grant', error_description: 'ASSERTION' } };
    const problem = await problemOf(requestAppToken(deps(), request));
    expect(problem.code).toBe('token_request_rejected');
    const sent = seen[1]?.form.get('assertion')?.split('.') ?? [];
    expect(sent).toHaveLength(3);
    for (const part of sent) expect(inspect(problem, { depth: 10 })).not.toContain(part);
  });
});
