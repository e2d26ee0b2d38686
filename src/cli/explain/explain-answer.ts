import type { Connector, RequestPlan } from '../../connector/connector.ts';
import { classifyRefusal } from '../../engine/classify.ts';
import type { RenderedRequest } from '../../engine/render.ts';
import type { StepAnswer } from '../../engine/step-tools.ts';
import { type Expression, type ExpressionContext, ExpressionError } from '../../expression/expression.ts';
import { Problem } from '../../problems.ts';
import { maskSecretsIn } from '../../scrub/mask.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from '../../upstream/json.ts';
import type { UpstreamResponse } from '../../upstream/types.ts';
import type { Declaration } from './declaration.ts';
import { toldProblem } from './explain-gate.ts';
import type { RequestPlace } from './explain-request.ts';
import type { ToldAnswer, ToldRule } from './told.ts';

export interface AnswerScope {
  readonly connector: Connector;
  readonly missingProviderScopes: readonly string[];
  readonly nowMs: number;
}

/** What an answer comes to, as the engine judges it. */
export interface Judged {
  readonly told: ToldAnswer;
  /** Undefined of a refusal. */
  readonly answer: StepAnswer | undefined;
  readonly problem: Problem | undefined;
}

/** Goes through what decides about an answer: status, `refused_when`, the error rules one by one. */
export async function explainAnswer(
  { connector, missingProviderScopes, nowMs }: AnswerScope,
  plan: RequestPlan,
  request: RenderedRequest,
  context: ExpressionContext,
  response: UpstreamResponse,
  at: RequestPlace,
): Promise<Judged> {
  const { status, headers } = response;
  const succeeded = status >= 200 && status <= 299;
  const { body, problem: unreadable } = parsed(response, succeeded);
  const answer: StepAnswer = { status, headers, body: body ?? null };
  const seen = { ...context, ...answer };
  const refusedWhen = plan.refusedWhen && {
    expression: plan.refusedWhen.text,
    place: at.declaration.place([...at.path, 'refused_when']),
    value: (await evaluated(plan.refusedWhen, seen)).value,
  };
  const accepted = succeeded || plan.acceptStatus.has(status);
  const base = {
    status,
    headers: maskSecretsIn(headers) as Record<string, string>,
    body: maskSecretsIn(body ?? response.body.toString('utf8')),
    refused_when: accepted ? refusedWhen : undefined,
  };
  if (unreadable)
    return { told: { ...base, rules: [], refusal: toldProblem(unreadable) }, answer: undefined, problem: unreadable };
  if (accepted && refusedWhen?.value !== true)
    return { told: { ...base, rules: [], refusal: undefined }, answer, problem: undefined };
  const asked = {
    inputs: context.inputs,
    account: context.account,
    request: { method: request.method, path: request.url.pathname },
  };
  const problem = await classifyRefusal({
    response,
    body,
    asked,
    rules: connector.errors,
    missingProviderScopes,
    secrets: [],
    safe: plan.method === 'GET',
    nowMs,
  });
  const rules = await explainRules(connector, { ...asked, ...answer }, at.declaration);
  return { told: { ...base, rules, refusal: toldProblem(problem) }, answer: undefined, problem };
}

async function explainRules(
  { errors }: Connector,
  context: ExpressionContext,
  { connectorPlace }: Declaration,
): Promise<ToldRule[]> {
  const told: ToldRule[] = [];
  for (const [index, { when, code }] of errors.rules.entries()) {
    const { value, failed } = await evaluated(when, context);
    const place = connectorPlace(['errors', 'rules', index, 'when']);
    told.push({ expression: when.text, place, code, holds: value === true, failed });
    if (value === true) break;
  }
  return told;
}

async function evaluated(
  expression: Expression,
  context: ExpressionContext,
): Promise<{ value: unknown; failed: boolean }> {
  try {
    return { value: await expression.evaluate(context), failed: false };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { value: undefined, failed: true };
  }
}

function parsed({ body }: UpstreamResponse, succeeded: boolean): { body?: unknown; problem?: Problem } {
  if (body.length === 0) return {};
  try {
    return { body: parseJsonBody(body, { maxDepth: MAX_JSON_DEPTH }) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return succeeded ? { problem: error } : {};
  }
}
