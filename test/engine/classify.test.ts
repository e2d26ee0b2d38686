import { describe, expect, it } from 'vitest';
import type { ErrorRules } from '../../src/connector/connector.ts';
import { classifyRefusal } from '../../src/engine/classify.ts';
import { compileExpression } from '../../src/expression/compile.ts';
import type { ProblemCode } from '../../src/problems.ts';

const NO_RULES: ErrorRules = { code: undefined, message: undefined, requestId: undefined, rules: [] };
const rule = (when: string, code: ProblemCode, hint?: string) => ({ when: compileExpression(when), code, hint });

function classify(
  status: number,
  options: {
    body?: unknown;
    headers?: Record<string, string>;
    rules?: ErrorRules;
    safe?: boolean;
    secrets?: string[];
    missing?: string[];
  } = {},
) {
  const { body, headers = {}, rules = NO_RULES, safe = true, secrets = [], missing = [] } = options;
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  return classifyRefusal({
    response: { status, headers, body: bytes, attempts: 1 },
    body,
    asked: { inputs: { id: 'b.1' }, account: { region: 'US' }, request: { method: 'GET', path: '/v1/things/b.1' } },
    rules,
    missingProviderScopes: missing,
    secrets,
    safe,
    nowMs: 0,
  });
}

describe('a refusal of a provider', () => {
  it.each([
    [400, 'provider_rejected_request'],
    [401, 'credential_rejected'],
    [403, 'provider_forbidden'],
    [404, 'provider_not_found'],
    [409, 'provider_conflict'],
    [410, 'provider_not_found'],
    [412, 'provider_conflict'],
    [422, 'provider_rejected_request'],
    [423, 'provider_conflict'],
    [429, 'provider_rate_limited'],
    [500, 'provider_unavailable'],
    [502, 'provider_unavailable'],
    [599, 'provider_unavailable'],
    [408, 'provider_unavailable'],
    [304, 'provider_response_invalid'],
    [200, 'provider_rejected_request'],
  ])('with status %i is %s, unless a rule says otherwise', async (status, code) => {
    expect((await classify(status)).code).toBe(code);
    const rules = { ...NO_RULES, rules: [rule(`status = ${status}`, 'resource_inactive', 'A hint.')] };
    const problem = await classify(status, { rules });
    expect([problem.code, problem.options.hint]).toEqual(['resource_inactive', 'A hint.']);
  });

  it('is decided by the first rule that holds; one that fails or is only half true is passed over', async () => {
    const rules = {
      ...NO_RULES,
      rules: [
        rule('$sum(body.x) > 1', 'provider_conflict'),
        rule('"yes"', 'provider_conflict'),
        rule('true', 'resource_inactive'),
      ],
    };
    expect((await classify(400, { rules, body: { x: 'text' } })).code).toBe('resource_inactive');
  });

  it('of a write is never called retryable when it may have happened', async () => {
    for (const status of [500, 502, 503]) {
      expect((await classify(status, { safe: false })).retryable).toBe(false);
      expect((await classify(status)).retryable).toBe(true);
    }
    expect((await classify(429, { safe: false })).retryable).toBe(true);
  });

  it('hands on Retry-After, at least one second', async () => {
    for (const [header, seconds] of [
      ['25', 25],
      ['0', 1],
      ['Thu, 01 Jan 1970 00:00:30 GMT', 30],
      ['soon', undefined],
    ] as const)
      expect((await classify(429, { headers: { 'retry-after': header } })).options.retryAfterS).toBe(seconds);
  });

  it('says what the provider said by the connector’s expressions, with secrets hidden', async () => {
    const rules = {
      ...NO_RULES,
      code: compileExpression('body.why'),
      message: compileExpression('body.text'),
      requestId: compileExpression('headers.`x-trace`'),
    };
    const body = { why: 7, text: 'the token hunter2hunter2 is bad' };
    const problem = await classify(400, { rules, body, headers: { 'x-trace': 't1' }, secrets: ['hunter2hunter2'] });
    expect(problem.options.provider).toEqual({
      status: 400,
      code: '7',
      message: 'the token [secret] is bad',
      request_id: 't1',
    });
    expect(problem.message).not.toContain('hunter2');
  });

  it('is judged by rules that see what was asked for, too', async () => {
    for (const when of [
      'inputs.id = "b.1"',
      'account.region = "US"',
      'request.method = "GET" and request.path = "/v1/things/b.1"',
    ]) {
      const rules = { ...NO_RULES, rules: [rule(when, 'resource_inactive')] };
      expect((await classify(404, { rules })).code).toBe('resource_inactive');
    }
  });

  it('for want of access names the scopes of the provider’s reference that the profile lacks', async () => {
    const rules = { ...NO_RULES, rules: [rule('true', 'provider_scope_insufficient', 'A hint.')] };
    const problem = await classify(403, { rules, missing: ['data:create'] });
    expect(problem.options.extra).toEqual({ missing_provider_scopes: ['data:create'] });
    expect(problem.options.hint).toMatch(/^A hint\. .*data:create/);
    expect((await classify(403, { missing: ['data:create'] })).options.hint).toMatch(/data:create/);
    for (const status of [400, 404, 500])
      expect((await classify(status, { missing: ['data:create'] })).options.extra).toBeUndefined();
    expect((await classify(403)).options.extra).toBeUndefined();
  });
});
