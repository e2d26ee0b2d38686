import { describe, expect, it } from 'vitest';
import type { Action, Connector, Scope } from '../../src/connector/connector.ts';
import { admit, type GateQuestion } from '../../src/engine/gate.ts';
import type { ProblemCode } from '../../src/problems.ts';
import { accountOf, codeOf, profileOf, shipped } from './fixture.ts';

const registry = await shipped();
const connectors = [...registry.connectors.values()];
const EVERYONE = { actions: null, accounts: null };

function question(connector: Connector, action: Action, change: Partial<GateQuestion> = {}): GateQuestion {
  const profile = profileOf(connector, { scopes: [...action.scopes, ...action.providerScopes] });
  return { key: EVERYONE, connector, action, account: accountOf(connector), profile, ...change };
}

/** The action's own scopes and so many others that all subsets can be gone through. */
function universeOf(connector: Connector, action: Action, size = 7): string[] {
  const own = [...action.scopes, ...action.providerScopes];
  return [...new Set([...own, ...connector.scopes.keys()])].slice(0, Math.max(size, own.length));
}

function* subsets<T>(items: readonly T[]): Generator<T[]> {
  for (let mask = 0; mask < 2 ** items.length; mask += 1) yield items.filter((_, index) => mask & (1 << index));
}

describe('the gate', () => {
  it('lets every action through for exactly those sets of scopes that hold all of its own', async () => {
    let cases = 0;
    for (const connector of connectors) {
      for (const action of connector.actions.values()) {
        if (action.token === 'user') continue;
        for (const scopes of subsets(universeOf(connector, action))) {
          const profile = profileOf(connector, { scopes });
          const expected = action.scopes.every((scope) => scopes.includes(scope)) ? undefined : 'scopes_missing';
          expect(await codeOf(() => admit(question(connector, action, { profile }))), action.id).toBe(expected);
          cases += 1;
        }
      }
    }
    expect(cases).toBeGreaterThanOrEqual(registry.actions.size * 2 ** 7 * 0.5);
  });

  it('asks for no scope that the profile does not have, and for none beyond the action’s', () => {
    for (const connector of connectors) {
      for (const action of connector.actions.values()) {
        if (action.token === 'user') continue;
        const profile = profileOf(connector, { scopes: [...connector.scopes.keys()] });
        const { scopes } = admit(question(connector, action, { profile }));
        if (action.scopes.length + action.providerScopes.length > 0)
          expect([...scopes].sort()).toEqual([...new Set([...action.scopes, ...action.providerScopes])].sort());
      }
    }
  });

  const [connector] = connectors;
  const action = connector?.actions.values().next().value;
  if (!connector || !action) throw new Error('no shipped action');

  it('counts what a scope implies', async () => {
    const scope = (...covers: string[]): Scope => ({ description: '', covers: new Set(covers) });
    const implying: Connector = {
      ...connector,
      scopes: new Map([
        ['all', scope('all', 'write', 'read')],
        ['write', scope('write', 'read')],
        ['read', scope('read')],
      ]),
    };
    const needing = (...scopes: string[]): Action => ({ ...action, scopes, providerScopes: [] });
    for (const [granted, needed, code] of [
      [['all'], ['read'], undefined],
      [['write'], ['read', 'write'], undefined],
      [['read'], ['write'], 'scopes_missing'],
      [['write'], ['all'], 'scopes_missing'],
      [['unknown'], ['unknown'], undefined],
    ] as [string[], string[], ProblemCode | undefined][]) {
      const profile = profileOf(implying, { scopes: granted });
      expect(await codeOf(() => admit(question(implying, needing(...needed), { profile })))).toBe(code);
    }
  });

  it('asks for the provider’s further scopes as far as the profile has them, and blocks nobody without', () => {
    const further: Action = { ...action, scopes: ['data:read'], providerScopes: ['data:write', 'data:create'] };
    const scopesWith = (scopes: string[]) =>
      admit(question(connector, further, { profile: profileOf(connector, { scopes }) })).scopes;
    expect(scopesWith(['data:read'])).toEqual(['data:read']);
    expect(scopesWith(['data:read', 'data:create'])).toEqual(['data:read', 'data:create']);
  });

  it('tells which of the provider’s further scopes are missing, so that a refusal can name them', () => {
    const further: Action = { ...action, scopes: ['data:read'], providerScopes: ['data:write', 'data:create'] };
    const profile = profileOf(connector, { scopes: ['data:read', 'data:write'] });
    expect(admit(question(connector, further, { profile })).missingProviderScopes).toEqual(['data:create']);
  });

  it('names what is missing, of its own and of the provider’s', () => {
    const further: Action = { ...action, scopes: ['data:read', 'data:write'], providerScopes: ['data:create'] };
    const profile = profileOf(connector, { scopes: ['data:read'] });
    expect(() => admit(question(connector, further, { profile }))).toThrow(
      expect.objectContaining({
        options: expect.objectContaining({
          extra: expect.objectContaining({ missing_scopes: ['data:write'], missing_provider_scopes: ['data:create'] }),
        }),
      }),
    );
  });

  it.each([
    ['a key for other actions', { key: { actions: ['x'], accounts: null } }, 'key_not_allowed'],
    ['a key for other accounts', { key: { actions: null, accounts: ['x'] } }, 'key_not_allowed'],
    ['a key for nothing', { key: { actions: [], accounts: [] } }, 'key_not_allowed'],
    ['an action that is not enabled', { profile: profileOf(connector, { actions: [] }) }, 'action_disabled'],
    ['a disabled profile', { profile: profileOf(connector, { enabled: false }) }, 'profile_disabled'],
    ['a suspended account', { account: accountOf(connector, { status: 'inactive' }) }, 'account_inactive'],
    ['an account in error', { account: accountOf(connector, { status: 'error' }) }, 'account_inactive'],
    ['a lost grant', { account: accountOf(connector, { status: 'reauth_required' }) }, 'account_reauth_required'],
    ['no scopes', { profile: profileOf(connector) }, 'scopes_missing'],
    ['an action for persons only', { action: { ...action, token: 'user' as const } }, 'token_kind_unavailable'],
    [
      'an unknown method',
      { profile: profileOf(connector, { authentication: 'x', scopes: [...action.scopes] }) },
      'token_kind_unavailable',
    ],
  ] as [string, Partial<GateQuestion>, ProblemCode][])('refuses %s', async (_title, change, code) => {
    expect(await codeOf(() => admit(question(connector, action, change)))).toBe(code);
  });

  describe('of kinds of token', () => {
    const [method] = connector.authentication.values();
    if (!method) throw new Error('no authentication');
    const giving = (...tokens: ('app' | 'user')[]) => ({ ...method, tokens: new Set(tokens) });
    const either: Connector = {
      ...connector,
      authentication: new Map([
        ['own', { ...giving('app'), id: 'own', label: 'Own' }],
        ['person', { ...giving('user'), id: 'person', label: 'Person' }],
        ['both', { ...giving('app', 'user'), id: 'both', label: 'Both' }],
      ]),
    };
    const asked = (token: Action['token'], authentication: string) =>
      question(
        either,
        { ...action, token },
        { profile: profileOf(either, { authentication, scopes: [...action.scopes] }) },
      );

    it.each([
      ['app', 'own', 'app'],
      ['any', 'own', 'app'],
      ['user', 'person', 'user'],
      ['any', 'person', 'user'],
      ['app', 'both', 'app'],
      ['user', 'both', 'user'],
      ['any', 'both', 'user'],
    ] as const)('lets %s through with the method "%s", with a token of the kind %s', (token, authentication, kind) => {
      expect(admit(asked(token, authentication)).tokenKind).toBe(kind);
    });

    it.each([
      ['user', 'own', ['app'], ['person', 'both']],
      ['app', 'person', ['user'], ['own', 'both']],
      ['any', 'gone', [], ['own', 'person', 'both']],
    ] as const)(
      'refuses %s with the method "%s" and names the methods that would do',
      (token, authentication, available, remedies) => {
        const refused = () => admit(asked(token, authentication));
        expect(refused).toThrow(
          expect.objectContaining({
            code: 'token_kind_unavailable',
            options: expect.objectContaining({
              extra: expect.objectContaining({ token, authentication, available }),
            }),
          }),
        );
        for (const id of remedies)
          expect(refused).toThrow(
            expect.objectContaining({ options: expect.objectContaining({ hint: expect.stringContaining(`"${id}"`) }) }),
          );
      },
    );
  });

  it('tells a narrowed key nothing about the profile or the account', async () => {
    const hidden = {
      key: { actions: ['x'], accounts: null },
      profile: profileOf(connector, { enabled: false, actions: [] }),
      account: accountOf(connector, { status: 'error' }),
    };
    expect(await codeOf(() => admit(question(connector, action, hidden)))).toBe('key_not_allowed');
  });
});
