import type { ErrorRules } from '../connector/connector.ts';
import { type Expression, type ExpressionContext, ExpressionError } from '../expression/expression.ts';
import { Problem, type ProblemCode } from '../problems.ts';
import { readProviderWords } from '../upstream/provider-words.ts';
import { parseRetryAfter } from '../upstream/retry-after.ts';
import type { UpstreamResponse } from '../upstream/types.ts';

export interface Refusal {
  response: UpstreamResponse;
  /** The parsed body, or undefined where it is empty or no JSON. */
  body: unknown;
  rules: ErrorRules;
  /** Values to hide should the provider echo them. */
  secrets: readonly string[];
  /** Whether repeating cannot do harm: then transient refusals are retryable. */
  safe: boolean;
  nowMs: number;
}

/**
 * A provider's refusal as a problem: the connector's first rule that holds decides, else the status. Says what the provider
 * said, shortened, with secrets hidden, and its own request id.
 */
export async function classifyRefusal({ response, body, rules, secrets, safe, nowMs }: Refusal): Promise<Problem> {
  const context: ExpressionContext = { status: response.status, headers: response.headers, body: body ?? null };
  const words = readProviderWords(response, secrets, {
    code: text(await quietly(rules.code, context)),
    message: text(await quietly(rules.message, context)),
    requestId: text(await quietly(rules.requestId, context)),
  });
  let code = codeOfStatus(response.status);
  let hint: string | undefined;
  for (const rule of rules.rules) {
    if ((await quietly(rule.when, context)) === true) {
      code = rule.code;
      hint = rule.hint;
      break;
    }
  }
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], nowMs);
  const said = words.detail.message ?? words.detail.code;
  return new Problem(code, `The provider answered ${response.status}${said === undefined ? '.' : `: ${said}`}`, {
    provider: words.detail,
    ...(hint !== undefined && { hint }),
    ...(retryAfterMs !== undefined && { retryAfterS: Math.max(1, Math.ceil(retryAfterMs / 1_000)) }),
    // A write that failed on the provider's side may have happened all the same.
    ...(!safe && response.status >= 500 && { retryable: false }),
  });
}

function codeOfStatus(status: number): ProblemCode {
  if (status === 401) return 'credential_rejected';
  if (status === 403) return 'provider_forbidden';
  if (status === 404 || status === 410) return 'provider_not_found';
  if (status === 409 || status === 412 || status === 423) return 'provider_conflict';
  if (status === 429) return 'provider_rate_limited';
  if (status === 408 || status >= 500) return 'provider_unavailable';
  if (status >= 400) return 'provider_rejected_request';
  return 'provider_response_invalid';
}

/** A rule that fails on some odd body must not hide the refusal itself. */
async function quietly(expression: Expression | undefined, context: ExpressionContext): Promise<unknown> {
  try {
    return await expression?.evaluate(context);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
