import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { callMany } from './support/fixture.ts';
import { PROJECT, userRequest } from './support/grant-node.ts';
import { codeOf, grantStage, HOUR_MS, MINUTE_MS, problemOf, until } from './support/grant-stage.ts';

const stage = grantStage();

describe('a grant that is at hand', () => {
  it('gives its token without asking anyone, always the same', async () => {
    const node = await stage.start();
    await stage.link(node);
    const first = await stage.token(node);
    expect(await stage.token(node)).toBe(first);
    expect(first.scopes).toEqual(['a:read']);
    expect(stage.server.requests).toHaveLength(0);
  });

  it('is there in another process and after a restart', async () => {
    const [a, b] = [await stage.start(), await stage.start()];
    await stage.link(a);
    const tokens = await Promise.all([stage.token(a), stage.token(b)]);
    expect(new Set(tokens.map(({ token }) => token.reveal())).size).toBe(1);
  });

  it('is refreshed once in the background when its end nears, and given meanwhile', async () => {
    const node = await stage.start();
    await stage.link(node);
    const first = await stage.token(node);
    let release = () => {};
    const after = new Promise<void>((resolve) => {
      release = resolve;
    });
    stage.server.twist = () => ({ after });
    stage.advance(50 * MINUTE_MS);
    const meanwhile = await callMany(500, () => stage.token(node));
    expect(meanwhile).toMatchObject({ ok: 500, tokens: [first.token.reveal()] });
    release();
    await until(async () => (await stage.token(node)).generation > first.generation);
    expect(stage.server.requests).toHaveLength(1);
  });

  it('is given to its very end while the token endpoint is down, which is asked ever less often', async () => {
    const node = await stage.start();
    await stage.link(node);
    await stage.token(node);
    stage.server.twist = () => ({ rotate: false, status: 503, body: '' });
    stage.advance(50 * MINUTE_MS);
    for (let minute = 0; minute < 5; minute++) {
      for (let call = 0; call < 20; call++) {
        await stage.token(node);
        await delay(1);
      }
      stage.advance(10_000);
    }
    expect(stage.server.requests.length).toBeLessThanOrEqual(5);
    stage.advance(10 * MINUTE_MS);
    const problem = await problemOf(stage.token(node));
    expect(problem.code).toBe('token_endpoint_unavailable');
    const again = await problemOf(stage.token(node));
    expect(again).toMatchObject({ code: 'token_endpoint_unavailable', retryable: true });
    expect(again.options.retryAfterS).toBeGreaterThan(0);
    expect(node.deaths).toEqual([]);
    stage.server.twist = () => undefined;
    stage.advance(2 * MINUTE_MS);
    await stage.token(node);
  });

  it('shows what it is, and never a token', async () => {
    const node = await stage.start();
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toBeUndefined();
    await stage.link(node);
    const view = await node.grants.inspect(PROJECT, 'acc_1');
    expect(view).toMatchObject({ generation: 1, refreshable: true, scopes: ['a:read'] });
    expect(view?.access_expires_in_s).toBeGreaterThan(3_500);
    expect(view?.refresh_expires_in_s).toBeGreaterThan(14 * 24 * 3_600);
    expect(JSON.stringify(view)).not.toContain('planted');
    expect(await node.grants.refreshNow(userRequest(stage.client, 'acc_1', stage.clock))).toMatchObject({
      generation: 2,
    });
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({ generation: 2 });
  });

  it('belongs to the app that it was given to: another client id refreshes nothing', async () => {
    const node = await stage.start();
    await stage.link(node);
    stage.advance(2 * HOUR_MS);
    const other = stage.server.client({ clientId: 'client-2' });
    expect(await codeOf(node.grants.userToken(userRequest(other, 'acc_1', stage.clock)))).toBe(
      'token_request_rejected',
    );
    expect(stage.server.requests).toHaveLength(0);
    expect(node.deaths).toEqual([]);
  });
});

describe('a token that the provider refused', () => {
  it('is replaced once, however many callers report it in how many processes', async () => {
    const [a, b] = [await stage.start(), await stage.start()];
    await stage.link(a);
    const { generation } = await stage.token(a);
    await stage.token(b);
    const tallies = await Promise.all(
      [a, b].map((node) => callMany(300, () => stage.token(node, 'acc_1', { newerThan: generation }))),
    );
    for (const tally of tallies) expect(tally).toMatchObject({ ok: 300, codes: [] });
    expect(stage.server.requests).toHaveLength(1);
    // A late loser, who still holds the first one, gets what has replaced it.
    expect((await stage.token(a, 'acc_1', { newerThan: generation })).generation).toBe(generation + 1);
  });

  it('and whose replacement is refused too makes no storm, but one request in half a minute', async () => {
    const node = await stage.start();
    await stage.link(node);
    const storm = () =>
      callMany(500, async () => {
        const first = await stage.token(node);
        const second = await stage.token(node, 'acc_1', { newerThan: first.generation });
        return stage.token(node, 'acc_1', { newerThan: second.generation });
      });
    expect(await storm()).toMatchObject({ ok: 0, codes: ['credential_rejected'] });
    expect(stage.server.requests).toHaveLength(1);
    stage.advance(31_000);
    await storm();
    expect(stage.server.requests).toHaveLength(2);
  });

  it('and has no refresh token is refused, without the grant being called dead before its time', async () => {
    const node = await stage.start();
    await stage.link(node, 'acc_1', { refreshToken: null });
    const { generation } = await stage.token(node);
    expect(await codeOf(stage.token(node, 'acc_1', { newerThan: generation }))).toBe('credential_rejected');
    expect(node.deaths).toEqual([]);
  });
});

describe('a process that stops', () => {
  it('starts no refresh, gives what is good, and says shutting_down when there is nothing', async () => {
    let draining = false;
    const node = await stage.start({ draining: () => draining });
    await stage.link(node);
    draining = true;
    stage.advance(50 * MINUTE_MS);
    await stage.token(node);
    stage.advance(HOUR_MS);
    expect(await codeOf(stage.token(node))).toBe('shutting_down');
    expect(stage.server.requests).toHaveLength(0);
  });

  it('waits for the refreshes under way, and what they brought is in the store', async () => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = () => ({ delayMs: 300 });
    stage.advance(2 * HOUR_MS);
    const waiting = stage.token(node);
    await until(() => stage.server.requests.length === 1);
    await node.grants.close();
    const given = await waiting;
    const other = await stage.start();
    expect((await stage.token(other)).token.reveal()).toBe(given.token.reveal());
  });
});

describe('a caller', () => {
  it('waits no longer than it wants, while the others go on waiting', async () => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = () => ({ delayMs: 400 });
    stage.advance(2 * HOUR_MS);
    const gone = new AbortController();
    const others = callMany(50, () => stage.token(node));
    const hasty = codeOf(
      node.grants.userToken(userRequest(stage.client, 'acc_1', stage.clock, { deadlineAt: stage.clock.now() + 50 })),
    );
    const leaving = codeOf(
      node.grants.userToken(userRequest(stage.client, 'acc_1', stage.clock, { signal: gone.signal })),
    );
    gone.abort(new Problem('caller_gone', 'gone'));
    expect(await Promise.all([hasty, leaving])).toEqual(['deadline_exceeded', 'caller_gone']);
    expect(await others).toMatchObject({ ok: 50 });
    expect(stage.server.requests).toHaveLength(1);
  });

  it('of an account without a grant is told to link it', async () => {
    expect(await codeOf(stage.token(await stage.start()))).toBe('account_reauth_required');
  });
});
