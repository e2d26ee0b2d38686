import { describe, expect, it } from 'vitest';
import { type GrantRecord, grantKey } from '../../src/oauth/grant-record.ts';
import { Problem } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import { openRecord, sealRecord } from '../../src/vault/sealed-records.ts';
import { vaultOf } from '../vault/support/fixture.ts';
import { callMany } from './support/fixture.ts';
import { PROJECT } from './support/grant-node.ts';
import { codeOf, DAY_MS, grantStage, HOUR_MS, RING, until } from './support/grant-stage.ts';

const stage = grantStage();

describe('a grant that is dead', () => {
  it('is so by the provider, by time, or for want of a refresh token', async () => {
    const node = await stage.start();
    await stage.link(node, 'acc_revoked');
    await stage.link(node, 'acc_late', { refreshExpiresAt: stage.clock.now() + DAY_MS });
    await stage.link(node, 'acc_short', { refreshToken: null });
    for (const family of stage.server.families.values()) family.killed = true;
    stage.advance(2 * DAY_MS);
    for (const account of ['acc_revoked', 'acc_late', 'acc_short'])
      expect(await codeOf(stage.token(node, account))).toBe('account_reauth_required');
    expect(node.deaths).toEqual([
      { account: 'acc_revoked', death: 'grant_refused' },
      { account: 'acc_late', death: 'grant_expired' },
      { account: 'acc_short', death: 'no_refresh_token' },
    ]);
    expect(stage.server.requests).toHaveLength(2);
  });

  it('100 of them with 100 callers each make 100 requests, and then none in any process', async () => {
    const [a, b] = [await stage.start(), await stage.start()];
    const accounts = Array.from({ length: 100 }, (_, index) => `acc_${index}`);
    await Promise.all(accounts.map((account) => stage.link(a, account)));
    for (const family of stage.server.families.values()) family.killed = true;
    stage.advance(2 * HOUR_MS);
    const storm = (calls: number) =>
      Promise.all(
        [a, b].flatMap((node) => accounts.map((account) => callMany(calls, () => stage.token(node, account)))),
      );
    for (const calls of [5, 45]) {
      for (const tally of await storm(calls))
        expect(tally).toEqual({ ok: 0, tokens: [], codes: ['account_reauth_required'] });
    }
    expect(stage.server.requests).toHaveLength(100);
    expect(new Set(a.deaths.map(({ account }) => account)).size).toBe(100);
  });

  it('lives again in every process when the account is linked again in one', async () => {
    const [a, b] = [await stage.start(), await stage.start()];
    await stage.link(a);
    const family = stage.server.families.get('acc_1');
    if (family) family.killed = true;
    stage.advance(2 * HOUR_MS);
    for (const node of [a, b]) expect(await codeOf(stage.token(node))).toBe('account_reauth_required');
    await stage.link(a, 'acc_1', { accessExpiresAt: stage.clock.now() + HOUR_MS });
    await stage.token(a);
    await until(() => stage.token(b).then(Boolean, () => false));
  });

  it('is not dead when the account could not be told: the caller is sent away, and it is told later', async () => {
    let away = true;
    const node = await stage.start({
      onDead: async () => {
        if (away) throw new Problem('store_unavailable', 'away');
      },
    });
    await stage.link(node);
    const family = stage.server.families.get('acc_1');
    if (family) family.killed = true;
    stage.advance(2 * HOUR_MS);
    expect(await codeOf(stage.token(node))).toBe('store_unavailable');
    away = false;
    expect(await codeOf(stage.token(node))).toBe('account_reauth_required');
    expect(node.deaths).toHaveLength(1);
    expect(stage.server.requests).toHaveLength(1);
  });

  it('is not what a gateway calls a bad request, but is in what words a gateway may say it', async () => {
    const node = await stage.start();
    await stage.link(node);
    stage.server.twist = () => ({
      rotate: false,
      status: 400,
      body: '{"developerMessage":"The refresh token is invalid or expired.","errorCode":"AUTH-004"}',
    });
    stage.advance(2 * HOUR_MS);
    expect(await codeOf(stage.token(node))).toBe('account_reauth_required');
  });

  it('is one that cannot be opened', async () => {
    const node = await stage.start();
    await stage.link(node);
    const stored = await node.store.get(grantKey(PROJECT, 'acc_1'));
    const broken = { ...JSON.parse(stored?.value ?? '{}'), access_token: 'cv1.k1.AAAA.AAAA' };
    await node.store.put(grantKey(PROJECT, 'acc_1'), JSON.stringify(broken));
    await until(async () => (await codeOf(stage.token(node)).catch(() => 'fine')) === 'account_reauth_required');
    expect(node.deaths).toEqual([{ account: 'acc_1', death: 'grant_unreadable' }]);
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({ dead: 'grant_unreadable' });
  });
});

describe('a candidate', () => {
  it('is tried before the grant is called dead', async () => {
    const node = await stage.start();
    await stage.link(node);
    const good = stage.server.families.get('acc_1')?.current ?? '';
    // As after two refreshes that overtook each other: the one that counts turns out to be worth nothing.
    const key = grantKey(PROJECT, 'acc_1');
    const stored = await node.store.get(key);
    const record = openRecord(vaultOf(RING), key, stored?.value ?? '') as unknown as GrantRecord;
    const swapped = { ...record, refresh_token: new Secret('worthless'), candidate_refresh_token: new Secret(good) };
    await node.store.put(key, sealRecord(vaultOf(RING), key, swapped));
    stage.advance(2 * HOUR_MS);
    await stage.token(node);
    expect(stage.server.requests.map(({ form }) => form.get('refresh_token'))).toEqual(['worthless', good]);
    expect(node.deaths).toEqual([]);
  });
});

describe('a death that is told late', () => {
  it('is taken back when the account was linked again meanwhile', async () => {
    const other = await stage.start();
    const node = await stage.start({
      onDead: () => stage.link(other, 'acc_1', { accessExpiresAt: stage.clock.now() + HOUR_MS }),
    });
    await stage.link(node);
    const family = stage.server.families.get('acc_1');
    if (family) family.killed = true;
    stage.advance(2 * HOUR_MS);
    await stage.token(node).catch(() => undefined);
    expect(node.deaths).toHaveLength(1);
    expect(node.revived).toEqual(['acc_1']);
    await until(() => stage.token(node).then(Boolean, () => false));
  });

  it('is taken back when the process that had the answer comes back', async () => {
    stage.server.reuseKills = false;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asleep = false;
    const stopped = await stage.start({
      leaseTtlMs: 300,
      // As a process that is stopped with the answer in its socket: it renews nothing.
      wrapStore: (store) => {
        const renewLease: typeof store.renewLease = async (lease, ttlMs) => asleep || store.renewLease(lease, ttlMs);
        return new Proxy(store, {
          get(target, name) {
            if (name === 'renewLease') return renewLease;
            const member: unknown = Reflect.get(target, name, target);
            return typeof member === 'function' ? member.bind(target) : member;
          },
        });
      },
      wrapDoor: (door) => ({
        ...door,
        send: async (request, options) => {
          const answer = await door.send(request, options);
          asleep = true;
          await held;
          return answer;
        },
      }),
    });
    const other = await stage.start({ leaseTtlMs: 300 });
    await stage.link(stopped);
    stage.advance(2 * HOUR_MS);
    const waiting = stage.token(stopped);
    await until(() => asleep);
    expect(await codeOf(stage.token(other))).toBe('account_reauth_required');
    expect(other.deaths).toEqual([{ account: 'acc_1', death: 'refresh_uncertain' }]);
    release();
    await waiting;
    expect(stopped.revived).toEqual(['acc_1']);
  });
});
