import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SANDBOX_CLIENT_ID, SANDBOX_PUBLIC_CLIENT_ID } from '../../sandbox/aps/defaults.ts';
import { ADMIN, CALLBACK, type Oauth, pkce, startOauth } from './oauth-client.ts';

const CHROMIUM = '/usr/bin/chromium';
let oauth: Oauth;
beforeAll(async () => {
  oauth = await startOauth();
});
afterAll(() => oauth.stop());

const decide = (fields: [string, string][], url = oauth.authorizeUrl()) =>
  oauth.call('/authentication/v2/authorize', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams([['request', new URL(url).search.slice(1)], ...fields]).toString(),
  });
const location = (reply: { headers: Record<string, unknown> }) => new URL(String(reply.headers.location));
const fieldsOf = (url: URL) => Object.fromEntries(url.searchParams);

describe('the authorization page', () => {
  it('names the app, the scopes, the callback and everybody who can sign in', async () => {
    const reply = await oauth.call(oauth.authorizeUrl());
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(reply.headers['cache-control']).toBe('no-store');
    const html = reply.bytes.toString();
    for (const text of [
      'Sandbox App',
      'data:read',
      'user-profile:read',
      CALLBACK,
      ADMIN,
      'SANDBOXUSER32',
      '>Allow<',
      '>Deny<',
    ])
      expect(html).toContain(text);
    expect(html).not.toMatch(/SANDBOXUSER33|<script/);
    const { people } = (await oauth.control('GET', 'people')).json as unknown as { people: { id: string }[] };
    expect(people.map(({ id }) => id)).toEqual(expect.arrayContaining([ADMIN, 'SANDBOXUSER32', 'SANDBOXSTRANGER']));
  });

  it('escapes what the request brings', async () => {
    const evil = `"><script>alert('1')</script>&`;
    const html = (await oauth.call(oauth.authorizeUrl({ nonce: evil }))).bytes.toString();
    expect(html).not.toContain('<script');
    const { client_id } = (await oauth.control('POST', 'apps', { client_id: 'named', name: evil, public: true }))
      .json as unknown as { client_id: string };
    const { challenge } = pkce();
    const named = await oauth.call(
      oauth.authorizeUrl({ client_id, code_challenge: challenge, code_challenge_method: 'S256' }),
    );
    expect(named.status).toBe(200);
    expect(named.bytes.toString()).not.toContain('<script');
  });

  it('sends the browser to the callback with a code and the state when the person allows', async () => {
    const reply = await decide([
      ['user', ADMIN],
      ['scope', 'data:read'],
      ['scope', 'user-profile:read'],
      ['decision', 'allow'],
    ]);
    expect([reply.status, reply.headers['cache-control']]).toEqual([302, 'no-store']);
    const to = location(reply);
    expect(to.origin + to.pathname).toBe(CALLBACK);
    expect(fieldsOf(to)).toEqual({ code: expect.stringMatching(/^[\w-]{40}$/), state: 'state-1' });
  });

  it('says access_denied when the person denies, or allows nothing', async () => {
    for (const fields of [
      [['decision', 'deny']],
      [
        ['user', ADMIN],
        ['decision', 'allow'],
      ],
    ] as [string, string][][]) {
      const to = location(await decide(fields));
      expect(fieldsOf(to)).toMatchObject({ error: 'access_denied', state: 'state-1' });
      expect(to.searchParams.has('code')).toBe(false);
    }
  });

  it('refuses a decision that names nobody or an unknown person, grants more than was asked for, or is none', async () => {
    const scope: [string, string] = ['scope', 'data:read'];
    const allow: [string, string] = ['decision', 'allow'];
    expect((await decide([scope, allow])).status).toBe(400);
    expect((await decide([['user', 'NOBODY'], scope, allow])).status).toBe(400);
    expect((await decide([['user', ADMIN], ['scope', 'data:write'], allow])).status).toBe(400);
    expect((await decide([['user', ADMIN], scope])).status).toBe(400);
  });

  it.skipIf(!existsSync(CHROMIUM))('works in a browser, with the keyboard alone', { timeout: 30_000 }, async () => {
    const arrived = Promise.withResolvers<string>();
    const app = createServer((request, response) => {
      if (request.url?.startsWith('/connect')) arrived.resolve(request.url);
      response.end('linked');
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const { port } = app.address() as AddressInfo;
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.goto(oauth.authorizeUrl({ redirect_uri: CALLBACK.replace('4173', String(port)) }));
      await page.getByLabel('Sign in as').selectOption('SANDBOXUSER5');
      await page.getByLabel('data:read').uncheck();
      await page.getByRole('button', { name: 'Allow' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('linked').waitFor();
      const code = new URL(await arrived.promise, 'http://localhost').searchParams.get('code') ?? '';
      const reply = await oauth.exchange(code, { redirect_uri: CALLBACK.replace('4173', String(port)) });
      expect(reply.status).toBe(200);
      expect(oauth.sandbox.grants().grants.at(-1)).toMatchObject({
        user: 'SANDBOXUSER5',
        scopes: ['user-profile:read'],
      });
    } finally {
      await browser.close();
      app.close();
      app.closeAllConnections();
    }
  });
});

describe('an authorization request', () => {
  it.each([
    ['no client_id', { client_id: undefined }],
    ['an unknown client_id', { client_id: 'nobody' }],
    ['no redirect_uri', { redirect_uri: undefined }],
    ...[
      'http://127.0.0.1:4173/connect/oauth2/autodesk/callback/',
      'http://127.0.0.1:4173/connect/oauth2/autodesk/callback?x=1',
      'http://127.0.0.1:4173/connect/oauth2/autodesk/Callback',
      'http://127.0.0.1:4173/connect/oauth2/autodesk/%63allback',
      'http://127.0.0.1:4173//connect/oauth2/autodesk/callback',
      'http://127.0.0.1:4173/connect/oauth2/autodesk/callback#x',
      'http://user@127.0.0.1:4173/connect/oauth2/autodesk/callback',
      'http://127.0.0.1.example.com/connect/oauth2/autodesk/callback',
      'http://example.com:4173/connect/oauth2/autodesk/callback',
      'https://127.0.0.1:4173/connect/oauth2/autodesk/callback',
      'HTTP://127.0.0.1:4173/connect/oauth2/autodesk/callback',
      'javascript:alert(1)',
      `${CALLBACK} `,
      `${CALLBACK}\n`,
    ].map((uri): [string, Record<string, string>] => [
      `the redirect_uri ${JSON.stringify(uri)}`,
      { redirect_uri: uri },
    ]),
  ])('with %s is refused on a page of its own, never by a redirect', async (_what, params) => {
    const reply = await oauth.call(oauth.authorizeUrl(params as Record<string, string>));
    expect([reply.status, reply.headers.location]).toEqual([400, undefined]);
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it.each([
    ['another response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no scope', { scope: undefined }, 'invalid_scope'],
    ['an unknown scope', { scope: 'data:read data:raed' }, 'invalid_scope'],
    ['a plain challenge', { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge without a method', { code_challenge: 'a'.repeat(43) }, 'invalid_request'],
    ['a method without a challenge', { code_challenge_method: 'S256' }, 'invalid_request'],
    ['a challenge that is none', { code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
    ['a public app without a challenge', { client_id: SANDBOX_PUBLIC_CLIENT_ID }, 'invalid_request'],
    ['an unknown response_mode', { response_mode: 'form_post' }, 'invalid_request'],
  ])('with %s is refused by a redirect that keeps the state', async (_what, params, error) => {
    const reply = await oauth.call(oauth.authorizeUrl(params as Record<string, string>));
    expect(reply.status).toBe(302);
    expect(fieldsOf(location(reply))).toEqual({ error, error_description: expect.any(String), state: 'state-1' });
  });

  it('may not repeat a parameter, nor have a state of other characters than the documented ones', async () => {
    const repeated = await oauth.call(`${oauth.authorizeUrl()}&scope=data:write`);
    expect(fieldsOf(location(repeated)).error).toBe('invalid_request');
    expect((await oauth.call(`${oauth.authorizeUrl()}&client_id=x`)).status).toBe(400);
    const odd = await oauth.call(oauth.authorizeUrl({ state: 'a b' }));
    expect(fieldsOf(location(odd)).error).toBe('invalid_request');
  });

  it('may have the code in the fragment', async () => {
    const url = oauth.authorizeUrl({ response_mode: 'fragment' });
    const to = location(
      await decide(
        [
          ['user', ADMIN],
          ['scope', 'data:read'],
          ['decision', 'allow'],
        ],
        url,
      ),
    );
    expect(to.search).toBe('');
    expect(new URLSearchParams(to.hash.slice(1)).get('state')).toBe('state-1');
  });

  it('is compared with the addresses that the app registered, once it registered any', async () => {
    const registered = 'https://corbel.example/connect/oauth2/autodesk/callback?tenant=1';
    const app = { client_id: 'registered', redirect_uris: [registered] };
    const made = await oauth.control('POST', 'apps', app);
    expect(made).toMatchObject({
      status: 201,
      json: { ...app, client_secret: expect.stringMatching(/^[0-9a-f]{48}$/) },
    });
    const url = (redirect_uri: string) => oauth.authorizeUrl({ client_id: 'registered', redirect_uri });
    expect((await oauth.call(url(CALLBACK))).status).toBe(400);
    expect((await oauth.call(url(registered.replace('1', '2')))).status).toBe(400);
    expect((await oauth.call(url(registered))).status).toBe(200);
    const to = location(await decide([['decision', 'deny']], url(registered)));
    expect(fieldsOf(to)).toMatchObject({ tenant: '1', error: 'access_denied' });
    const changed = await oauth.control('POST', 'apps', { client_id: 'registered', redirect_uris: [CALLBACK] });
    expect(changed.json).toEqual({ ...made.json, redirect_uris: [CALLBACK] });
    expect((await oauth.call(url(CALLBACK))).status).toBe(200);
  });
});

describe('a consent without a browser', () => {
  it('gives the redirect that the page would give', async () => {
    const about = { authorization_url: oauth.authorizeUrl(), user: ADMIN };
    const allowed = await oauth.control('POST', 'consent', { ...about, scopes: ['data:read'] });
    const to = new URL(allowed.json.redirect_url ?? '');
    expect(fieldsOf(to)).toEqual({ code: expect.any(String), state: 'state-1' });
    const denied = await oauth.control('POST', 'consent', { ...about, deny: true });
    expect(fieldsOf(new URL(denied.json.redirect_url ?? '')).error).toBe('access_denied');
    const live = about.authorization_url.replace(oauth.origin, 'https://developer.api.autodesk.com');
    expect((await oauth.control('POST', 'consent', { ...about, authorization_url: live })).status).toBe(200);
  });

  it('refuses what the page refuses, an unknown person and another address', async () => {
    const about = { authorization_url: oauth.authorizeUrl(), user: ADMIN };
    for (const bad of [
      { ...about, user: 'NOBODY' },
      { ...about, scopes: ['data:write'] },
      { ...about, authorization_url: oauth.authorizeUrl({ client_id: 'nobody' }) },
      { ...about, authorization_url: `${oauth.origin}/elsewhere?client_id=${SANDBOX_CLIENT_ID}` },
      { ...about, scope: 'data:read' },
      {},
    ])
      expect((await oauth.control('POST', 'consent', bad)).status).toBe(400);
  });
});
