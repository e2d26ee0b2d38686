import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { HubSummary } from '../../sandbox/aps/account-summary.ts';
import { type AnyJson, expectProblem } from '../support/client.ts';
import { ALL_SCOPES } from '../support/covered-actions.ts';
import { obtainElsewhere, peopleOf } from '../support/provided-token.ts';
import { onBothStores, seedAccount, startWorld, type World } from '../support/server.ts';

const MANUAL = ['account_administrator', 'project_membership'];
const ASKED = [
  'credentials',
  'data_management_enabled',
  'custom_integration',
  'account_visible',
  'region',
  'account_administration',
  'acting_user',
];

onBothStores('the checklist of an Autodesk account', (open) => {
  let world: World;
  let us: Required<HubSummary>;
  let emea: Required<HubSummary>;

  beforeAll(async () => {
    world = await startWorld(open, { allActions: true, scopes: ALL_SCOPES });
    const { hubs } = await world.sandbox.world();
    [us, emea] = hubs as Required<HubSummary>[] as [Required<HubSummary>, Required<HubSummary>];
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  const account = async (settings: Record<string, unknown>, profile?: Record<string, unknown>): Promise<string> => {
    if (profile) {
      const named = { name: 'Another', scopes: ALL_SCOPES, ...profile };
      return (await seedAccount(world.operator, world.sandbox, { profile: named, account: { settings } })).account;
    }
    const body = { connector_profile_id: world.profile, owner_id: 'customer', settings };
    const made = await world.operator.post('/accounts', body);
    expect(made.status, made.text).toBe(201);
    return made.json.id;
  };
  const diagnose = async (id: string): Promise<{ passed: boolean; by: Record<string, AnyJson>; ids: string[] }> => {
    const { status, text, json } = await world.operator.post(`/accounts/${id}/diagnose`);
    expect(status, text).toBe(200);
    expect(text).not.toContain(world.sandbox.clientSecret);
    expect(text).not.toMatch(/Bearer \S/);
    const { checks, passed } = json.data;
    return { passed, by: Object.fromEntries(checks.map((one: AnyJson) => [one.id, one])), ids: checks.map(idOf) };
  };
  const outcomes = (by: Record<string, AnyJson>): Record<string, string> =>
    Object.fromEntries(ASKED.map((id) => [id, by[id].outcome]));
  const healthy = () => ({ account_id: us.account_id, user_id: us.account_admin.uid });

  it('passes an account for which all is set up, but for what no request can tell, and only reads', async () => {
    const { passed, by, ids } = await diagnose(await account(healthy()));
    expect(outcomes(by)).toEqual(Object.fromEntries(ASKED.map((id) => [id, 'passed'])));
    // Nobody's consent stands behind an app that acts as itself.
    expect(ids.toSorted()).toEqual([...ASKED, ...MANUAL, 'consent'].toSorted());
    expect(by.consent.outcome).toBe('not_checked');
    expect(passed).toBe(true);
    for (const id of MANUAL)
      expect(by[id]).toMatchObject({ outcome: 'not_checked', reason: expect.any(String), remedy: expect.any(String) });
    const { requests } = await world.sandbox.log();
    expect(new Set(requests.filter(({ path }) => !path.startsWith('/auth')).map(({ method }) => method))).toEqual(
      new Set(['GET']),
    );
  });

  it('tells that the app is in no account, with what an administrator of the customer has to do', async () => {
    const id = await account(healthy());
    await world.sandbox.switches({ provisioned: false });
    const { passed, by } = await diagnose(id);
    expect(passed).toBe(false);
    expect(outcomes(by)).toEqual({
      credentials: 'passed',
      data_management_enabled: 'passed',
      custom_integration: 'failed',
      account_visible: 'not_checked',
      region: 'not_checked',
      account_administration: 'failed',
      acting_user: 'not_checked',
    });
    expect(by.custom_integration.remedy).toMatch(/Custom Integrations.*client id/s);
    expect(by.account_administration).toMatchObject({
      code: 'integration_not_provisioned',
      provider: { status: 403 },
    });
    expect(by.account_visible.reason).toContain(by.custom_integration.label);
  });

  it('tells that the credentials are wrong, and asks nothing more', async () => {
    const id = await account(healthy(), { client_secret: 'not-the-secret-of-the-app' });
    const { passed, by } = await diagnose(id);
    expect(passed).toBe(false);
    expect(by.credentials).toMatchObject({
      outcome: 'failed',
      code: 'token_client_rejected',
      remedy: expect.stringMatching(/Client Secret/),
    });
    for (const other of ASKED.slice(1)) expect(by[other].outcome).toBe('not_checked');
    for (const { path } of (await world.sandbox.log()).requests) expect(path).toMatch(/^\/authentication\//);
  });

  it('tells that a person took the consent back', async () => {
    const [person] = await peopleOf(world.sandbox);
    const named = { name: 'For people', authentication: 'token', scopes: ['data:read', 'user-profile:read'] };
    const { access_token, refresh_token } = await obtainElsewhere(world.sandbox, {
      scopes: named.scopes,
      user: person?.id ?? '',
    });
    const profile = await world.operator.post('/connector_profiles', {
      ...named,
      connector: 'autodesk',
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
    });
    const made = await world.operator.post('/accounts', {
      connector_profile_id: profile.json.id,
      owner_id: 'customer',
      credential: { access_token, refresh_token },
    });
    expect(made.status, made.text).toBe(201);
    const healthyGrant = await diagnose(made.json.id);
    expect(healthyGrant.by.consent.outcome).toBe('passed');

    await world.sandbox.control('POST', 'grants/revoke', { user: person?.id });
    expectProblem(await world.operator.post(`/accounts/${made.json.id}/refresh`), 'account_reauth_required');
    const { passed, by } = await diagnose(made.json.id);
    expect(by.consent).toMatchObject({
      outcome: 'failed',
      code: 'account_reauth_required',
      remedy: expect.stringMatching(/Link the account again/),
    });
    expect(passed).toBe(false);
  });

  it('names the scopes and settings without which it cannot ask', async () => {
    const administrator = await diagnose(await account(healthy(), { scopes: ['account:read'] }));
    expect(administrator.by.data_management_enabled).toMatchObject({
      outcome: 'not_checked',
      reason: expect.stringContaining('data:read'),
    });
    expect(administrator.by.acting_user.outcome).toBe('passed');
    const reader = await diagnose(await account(healthy(), { scopes: ['data:read'] }));
    expect(reader.by.region.outcome).toBe('passed');
    expect(reader.by.account_administration.reason).toContain('account:read');
    const bare = await diagnose(await account({}));
    for (const check of ['account_visible', 'account_administration'])
      expect(bare.by[check]).toMatchObject({ outcome: 'not_checked', reason: expect.stringContaining('account_id') });
    const alone = await diagnose(await account({ account_id: us.account_id }));
    expect(alone.by.acting_user.reason).toContain('user_id');
    expect(alone.passed).toBe(true);
  });

  it('finds a wrong region, a wrong account and a wrong person', async () => {
    const region = await diagnose(await account({ account_id: emea.account_id }));
    expect(region.by.account_visible.outcome).toBe('passed');
    expect(region.by.region).toMatchObject({ outcome: 'failed', remedy: expect.stringContaining('region') });
    expect(region.by.account_administration).toMatchObject({ outcome: 'failed', code: 'provider_not_found' });
    const right = await diagnose(await account({ account_id: emea.account_id, region: 'EMEA' }));
    expect(right.passed).toBe(true);

    const strange = await diagnose(await account({ account_id: us.company_ids[0] }));
    expect(strange.by.account_visible.outcome).toBe('failed');
    expect(strange.by.region.outcome).toBe('not_checked');

    const person = await diagnose(await account({ ...healthy(), user_id: 'NOBODY' }));
    expect(person.by.acting_user).toMatchObject({ outcome: 'failed', remedy: expect.stringMatching(/autodesk_id/) });
  });

  it('does not blame the set-up for what passes by itself', async () => {
    const id = await account(healthy());
    await world.sandbox.faults([{ kind: 'status', path: '/hq/', status: 503 }]);
    const { passed, by } = await diagnose(id);
    expect(by.account_administration).toMatchObject({ outcome: 'not_checked', code: 'provider_unavailable' });
    expect(by.account_administration).not.toHaveProperty('remedy');
    expect(by.region.outcome).toBe('passed');
    expect(passed).toBe(false);
  });

  it('is for operators', async () => {
    const id = await account(healthy());
    expectProblem(await world.backend.post(`/accounts/${id}/diagnose`), 'role_forbidden');
    expect((await world.sandbox.log()).count).toBe(0);
  });
});

function idOf({ id }: { id: string }): string {
  return id;
}
