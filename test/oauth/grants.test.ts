import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OAuthClient } from '../../src/oauth/grant.ts';
import { type GrantRecord, grantKey } from '../../src/oauth/grant-record.ts';
import { Problem } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import { newKey } from '../vault/support/fixture.ts';
import { CLIENT_SECRET, callMany } from './support/fixture.ts';
import {
  type GrantNode,
  type GrantNodeOptions,
  offsetClock,
  PROJECT,
  startGrantNode,
  userRequest,
} from './support/grant-node.ts';
import { openSqlite, type StoreOfGrants } from './support/grant-processes.ts';
import { type GrantServer, startGrantServer, type Twist } from './support/grant-server.ts';

const RING = newKey('k1');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let server: GrantServer;
let files: StoreOfGrants;
let clock: ReturnType<typeof offsetClock>;
let nodes: GrantNode[];
let client: OAuthClient;
let offset: number;

beforeEach(async () => {
  server = await startGrantServer();
  client = server.client();
  files = await openSqlite();
  clock = offsetClock();
  offset = 0;
  nodes = [];
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await server.close();
  await files.remove();
});

async function start(options: Partial<GrantNodeOptions> = {}): Promise<GrantNode> {
  const node = await startGrantNode({ ...files, ring: RING, clock, ...options });
  nodes.push(node);
  return node;
}

function advance(ms: number): void {
  offset += ms;
  clock.setOffset(offset);
}

async function link({ grants }: GrantNode, account = 'acc_1', changes = {}): Promise<void> {
  await grants.install(PROJECT, account, client, server.consent(account, { obtainedAt: clock.now(), ...changes }));
}

function token(node: GrantNode, account = 'acc_1', options: { newerThan?: number } = {}) {
  return node.grants.userToken(userRequest(client, account, clock), options);
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw error;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await problemOf(work)).code;
}

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5_000; !(await check()); await delay(10)) {
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}

describe('a grant that is at hand', () => {
  it('gives its token without asking anyone, always the same', async () => {
    const node = await start();
    await link(node);
    const first = await token(node);
    expect(await token(node)).toBe(first);
    expect(first.scopes).toEqual(['a:read']);
    expect(server.requests).toHaveLength(0);
  });

  it('is there in another process and after a restart', async () => {
    const [a, b] = [await start(), await start()];
    await link(a);
    const tokens = await Promise.all([token(a), token(b)]);
    expect(new Set(tokens.map(({ token }) => token.reveal())).size).toBe(1);
  });

  it('is refreshed once in the background when its end nears, and given meanwhile', async () => {
    const node = await start();
    await link(node);
    const first = await token(node);
    let release = () => {};
    const after = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.twist = () => ({ after });
    advance(50 * MINUTE_MS);
    const meanwhile = await callMany(500, () => token(node));
    expect(meanwhile).toMatchObject({ ok: 500, tokens: [first.token.reveal()] });
    release();
    await until(async () => (await token(node)).generation > first.generation);
    expect(server.requests).toHaveLength(1);
  });

  it('is given to its very end while the token endpoint is down, which is asked ever less often', async () => {
    const node = await start();
    await link(node);
    await token(node);
    server.twist = () => ({ rotate: false, status: 503, body: '' });
    advance(50 * MINUTE_MS);
    for (let minute = 0; minute < 5; minute++) {
      for (let call = 0; call < 20; call++) {
        await token(node);
        await delay(1);
      }
      advance(10_000);
    }
    expect(server.requests.length).toBeLessThanOrEqual(5);
    advance(10 * MINUTE_MS);
    const problem = await problemOf(token(node));
    expect(problem.code).toBe('token_endpoint_unavailable');
    const again = await problemOf(token(node));
    expect(again).toMatchObject({ code: 'token_endpoint_unavailable', retryable: true });
    expect(again.options.retryAfterS).toBeGreaterThan(0);
    expect(node.deaths).toEqual([]);
    server.twist = () => undefined;
    advance(2 * MINUTE_MS);
    await token(node);
  });

  it('shows what it is, and never a token', async () => {
    const node = await start();
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toBeUndefined();
    await link(node);
    const view = await node.grants.inspect(PROJECT, 'acc_1');
    expect(view).toMatchObject({ generation: 1, refreshable: true, scopes: ['a:read'] });
    expect(view?.access_expires_in_s).toBeGreaterThan(3_500);
    expect(view?.refresh_expires_in_s).toBeGreaterThan(14 * 24 * 3_600);
    expect(JSON.stringify(view)).not.toContain('planted');
    expect(await node.grants.refreshNow(userRequest(client, 'acc_1', clock))).toMatchObject({ generation: 2 });
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({ generation: 2 });
  });

  it('belongs to the app that it was given to: another client id refreshes nothing', async () => {
    const node = await start();
    await link(node);
    advance(2 * HOUR_MS);
    const other = server.client({ clientId: 'client-2' });
    expect(await codeOf(node.grants.userToken(userRequest(other, 'acc_1', clock)))).toBe('token_request_rejected');
    expect(server.requests).toHaveLength(0);
    expect(node.deaths).toEqual([]);
  });
});

describe('the refresh request', () => {
  it('has the credentials in the header, of a public client only its id in the body', async () => {
    const node = await start();
    await link(node, 'acc_1');
    await link(node, 'acc_2');
    advance(2 * HOUR_MS);
    await token(node);
    await node.grants.userToken(userRequest(server.client({ clientSecret: null }), 'acc_2', clock));
    const [confidential, open] = server.requests;
    expect(confidential?.headers.authorization).toMatch(/^Basic /);
    expect([...(confidential?.form.keys() ?? [])].sort()).toEqual(['grant_type', 'refresh_token']);
    expect(open?.headers.authorization).toBeUndefined();
    expect(open?.form.get('client_id')).toBe('client-1');
  });

  it('of a refusal shows no secret, however it is echoed', async () => {
    const node = await start();
    await link(node);
    const refresh = server.families.get('acc_1')?.current ?? '';
    server.twist = ({ form }) => ({
      rotate: false,
      status: 400,
      body: JSON.stringify({
        error: 'invalid_request',
        error_description: `${form.get('refresh_token')} ${CLIENT_SECRET} ${encodeURIComponent(CLIENT_SECRET)}`,
      }),
    });
    advance(2 * HOUR_MS);
    const problem = await problemOf(token(node));
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
    const node = await start();
    await link(node);
    server.twist = () => twist;
    for (let round = 0; round < 3; round++) {
      advance(25 * HOUR_MS);
      await token(node);
      expect((await token(node)).expiresAt).toBeGreaterThan(clock.now());
    }
    expect(server.requests).toHaveLength(3);
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
    const node = await start();
    await link(node);
    server.twist = (_request, number) => (number === 1 ? { rotate: false, ...twist } : undefined);
    advance(2 * HOUR_MS);
    const problem = await problemOf(token(node));
    expect(problem.code).toBe(code);
    if (code === 'token_rate_limited') expect(problem.options.retryAfterS).toBe(9);
    // A storm meanwhile asks nobody.
    const storm = await callMany(200, () => token(node));
    expect(storm).toMatchObject({ ok: 0, codes: [code] });
    expect(server.requests).toHaveLength(1);
    advance(MINUTE_MS);
    await token(node);
    expect(node.deaths).toEqual([]);
    expect(server.families.get('acc_1')?.reuses).toBe(0);
  });
});

describe('a refresh that is cut off', () => {
  it('before the token was used up: the old one is tried at once, and works', async () => {
    const node = await start();
    await link(node);
    server.twist = (_request, number) => (number === 1 ? { rotate: false, body: '', cut: true } : undefined);
    advance(2 * HOUR_MS);
    await token(node);
    expect(server.requests).toHaveLength(2);
  });

  it('after it was used up: the grant is dead, told as uncertain, before the caller hears', async () => {
    const node = await start();
    await link(node);
    server.twist = (_request, number) => (number === 1 ? { cut: true } : undefined);
    advance(2 * HOUR_MS);
    const problem = await problemOf(token(node));
    expect(problem).toMatchObject({ code: 'account_reauth_required' });
    expect(node.deaths).toEqual([{ account: 'acc_1', death: 'refresh_uncertain' }]);
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({
      dead: 'refresh_uncertain',
      refreshable: false,
    });
  });

  it('twice: nothing is known, everything is kept', async () => {
    const node = await start();
    await link(node);
    server.twist = (_request, number) => (number <= 2 ? { rotate: false, body: '', cut: true } : undefined);
    advance(2 * HOUR_MS);
    expect(await codeOf(token(node))).toBe('token_endpoint_unavailable');
    advance(MINUTE_MS);
    await token(node);
    expect(node.deaths).toEqual([]);
  });

  it('because nothing listens: it was not sent, and is not called uncertain later', async () => {
    const node = await start();
    await link(node);
    const away = server.client({}, { tokenEndpoint: new URL('http://127.0.0.1:1/token') });
    const nowhere = { ...away, allowedOrigins: new Set(['http://127.0.0.1:1']) };
    advance(2 * HOUR_MS);
    expect(await codeOf(node.grants.userToken(userRequest(nowhere, 'acc_1', clock)))).toBe(
      'token_endpoint_unavailable',
    );
    const family = server.families.get('acc_1');
    if (family) family.killed = true;
    advance(MINUTE_MS);
    expect(await codeOf(token(node))).toBe('account_reauth_required');
    expect(node.deaths).toEqual([{ account: 'acc_1', death: 'grant_refused' }]);
  });
});

describe('a grant that is dead', () => {
  it('is so by the provider, by time, or for want of a refresh token', async () => {
    const node = await start();
    await link(node, 'acc_revoked');
    await link(node, 'acc_late', { refreshExpiresAt: clock.now() + DAY_MS });
    await link(node, 'acc_short', { refreshToken: null });
    for (const family of server.families.values()) family.killed = true;
    advance(2 * DAY_MS);
    for (const account of ['acc_revoked', 'acc_late', 'acc_short'])
      expect(await codeOf(token(node, account))).toBe('account_reauth_required');
    expect(node.deaths).toEqual([
      { account: 'acc_revoked', death: 'grant_refused' },
      { account: 'acc_late', death: 'grant_expired' },
      { account: 'acc_short', death: 'no_refresh_token' },
    ]);
    expect(server.requests).toHaveLength(2);
  });

  it('100 of them with 100 callers each make 100 requests, and then none in any process', async () => {
    const [a, b] = [await start(), await start()];
    const accounts = Array.from({ length: 100 }, (_, index) => `acc_${index}`);
    await Promise.all(accounts.map((account) => link(a, account)));
    for (const family of server.families.values()) family.killed = true;
    advance(2 * HOUR_MS);
    const storm = (calls: number) =>
      Promise.all([a, b].flatMap((node) => accounts.map((account) => callMany(calls, () => token(node, account)))));
    for (const calls of [5, 45]) {
      for (const tally of await storm(calls))
        expect(tally).toEqual({ ok: 0, tokens: [], codes: ['account_reauth_required'] });
    }
    expect(server.requests).toHaveLength(100);
    expect(new Set(a.deaths.map(({ account }) => account)).size).toBe(100);
  });

  it('lives again in every process when the account is linked again in one', async () => {
    const [a, b] = [await start(), await start()];
    await link(a);
    const family = server.families.get('acc_1');
    if (family) family.killed = true;
    advance(2 * HOUR_MS);
    for (const node of [a, b]) expect(await codeOf(token(node))).toBe('account_reauth_required');
    await link(a, 'acc_1', { accessExpiresAt: clock.now() + HOUR_MS });
    await token(a);
    await until(() => token(b).then(Boolean, () => false));
  });

  it('is not dead when the account could not be told: the caller is sent away, and it is told later', async () => {
    let away = true;
    const node = await start({
      onDead: async () => {
        if (away) throw new Problem('store_unavailable', 'away');
      },
    });
    await link(node);
    const family = server.families.get('acc_1');
    if (family) family.killed = true;
    advance(2 * HOUR_MS);
    expect(await codeOf(token(node))).toBe('store_unavailable');
    away = false;
    expect(await codeOf(token(node))).toBe('account_reauth_required');
    expect(node.deaths).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });

  it('is not what a gateway calls a bad request, but is in what words a gateway may say it', async () => {
    const node = await start();
    await link(node);
    server.twist = () => ({
      rotate: false,
      status: 400,
      body: '{"developerMessage":"The refresh token is invalid or expired.","errorCode":"AUTH-004"}',
    });
    advance(2 * HOUR_MS);
    expect(await codeOf(token(node))).toBe('account_reauth_required');
  });

  it('is one that cannot be opened', async () => {
    const node = await start();
    await link(node);
    const stored = await node.store.get(grantKey(PROJECT, 'acc_1'));
    const broken = { ...JSON.parse(stored?.value ?? '{}'), access_token: 'cv1.k1.AAAA.AAAA' };
    await node.store.put(grantKey(PROJECT, 'acc_1'), JSON.stringify(broken));
    await until(async () => (await codeOf(token(node)).catch(() => 'fine')) === 'account_reauth_required');
    expect(node.deaths).toEqual([{ account: 'acc_1', death: 'grant_unreadable' }]);
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({ dead: 'grant_unreadable' });
  });
});

describe('a token that the provider refused', () => {
  it('is replaced once, however many callers report it in how many processes', async () => {
    const [a, b] = [await start(), await start()];
    await link(a);
    const { generation } = await token(a);
    await token(b);
    const tallies = await Promise.all(
      [a, b].map((node) => callMany(300, () => token(node, 'acc_1', { newerThan: generation }))),
    );
    for (const tally of tallies) expect(tally).toMatchObject({ ok: 300, codes: [] });
    expect(server.requests).toHaveLength(1);
    // A late loser, who still holds the first one, gets what has replaced it.
    expect((await token(a, 'acc_1', { newerThan: generation })).generation).toBe(generation + 1);
  });

  it('and whose replacement is refused too makes no storm, but one request in half a minute', async () => {
    const node = await start();
    await link(node);
    const storm = () =>
      callMany(500, async () => {
        const first = await token(node);
        const second = await token(node, 'acc_1', { newerThan: first.generation });
        return token(node, 'acc_1', { newerThan: second.generation });
      });
    expect(await storm()).toMatchObject({ ok: 0, codes: ['credential_rejected'] });
    expect(server.requests).toHaveLength(1);
    advance(31_000);
    await storm();
    expect(server.requests).toHaveLength(2);
  });

  it('and has no refresh token is refused, without the grant being called dead before its time', async () => {
    const node = await start();
    await link(node, 'acc_1', { refreshToken: null });
    const { generation } = await token(node);
    expect(await codeOf(token(node, 'acc_1', { newerThan: generation }))).toBe('credential_rejected');
    expect(node.deaths).toEqual([]);
  });
});

describe('a process that stops', () => {
  it('starts no refresh, gives what is good, and says shutting_down when there is nothing', async () => {
    let draining = false;
    const node = await start({ draining: () => draining });
    await link(node);
    draining = true;
    advance(50 * MINUTE_MS);
    await token(node);
    advance(HOUR_MS);
    expect(await codeOf(token(node))).toBe('shutting_down');
    expect(server.requests).toHaveLength(0);
  });

  it('waits for the refreshes under way, and what they brought is in the store', async () => {
    const node = await start();
    await link(node);
    server.twist = () => ({ delayMs: 300 });
    advance(2 * HOUR_MS);
    const waiting = token(node);
    await until(() => server.requests.length === 1);
    await node.grants.close();
    const given = await waiting;
    const other = await start();
    expect((await token(other)).token.reveal()).toBe(given.token.reveal());
  });
});

describe('a caller', () => {
  it('waits no longer than it wants, while the others go on waiting', async () => {
    const node = await start();
    await link(node);
    server.twist = () => ({ delayMs: 400 });
    advance(2 * HOUR_MS);
    const gone = new AbortController();
    const others = callMany(50, () => token(node));
    const hasty = codeOf(node.grants.userToken(userRequest(client, 'acc_1', clock, { deadlineAt: clock.now() + 50 })));
    const leaving = codeOf(node.grants.userToken(userRequest(client, 'acc_1', clock, { signal: gone.signal })));
    gone.abort(new Problem('caller_gone', 'gone'));
    expect(await Promise.all([hasty, leaving])).toEqual(['deadline_exceeded', 'caller_gone']);
    expect(await others).toMatchObject({ ok: 50 });
    expect(server.requests).toHaveLength(1);
  });

  it('of an account without a grant is told to link it', async () => {
    expect(await codeOf(token(await start()))).toBe('account_reauth_required');
  });
});

describe('a candidate', () => {
  it('is tried before the grant is called dead', async () => {
    const node = await start();
    await link(node);
    const family = server.families.get('acc_1');
    const good = family?.current ?? '';
    // As after two refreshes that overtook each other: the one that counts turns out to be worth nothing.
    const [a, b] = [await start(), await start()];
    await a.close();
    nodes = nodes.filter((one) => one !== a);
    const { sealRecord, openRecord } = await import('../../src/vault/sealed-records.ts');
    const { vaultOf } = await import('../vault/support/fixture.ts');
    const key = grantKey(PROJECT, 'acc_1');
    const stored = await b.store.get(key);
    const record = openRecord(vaultOf(RING), key, stored?.value ?? '') as unknown as GrantRecord;
    const swapped = { ...record, refresh_token: new Secret('worthless'), candidate_refresh_token: new Secret(good) };
    await b.store.put(key, sealRecord(vaultOf(RING), key, swapped));
    advance(2 * HOUR_MS);
    await token(b);
    expect(server.requests.map(({ form }) => form.get('refresh_token'))).toEqual(['worthless', good]);
    expect(b.deaths).toEqual([]);
  });
});
