import { describe, expect, it } from 'vitest';
import { offsetClock, PROJECT } from './support/grant-node.ts';
import { DAY_MS, grantStage, HOUR_MS, MINUTE_MS } from './support/grant-stage.ts';

const stage = grantStage();

describe('clocks that do not agree', () => {
  it('do not make a token that was just obtained look older than the one it was obtained with', async () => {
    const [ahead, behind] = [await stage.start(), await stage.start({ clock: offsetClock(-5 * MINUTE_MS) })];
    await stage.link(ahead);
    const first = await stage.token(ahead);
    const second = await stage.token(behind, 'acc_1', { newerThan: first.generation });
    expect(second.token.reveal()).not.toBe(first.token.reveal());
    stage.advance(2 * HOUR_MS);
    await stage.token(ahead);
    expect(stage.server.families.get('acc_1')).toMatchObject({ reuses: 0, rotations: 2 });
    expect(ahead.deaths).toEqual([]);
  });

  it('do not let a linking lose against one of before, nor against a removal of before', async () => {
    const ahead = await stage.start({ clock: offsetClock(DAY_MS) });
    await stage.link(ahead);
    const node = await stage.start();
    await stage.link(node);
    expect((await stage.token(node)).token.reveal()).toContain('planted-access-token-4');
    await ahead.grants.remove(PROJECT, 'acc_1', undefined);
    await stage.link(node);
    expect((await stage.token(node)).token.reveal()).toContain('planted-access-token-6');
  });
});

describe('a clock that is set back', () => {
  it.each([503, 429, 401])('does not prolong the pause after a refresh that failed with %i', async (status) => {
    const node = await stage.start();
    stage.advance(6 * HOUR_MS);
    await stage.link(node, 'acc_1', { accessExpiresAt: stage.clock.now() - 4 * HOUR_MS });
    const body = status === 401 ? '{"error":"invalid_client"}' : '';
    stage.server.twist = () => ({ rotate: false, status, body });
    await expect(stage.token(node)).rejects.toThrow();
    stage.server.twist = () => undefined;
    stage.advance(-HOUR_MS);
    await stage.token(node);
  });
});

describe('a provider that gives the same access token again', () => {
  it('with a new refresh token has the new one used from then on', async () => {
    const node = await stage.start();
    const consent = stage.server.consent('acc_1');
    await node.grants.install(PROJECT, 'acc_1', stage.client, consent);
    stage.server.twist = () => ({ members: { access_token: consent.accessToken.reveal() } });
    stage.advance(2 * HOUR_MS);
    await stage.token(node);
    stage.advance(2 * HOUR_MS);
    await stage.token(node);
    expect(stage.server.families.get('acc_1')).toMatchObject({ reuses: 0, rotations: 2 });
  });
});
