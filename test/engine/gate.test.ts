import { describe, expect, it } from 'vitest';
import type { Action, Connector, Scope } from '../../src/connector/connector.ts';
import { admit, type GateQuestion } from '../../src/engine/gate.ts';
import { Problem, type ProblemCode } from '../../src/problems.ts';
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

  describe('of what a person granted', () => {
    const methods = [...connector.authentication.values()].flatMap((method) =>
      method.publicClients
        ? [
            { method, secret: true },
            { method, secret: false },
          ]
        : [{ method, secret: true }],
    );

    it('lets every action through exactly when the profile and, on behalf of a person, the grant hold all its scopes', async () => {
      let cases = 0;
      for (const one of connectors.flatMap((each) => [...each.actions.values()])) {
        const sets = [...subsets(universeOf(connector, one, 4))];
        for (const { method, secret } of methods) {
          const kinds = [...method.tokens].filter((kind) => kind === 'user' || secret);
          const wanted = one.token === 'any' ? (['user', 'app'] as const) : [one.token];
          const kind = wanted.find((each) => kinds.includes(each));
          const never = !wanted.some((each) => method.tokens.has(each));
          for (const scopes of sets) {
            for (const granted_scopes of [null, ...sets]) {
              const profile = profileOf(connector, {
                authentication: method.id,
                scopes,
                ...(!secret && { client_secret: null }),
              });
              const account = accountOf(connector, { granted_scopes });
              const within = (have: readonly string[]) => one.scopes.every((scope) => have.includes(scope));
              const personal = kind === 'user' && granted_scopes !== null;
              // Where the method has no such tokens at all, nobody is sent to add scopes.
              const expected = never
                ? 'token_kind_unavailable undefined'
                : !within(scopes)
                  ? 'scopes_missing operator'
                  : kind === undefined
                    ? 'token_kind_unavailable undefined'
                    : personal && !within(granted_scopes)
                      ? 'scopes_missing end_user'
                      : kind;
              expect(verdictOf(question(connector, one, { profile, account })), `${one.id} ${method.id}`).toBe(
                expected,
              );
              cases += 1;
            }
          }
        }
      }
      expect(cases).toBeGreaterThan(50_000);
    });

    function verdictOf(asked: GateQuestion): string {
      try {
        return admit(asked).tokenKind;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return `${error.code} ${error.options.extra?.granted_by}`;
      }
    }

    const needing = (...scopes: string[]): Action => ({
      ...action,
      token: 'any',
      scopes,
      providerScopes: ['data:write'],
    });
    const asked = (scopes: string[], granted: string[], authentication = 'three_legged') =>
      question(connector, needing('data:read'), {
        profile: profileOf(connector, { authentication, scopes }),
        account: accountOf(connector, { granted_scopes: granted }),
      });
    const hintOf = (wanted: GateQuestion): string => {
      try {
        admit(wanted);
        return 'none';
      } catch (error) {
        return error instanceof Problem ? (error.options.hint ?? '') : 'none';
      }
    };

    it('asks for and counts as had only what both the profile and the person have', () => {
      expect(admit(asked(['data:read', 'data:write'], ['data:read']))).toMatchObject({
        scopes: ['data:read'],
        missingProviderScopes: ['data:write'],
      });
      expect(admit(asked(['data:read'], ['data:read', 'data:write'])).missingProviderScopes).toEqual(['data:write']);
    });

    it('tells the operator to add a scope and then to link again', () => {
      expect(hintOf(asked(['data:write'], ['data:read']))).toMatch(
        /PATCH \/connector_profiles.*Then link.*connect_sessions/,
      );
      expect(hintOf(asked(['data:write'], ['data:read'], 'two_legged'))).not.toMatch(/link/);
    });

    it('tells to link again where the person did not grant a scope, and to replace a token that lacks it', () => {
      expect(hintOf(asked(['data:read'], []))).toMatch(/POST \/connect_sessions with "account_id": "acc_1"/);
      expect(hintOf(asked(['data:read'], [], 'token'))).toMatch(/PUT \/accounts\/acc_1\/credential/);
    });

    it('never lets the app do by itself what the person did not grant', () => {
      expect(verdictOf(asked(['data:read'], []))).toBe('scopes_missing end_user');
    });

    it('tells what an app token lacks on a public client, and a user token where nobody consented', () => {
      const onlyApp = { ...needing(), token: 'app' as const };
      const publicClient = profileOf(connector, { authentication: 'three_legged', client_secret: null });
      const refused = question(connector, onlyApp, { profile: publicClient });
      expect(verdictOf(refused)).toMatch('token_kind_unavailable');
      expect(hintOf(refused)).toMatch(/client_secret/);
      const unlinked = accountOf(connector, { linked_at: null });
      const profile = profileOf(connector, { authentication: 'three_legged' });
      const personal = question(connector, { ...needing(), token: 'user' }, { profile, account: unlinked });
      expect(verdictOf(personal)).toMatch('token_kind_unavailable');
      expect(hintOf(personal)).toMatch(/connect_sessions/);
      expect(verdictOf(question(connector, needing(), { profile, account: unlinked }))).toBe('app');
    });
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
