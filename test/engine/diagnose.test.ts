import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { generousBudgets } from './fixture.ts';
import { DIAGNOSED_ACTIONS, DIAGNOSED_CONNECTOR } from './support/diagnosed-connector.ts';
import { openStage } from './support/stage.ts';

const open = (more: Partial<Parameters<typeof openStage>[0]> = {}) =>
  openStage({
    connector: DIAGNOSED_CONNECTOR,
    actions: DIAGNOSED_ACTIONS,
    settings: { tenant: 't-1' },
    ...more,
  });

type Checks = Awaited<ReturnType<Awaited<ReturnType<typeof open>>['diagnose']>>['checks'];
const outcomes = (checks: Checks) => Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
const checkOf = (checks: Checks, id: string) => checks.find((check) => check.id === id);
const MANUAL = {
  id: 'people',
  label: 'A person is named.',
  outcome: 'not_checked',
  reason: 'No request tells it.',
  remedy: 'Ask an administrator to invite a person.',
};

describe('a diagnosis', () => {
  it('passes when the provider answers every check, and says what only a person can check', async () => {
    const { upstream, diagnose, account } = await open();
    upstream.answer = () => ({ body: { results: [1] } });
    expect(await diagnose()).toEqual({
      account,
      passed: true,
      checks: [
        { id: 'credentials', label: 'The client id and secret are accepted.', outcome: 'passed' },
        { id: 'tenant', label: 'The app is added to the tenant.', outcome: 'passed' },
        { id: 'projects', label: 'The tenant has projects.', outcome: 'passed' },
        MANUAL,
      ],
    });
    expect(upstream.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /tenants/t-1',
      'GET /tenants/t-1/projects',
    ]);
    // With all the profile's scopes first, then each check with its own.
    expect(upstream.tokenScopes).toEqual(['a:read a:write b:read', 'a:read', 'a:read b:read']);
  });

  it('that fails says what the provider said, what to do, and asks nothing that depends on it', async () => {
    const { upstream, diagnose } = await open();
    upstream.answer = () => ({
      status: 403,
      headers: { 'x-request-id': 'r1' },
      body: { reason: 'not provisioned', code: 'E7' },
    });
    const { passed, checks } = await diagnose();
    expect(passed).toBe(false);
    expect(outcomes(checks)).toEqual({
      credentials: 'passed',
      tenant: 'failed',
      projects: 'not_checked',
      people: 'not_checked',
    });
    expect(checkOf(checks, 'tenant')).toEqual({
      id: 'tenant',
      label: 'The app is added to the tenant.',
      outcome: 'failed',
      code: 'integration_not_provisioned',
      detail: 'Add the client id in the account.',
      provider: { status: 403, code: 'E7', message: 'not provisioned', request_id: 'r1' },
      remedy: 'Add the app to the tenant.',
    });
    expect(checkOf(checks, 'projects')?.reason).toContain('The app is added to the tenant.');
    expect(upstream.requests).toHaveLength(1);
  });

  it('fails at once when no token is to be had', async () => {
    const { upstream, diagnose } = await open();
    upstream.answerToken = () => ({ status: 401, body: { error: 'invalid_client' } });
    const { passed, checks } = await diagnose();
    expect(passed).toBe(false);
    expect(checkOf(checks, 'credentials')).toMatchObject({
      outcome: 'failed',
      code: 'token_client_rejected',
      remedy: 'Check the client id and secret.',
      provider: { status: 401 },
    });
    expect(outcomes(checks)).toMatchObject({ tenant: 'not_checked', projects: 'not_checked' });
    expect(upstream.requests).toEqual([]);
  });

  it('fails when the answer is not the one that passes, whatever it is', async () => {
    const { upstream, diagnose } = await open();
    for (const body of [{ results: [] }, [], 7, { results: 'x' }, null]) {
      upstream.answer = ({ path }) => ({ body: path.endsWith('/projects') ? body : {} });
      const { checks } = await diagnose();
      const expected = JSON.stringify(body) === '{"results":"x"}' ? 'passed' : 'failed';
      expect([body, outcomes(checks).projects]).toEqual([body, expected]);
    }
  });

  it('does not check what the profile or the account has nothing for, which is no failure', async () => {
    const unset = await open({ settings: {} });
    const { passed, checks } = await unset.diagnose();
    expect(passed).toBe(true);
    expect(checkOf(checks, 'tenant')).toMatchObject({
      outcome: 'not_checked',
      reason: expect.stringMatching('tenant'),
    });
    expect(unset.upstream.requests).toEqual([]);

    const narrow = await open({ scopes: ['a:read'] });
    narrow.upstream.answer = () => ({ body: {} });
    const scoped = await narrow.diagnose();
    expect(outcomes(scoped.checks)).toMatchObject({ tenant: 'passed', projects: 'not_checked' });
    expect(checkOf(scoped.checks, 'projects')?.reason).toContain('b:read');
  });

  it('takes passing trouble for what it is: not checked, and not passed', async () => {
    const { upstream, diagnose } = await open();
    upstream.answer = () => ({ status: 503 });
    const { passed, checks } = await diagnose();
    expect(passed).toBe(false);
    expect(checkOf(checks, 'tenant')).toMatchObject({ outcome: 'not_checked', code: 'provider_unavailable' });
    expect(outcomes(checks)).toMatchObject({ projects: 'not_checked' });
  });

  it('keeps to the limits that the provider publishes', async () => {
    const budgets = {
      ...generousBudgets,
      take: () => Promise.reject(new Problem('rate_budget_exhausted', 'Used up.')),
    };
    const { upstream, diagnose } = await open({ budgets });
    expect(checkOf((await diagnose()).checks, 'tenant')).toMatchObject({
      outcome: 'not_checked',
      code: 'rate_budget_exhausted',
    });
    expect(upstream.requests).toEqual([]);
  });
});
