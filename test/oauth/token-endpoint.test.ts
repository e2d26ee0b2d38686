import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestAppToken } from '../../src/oauth/token-endpoint.ts';
import { DEFAULT_LIFETIME_MS, MAX_LIFETIME_MS } from '../../src/oauth/token-lifetime.ts';
import { Problem } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import type { Door } from '../../src/upstream/types.ts';
import { makeDoor, testClock } from './support/fixture.ts';
import { type Answer, goodAnswer, startTokenServer, type TokenServer, tokenText } from './support/token-server.ts';

const CLIENT_ID = 'client id:1';
const SECRET = 'pl@nted/secret+& "of" the client';
const HTML = '<!DOCTYPE html><html><head><title>502\n Bad Gateway</title></head><body>…</body></html>';

let server: TokenServer;
let door: Door;
beforeAll(async () => {
  server = await startTokenServer();
  door = makeDoor();
});
afterAll(async () => {
  await door.close();
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
  server.answer = (_request, number) => goodAnswer(number);
});

describe('a client credentials request', () => {
  it('is the form of RFC 6749 §4.4 with the credentials in the header, and only there', async () => {
    await request({ clientAuthentication: 'client_secret_basic' });
    const [received] = server.requests;
    expect(Object.fromEntries(received?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'a:read b:write',
    });
    const [scheme, credentials] = (received?.headers.authorization ?? '').split(' ');
    expect(scheme).toBe('Basic');
    const [id, secret] = Buffer.from(credentials ?? '', 'base64')
      .toString()
      .split(':');
    expect([id, secret].map((part) => decodeURIComponent((part ?? '').replaceAll('+', ' ')))).toEqual([
      CLIENT_ID,
      SECRET,
    ]);
  });

  it('or in the body, and only there', async () => {
    await request({ clientAuthentication: 'client_secret_post' });
    const [received] = server.requests;
    expect(Object.fromEntries(received?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'a:read b:write',
      client_id: CLIENT_ID,
      client_secret: SECRET,
    });
    expect(received?.headers.authorization).toBeUndefined();
  });

  it('gives the token, its end and the scopes that were granted', async () => {
    const before = Date.now();
    const issued = await request();
    expect(issued.token.reveal()).toBe(tokenText(1));
    expect(issued.expiresAt - before).toBeGreaterThanOrEqual(3539_000);
    expect(issued.expiresAt - Date.now()).toBeLessThanOrEqual(3539_000);
    expect(issued.scopes).toEqual(['a:read', 'b:write']);

    server.answer = () => goodAnswer(2, { scope: 'a:read' });
    expect((await request()).scopes).toEqual(['a:read']);
  });

  it.each([
    ['missing', undefined, DEFAULT_LIFETIME_MS],
    ['null', null, DEFAULT_LIFETIME_MS],
    ['zero', 0, DEFAULT_LIFETIME_MS],
    ['negative', -1, DEFAULT_LIFETIME_MS],
    ['an object', {}, DEFAULT_LIFETIME_MS],
    ['a word', 'hour', DEFAULT_LIFETIME_MS],
    ['text', '3599', 3_599_000],
    ['huge', 1e12, MAX_LIFETIME_MS],
  ])('keeps a token whose expires_in is %s', async (_what, expiresIn, lifetimeMs) => {
    server.answer = () => goodAnswer(1, { expires_in: expiresIn });
    const { token, expiresAt, obtainedAt } = await request();
    expect(token.reveal()).toBe(tokenText(1));
    expect(expiresAt - obtainedAt).toBe(lifetimeMs - Math.min(60_000, lifetimeMs / 10));
  });

  const json = (status: number, body: unknown, headers = {}): Answer => ({
    status,
    headers,
    body: JSON.stringify(body),
  });
  it.each<[string, Answer, string, object]>([
    [
      'invalid_client',
      json(400, { error: 'invalid_client', error_description: 'No.' }),
      'token_client_rejected',
      { code: 'invalid_client', message: 'No.' },
    ],
    [
      'invalid_client with a challenge',
      json(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="x"' }),
      'token_client_rejected',
      { code: 'invalid_client' },
    ],
    [
      'unauthorized_client',
      json(400, { error: 'unauthorized_client' }),
      'token_client_rejected',
      { code: 'unauthorized_client' },
    ],
    [
      '401 of a gateway',
      json(401, { developerMessage: 'The client_id is invalid.', errorCode: 'AUTH-001' }),
      'token_client_rejected',
      { code: 'AUTH-001', message: 'The client_id is invalid.' },
    ],
    ['401 without a body', { status: 401 }, 'token_client_rejected', { status: 401 }],
    ['invalid_scope', json(400, { error: 'invalid_scope' }), 'token_scope_rejected', { code: 'invalid_scope' }],
    [
      '400 that speaks of scopes',
      json(400, { developerMessage: 'One of the scopes is not valid.', errorCode: 'AUTH-010' }),
      'token_scope_rejected',
      { code: 'AUTH-010' },
    ],
    [
      '400 otherwise',
      json(400, { error: 'invalid_request', error_description: 'Telescope.' }),
      'token_request_rejected',
      { message: 'Telescope.' },
    ],
    [
      '403 of a gateway',
      json(403, { developerMessage: 'No access to this API', errorCode: 'AUTH-006' }),
      'token_request_rejected',
      { status: 403, code: 'AUTH-006' },
    ],
    [
      '404 as HTML',
      { status: 404, body: HTML, headers: { 'content-type': 'text/html' } },
      'token_request_rejected',
      { message: '502 Bad Gateway' },
    ],
    ['200 with an error', json(200, { error: 'invalid_client' }), 'token_client_rejected', { status: 200 }],
    ['200 with an unknown error', json(200, { error: 'strange' }), 'token_response_invalid', { code: 'strange' }],
    [
      '200 as HTML',
      { body: HTML, headers: { 'content-type': 'text/html' } },
      'token_response_invalid',
      { status: 200 },
    ],
    ['200 without a body', { body: '' }, 'token_response_invalid', { status: 200 }],
    ['200 with half of the JSON', { body: '{"access_token":"abcdefgh' }, 'token_response_invalid', { status: 200 }],
    ['200 with a list', { body: '[]' }, 'token_response_invalid', { status: 200 }],
    ['200 without a token', json(200, { token_type: 'Bearer' }), 'token_response_invalid', { status: 200 }],
    [
      '200 with a token that is a number',
      json(200, { access_token: 7, token_type: 'Bearer' }),
      'token_response_invalid',
      { status: 200 },
    ],
    [
      'an empty token',
      json(200, { access_token: '', token_type: 'Bearer' }),
      'token_response_invalid',
      { status: 200 },
    ],
    [
      'a token with a line break',
      json(200, { access_token: 'abcdefgh\r\nx: y', token_type: 'Bearer' }),
      'token_response_invalid',
      { status: 200 },
    ],
    ['no token type', json(200, { access_token: tokenText(9) }), 'token_response_invalid', { status: 200 }],
    [
      'another token type',
      json(200, { access_token: tokenText(9), token_type: 'mac' }),
      'token_response_invalid',
      { status: 200 },
    ],
    [
      'a DPoP token',
      json(200, { access_token: tokenText(9), token_type: 'DPoP' }),
      'token_response_invalid',
      { status: 200 },
    ],
    [
      '1 MB',
      { body: JSON.stringify({ access_token: 'a'.repeat(1024 * 1024), token_type: 'Bearer' }) },
      'token_response_invalid',
      {},
    ],
    ['500', { status: 500, body: 'oops' }, 'token_endpoint_unavailable', { status: 500, message: 'oops' }],
    ['503 as HTML', { status: 503, body: HTML }, 'token_endpoint_unavailable', { status: 503 }],
    [
      'temporarily_unavailable',
      json(400, { error: 'temporarily_unavailable' }),
      'token_endpoint_unavailable',
      { status: 400 },
    ],
    ['a cut connection', { cut: true }, 'token_endpoint_unavailable', {}],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'token_response_invalid', {}],
  ])('answered with %s is the right problem, with what the provider said', async (_what, answer, code, provider) => {
    server.answer = () => ({ ...answer, headers: { 'x-request-id': 'req-1', ...answer.headers } });
    const problem = await refusal();
    expect(problem.code).toBe(code);
    if (Object.keys(provider).length > 0) {
      expect(problem.options.provider).toMatchObject({ ...provider, request_id: 'req-1' });
    }
    expectNoSecret(problem);
  });

  it.each([
    [{ 'retry-after': '17' }, 17, 17],
    [{ 'retry-after': new Date(Date.now() + 50_000).toUTCString() }, 1, 50],
    [{ 'retry-after': '-5' }, 30, 30],
    [{ 'retry-after': '9999999999' }, 3600, 3600],
    [{ 'retry-after': 'later' }, 30, 30],
    [{}, 30, 30],
  ])('answered with 429 and %j says how long to wait', async (headers, atLeast, atMost) => {
    server.answer = () => ({ status: 429, headers, body: '{"developerMessage":"Quota limit exceeded."}' });
    const problem = await refusal({ deadlineInMs: 600 });
    expect(problem.code).toBe('token_rate_limited');
    expect(problem.options.retryAfterS).toBeGreaterThanOrEqual(atLeast);
    expect(problem.options.retryAfterS).toBeLessThanOrEqual(atMost);
    expect(problem.options.provider?.message).toBe('Quota limit exceeded.');
  });

  it('hides the secret and the token wherever the provider echoes them', async () => {
    const basic = Buffer.from(`${encodeURIComponent(CLIENT_ID)}:${encodeURIComponent(SECRET)}`).toString('base64');
    const echoes = [SECRET, encodeURIComponent(SECRET), new URLSearchParams({ a: SECRET }).toString(), basic];
    for (const echo of [...echoes, Buffer.from(SECRET).toString('base64'), SECRET.replaceAll(' ', '\n')]) {
      for (const body of [
        JSON.stringify({ error: 'invalid_client', error_description: `you sent ${echo}` }),
        JSON.stringify({ errorCode: echo, developerMessage: `${'.'.repeat(270)}${echo}` }),
        `<title>${echo}</title>`,
        echo,
      ]) {
        server.answer = () => ({ status: 400, body, headers: { 'x-request-id': encodeURIComponent(echo) } });
        expectNoSecret(await refusal());
      }
    }
    server.answer = () => ({ body: JSON.stringify({ access_token: tokenText(9), message: `it is ${tokenText(9)}` }) });
    expectNoSecret(await refusal());
  });

  it('shortens what the provider said to 300 clean characters', async () => {
    server.answer = () => ({
      status: 400,
      body: JSON.stringify({ error: 'x', error_description: `a\u0000\n\u202e b${'c'.repeat(9000)}` }),
    });
    const message = (await refusal()).options.provider?.message ?? '';
    expect(message).toHaveLength(300);
    expect(message.startsWith('a bc')).toBe(true);
  });

  it('waits no longer than its deadline', async () => {
    server.answer = (_request, number) => ({ ...goodAnswer(number), delayMs: 3_000 });
    const before = Date.now();
    expect((await refusal({ deadlineInMs: 300 })).code).toBe('token_endpoint_unavailable');
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  it('is not sent to an origin that is not allowed', async () => {
    expect((await refusal({ allowedOrigins: ['http://127.0.0.1:1'] })).code).toBe('host_refused');
    expect(server.requests).toHaveLength(0);
  });
});

interface Changes {
  clientAuthentication?: 'client_secret_basic' | 'client_secret_post';
  allowedOrigins?: string[];
  deadlineInMs?: number;
}

function request({ clientAuthentication = 'client_secret_basic', allowedOrigins, deadlineInMs = 1_500 }: Changes = {}) {
  const clock = testClock();
  return requestAppToken(
    { door, clock },
    {
      endpoint: { url: server.url, clientAuthentication },
      clientId: CLIENT_ID,
      clientSecret: new Secret(SECRET),
      scopes: ['a:read', 'b:write'],
      allowedOrigins: new Set(allowedOrigins ?? [server.url.origin]),
      deadlineAt: clock.now() + deadlineInMs,
    },
  );
}

async function refusal(changes?: Changes): Promise<Problem> {
  const error: unknown = await request(changes).catch((reason: unknown) => reason);
  if (error instanceof Problem) return error;
  throw new Error(`not a problem: ${inspect(error)}`);
}

function expectNoSecret(problem: Problem): void {
  const basic = Buffer.from(`${encodeURIComponent(CLIENT_ID)}:${encodeURIComponent(SECRET)}`).toString('base64');
  const shown = inspect(problem, { depth: 20, showHidden: true, maxStringLength: null }) + JSON.stringify(problem);
  for (const form of [
    SECRET,
    encodeURIComponent(SECRET),
    Buffer.from(SECRET).toString('base64'),
    basic,
    tokenText(9),
  ]) {
    expect(shown).not.toContain(form);
  }
}
