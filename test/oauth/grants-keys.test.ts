import { describe, expect, it } from 'vitest';
import { grantOfKey } from '../../src/oauth/grant.ts';
import { Secret } from '../../src/secret.ts';
import { callMany } from './support/fixture.ts';
import { type GrantNode, PROJECT, userRequest } from './support/grant-node.ts';
import { codeOf, DAY_MS, grantStage, until } from './support/grant-stage.ts';

const stage = grantStage();
const ROUNDS = 20;

const bring = (node: GrantNode, key: string) =>
  node.grants.install(PROJECT, 'acc_1', stage.client, grantOfKey(new Secret(key), stage.clock.now(), ['read']));
const keyAt = async (node: GrantNode) => (await stage.token(node)).token.reveal();

describe('a key', () => {
  it('is the same for ever, and nobody is asked for another one', async () => {
    const node = await stage.start();
    await bring(node, 'key-1');
    stage.advance(3_650 * DAY_MS);
    expect(await keyAt(node)).toBe('key-1');
    expect(await codeOf(node.grants.refreshNow(userRequest(stage.client, 'acc_1', stage.clock)))).toBe('grant_absent');
    expect(await keyAt(node)).toBe('key-1');
    expect(await node.grants.inspect(PROJECT, 'acc_1')).toMatchObject({
      access_expires_in_s: null,
      refreshable: false,
      scopes: ['read'],
    });
    expect(stage.server.requests).toEqual([]);
  });

  it('is dead in every process when the provider refused it, and lives again when it is replaced', async () => {
    const [a, b] = [await stage.start(), await stage.start()];
    await bring(a, 'key-1');
    const { generation } = await stage.token(b);
    const refused = await callMany(50, () => stage.token(a, 'acc_1', { newerThan: generation }));
    expect(refused).toEqual({ ok: 0, tokens: [], codes: ['account_reauth_required'] });
    expect(a.deaths).toEqual([{ account: 'acc_1', death: 'key_refused' }]);
    await until(async () => (await codeOf(stage.token(b)).catch(() => 'fine')) === 'account_reauth_required');
    await bring(b, 'key-2');
    for (const node of [a, b])
      await until(() =>
        keyAt(node).then(
          (key) => key === 'key-2',
          () => false,
        ),
      );
    expect(stage.server.requests).toEqual([]);
  });

  it('is not touched by a refusal of the one before it, wherever that is told', async () => {
    const [a, b] = [await stage.start(), await stage.start()];
    await bring(a, 'key-1');
    const { generation } = await stage.token(b);
    await bring(a, 'key-2');
    for (const node of [a, b]) {
      const newer = await stage.token(node, 'acc_1', { newerThan: generation });
      expect(newer.token.reveal()).toBe('key-2');
    }
    expect([a, b].flatMap(({ deaths }) => deaths)).toEqual([]);
  });

  it('is not touched by a refusal from before the account was unlinked', async () => {
    const node = await stage.start();
    await bring(node, 'key-1');
    const { generation } = await stage.token(node);
    await node.grants.remove(PROJECT, 'acc_1', stage.client);
    await bring(node, 'key-2');
    expect((await stage.token(node, 'acc_1', { newerThan: generation })).token.reveal()).toBe('key-2');
  });

  it(`survives that the former is found dead at the same moment, ${ROUNDS} times`, async () => {
    const [a, b] = [await stage.start(), await stage.start()];
    await bring(a, 'key-0');
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { generation } = await stage.token(a);
      const refusal = stage.token(a, 'acc_1', { newerThan: generation }).then(
        ({ token }) => token.reveal(),
        () => 'dead',
      );
      const [heard] = await Promise.all([refusal, bring(b, `key-${round}`)]);
      expect(['dead', `key-${round}`]).toContain(heard);
      for (const node of [a, b])
        await until(() =>
          keyAt(node).then(
            (key) => key === `key-${round}`,
            () => false,
          ),
        );
    }
    expect((await a.grants.inspect(PROJECT, 'acc_1'))?.dead).toBeUndefined();
  });

  it('that waits for the store is not touched by a refusal of the one before it', async () => {
    let away = false;
    const node = await stage.start({
      wrapStore: (store) => {
        const put: typeof store.put = async (...args) => {
          if (away) throw new Error('away');
          return store.put(...args);
        };
        return new Proxy(store, {
          get(target, name) {
            if (name === 'put') return put;
            const member: unknown = Reflect.get(target, name, target);
            return typeof member === 'function' ? member.bind(target) : member;
          },
        });
      },
    });
    await bring(node, 'key-1');
    await bring(node, 'key-2');
    const { generation } = await stage.token(node);
    away = true;
    await bring(node, 'key-3');
    expect(await keyAt(node)).toBe('key-3');
    await stage.token(node, 'acc_1', { newerThan: generation }).catch(() => undefined);
    away = false;
    await until(async () => (await stage.token(node, 'acc_1', { newerThan: generation })).token.reveal() === 'key-3');
    expect(node.deaths).toEqual([]);
  });
});
