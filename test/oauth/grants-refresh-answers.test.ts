import { describe, expect, it } from 'vitest';
import { CLIENT_SECRET, callMany } from './support/fixture.ts';
import { PROJECT, userRequest } from './support/grant-node.ts';
import type { Twist } from './support/grant-server.ts';
import { codeOf, grantStage, HOUR_MS, MINUTE_MS, problemOf } from './support/grant-stage.ts';

const stage = grantStage();

describe('the refresh request', () => {
  it('has the credentials in the header, of a public client only its id in the body', async () => {
    const node = await stage.start();
    await stage.link(node, 'acc_1');
    await stage.link(node, 'acc_2');
    stage.advance(2 * HOUR_MS);
    await stage.token(node);
    await node.grants.userToken(userRequest(stage.server.client({ clientSecret: null }), 'acc_2', stage.clock));
    const [confidential, open] = stage.server.requests;
    expect(confidential?.headers.authorization).toMatch(/^Basic /);
    expect([...(confidential?.form.keys() ?? [])].sort()).toEqual(['grant_type', 'refresh_token']);
    expect(open?.headers.authorization).toBeUndefined();
    expect(open?.form.get('client_id')).toBe('client-1');
  });

  it('of a refusal shows no secret, however it is echoed', async () => {
    const node = await stage.start();
    await stage.link(node);
    const refresh = stage.server.families.get('acc_1')?.current ?? '';
    stage.server.twist = ({ form }) => ({
      rotate: false,
      status: 400,
      body: JSON.stringify({
        error: 'invalid_request',
        error_description: `${form.get('refresh_token')} ${CLIENT_SECRET} ${encodeURIComponent(CLIENT_SECRET)}`,
      }),
    });
    stage.advance(2 * HOUR_MS);
    const problem = await problemOf(stage.token(node));
    const shown = JSON.stringify([problem.message, problem.options, node.log]);
    for (const secret of [refresh, CLIENT_SECRET, encodeURIComponent(CLIENT_SECRET)])
      expect(shown).not.toContain(secret);
  });
});

describe('a token endpoint that answers oddly leaves the grant valid', () => {
  const answered: [string, Twist][] = [
    ['without a refresh token', { rotate: false, members: { refresh_token: undefined } }],
    ['with expires_in as text', { members: { expires_in: '3599' } }],
    ['with expires_in 0', { members: { expires_in: 0 } }],
    ['without expires_in', { members: { expires_in: undefined } }],
    ['with a negative expires_in', { members: { expires_in: -5 } }],
    ['with a huge expires_in', { members: { expires_in: 1e12 } }],
    ['with expires_in that is no number', { members: { expires_in: {} } }],
    ['with an id token that is none', { members: { id_token: 'nonsense' } }],
    ['with a refresh token that is no text', { rotate: false, members: { refresh_token: 7 } }],
  ];
  it.each(answered)('%s', async (_title, twist) => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = () => twist;
    for (let round = 0; round < 3; round++) {
      stage.advance(25 * HOUR_MS);
      await stage.token(node);
      expect((await stage.token(node)).expiresAt).toBeGreaterThan(stage.clock.now());
    }
    expect(stage.server.requests).toHaveLength(3);
    expect(node.deaths).toEqual([]);
  });

  const refused: [string, Twist, string][] = [
    ['200 with error', { body: JSON.stringify({ error: 'server_error' }) }, 'token_endpoint_unavailable'],
    ['200 with invalid_grant', { body: JSON.stringify({ error: 'invalid_grant' }) }, 'token_response_invalid'],
    ['HTML', { body: '<html><title>Maintenance</title></html>' }, 'token_response_invalid'],
    ['1 MB', { body: JSON.stringify({ access_token: 'x'.repeat(1 << 20) }) }, 'token_response_invalid'],
    ['an empty body', { body: '' }, 'token_response_invalid'],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: '' }, 'token_response_invalid'],
    [
      'another token type',
      { body: JSON.stringify({ access_token: 'abc', token_type: 'mac' }) },
      'token_response_invalid',
    ],
    ['no token type', { body: JSON.stringify({ access_token: 'abc' }) }, 'token_response_invalid'],
    ['500', { status: 500, body: '{"error":"server_error"}' }, 'token_endpoint_unavailable'],
    ['503', { status: 503, body: '' }, 'token_endpoint_unavailable'],
    ['429', { status: 429, headers: { 'retry-after': '9' }, body: '' }, 'token_rate_limited'],
    ['401 invalid_client', { status: 401, body: '{"error":"invalid_client"}' }, 'token_client_rejected'],
    ['400 invalid_scope', { status: 400, body: '{"error":"invalid_scope"}' }, 'token_scope_rejected'],
    ['400 without words', { status: 400, body: '' }, 'token_request_rejected'],
  ];
  it.each(refused)('%s', async (_title, twist, code) => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = (_request, number) => (number === 1 ? { rotate: false, ...twist } : undefined);
    stage.advance(2 * HOUR_MS);
    const problem = await problemOf(stage.token(node));
    expect(problem.code).toBe(code);
    if (code === 'token_rate_limited') expect(problem.options.retryAfterS).toBe(9);
    // A storm meanwhile asks nobody.
    const storm = await callMany(200, () => stage.token(node));
    expect(storm).toMatchObject({ ok: 0, codes: [code] });
    expect(stage.server.requests).toHaveLength(1);
    stage.advance(MINUTE_MS);
    await stage.token(node);
    expect(node.deaths).toEqual([]);
    expect(stage.server.families.get('acc_1')?.reuses).toBe(0);
  });
});

describe('a refresh that is cut off', () => {
  it('before the token was used up: the old one is tried at once, and works', async () => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = (_request, number) => (number === 1 ? { rotate: false, body: '', cut: true } : undefined);
    stage.advance(2 * HOUR_MS);
    await stage.token(node);
    expect(stage.server.requests).toHaveLength(2);
  });

  it('after it was used up: the grant is dead, told as uncertain, before the caller hears', async () => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = (_request, number) => (number === 1 ? { cut: true } : undefined);
    stage.advance(2 * HOUR_MS);
    const problem = await problemOf(stage.token(node));
    expect(problem).toMatchObject({ code: 'account_reauth_required' });
    expect(node.deaths).toEqual([{ account: 'acc_1', death: 'refresh_uncertain' }]);
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({
      dead: 'refresh_uncertain',
      refreshable: false,
    });
  });

  it('twice: nothing is known, everything is kept', async () => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = (_request, number) => (number <= 2 ? { rotate: false, body: '', cut: true } : undefined);
    stage.advance(2 * HOUR_MS);
    expect(await codeOf(stage.token(node))).toBe('token_endpoint_unavailable');
    stage.advance(MINUTE_MS);
    await stage.token(node);
    expect(node.deaths).toEqual([]);
  });

  it('because nothing listens: it was not sent, and is not called uncertain later', async () => {
    const node = await stage.start();
    await stage.link(node);
    const away = stage.server.client({}, { tokenEndpoint: new URL('http://127.0.0.1:1/token') });
    const nowhere = { ...away, allowedOrigins: new Set(['http://127.0.0.1:1']) };
    stage.advance(2 * HOUR_MS);
    expect(await codeOf(node.grants.userToken(userRequest(nowhere, 'acc_1', stage.clock)))).toBe(
      'token_endpoint_unavailable',
    );
    const family = stage.server.families.get('acc_1');
    if (family) family.killed = true;
    stage.advance(MINUTE_MS);
    expect(await codeOf(stage.token(node))).toBe('account_reauth_required');
    expect(node.deaths).toEqual([{ account: 'acc_1', death: 'grant_refused' }]);
  });
});
