import type { ErrorRules } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { PROBLEMS, Problem, type ProblemCode } from '../problems.ts';
import { readProviderWords } from '../upstream/provider-words.ts';
import { parseRetryAfter } from '../upstream/retry-after.ts';
import type { UpstreamResponse } from '../upstream/types.ts';
import { evaluateQuietly } from './evaluate.ts';

export interface Refusal {
  response: UpstreamResponse;
  /** The parsed body, or undefined where it is empty or no JSON. */
  body: unknown;
  /** What was refused, as rules see it. */
  asked: {
    inputs: unknown;
    account: unknown;
    /** The path as sent, without query. */
    request: { method: string; path: string };
  };
  rules: ErrorRules;
  /** Scopes that the provider's reference asks for and the profile does not have: named when access is denied. */
  missingProviderScopes: readonly string[];
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
export async function classifyRefusal(refusal: Refusal): Promise<Problem> {
  const { response, body, asked, rules, secrets, safe, nowMs } = refusal;
  const { status, headers } = response;
  const context: ExpressionContext = { ...asked, status, headers, body: body ?? null };
  const words = readProviderWords(response, secrets, {
    code: text(await evaluateQuietly(rules.code, context)),
    message: text(await evaluateQuietly(rules.message, context)),
    requestId: text(await evaluateQuietly(rules.requestId, context)),
  });
  let code = codeOfStatus(status);
  let hint: string | undefined;
  for (const rule of rules.rules) {
    if ((await evaluateQuietly(rule.when, context)) === true) {
      code = rule.code;
      hint = rule.hint;
      break;
    }
  }
  const missing = status === 403 ? refusal.missingProviderScopes : [];
  if (missing.length > 0) hint = `${hint ?? PROBLEMS[code].hint} ${lackOf(missing)}`;
  const retryAfterMs = parseRetryAfter(headers['retry-after'], nowMs);
  const said = words.detail.message ?? words.detail.code;
  return new Problem(code, `The provider answered ${status}${said === undefined ? '.' : `: ${said}`}`, {
    provider: words.detail,
    ...(hint !== undefined && { hint }),
    ...(missing.length > 0 && { extra: { missing_provider_scopes: missing } }),
    ...(retryAfterMs !== undefined && { retryAfterS: Math.max(1, Math.ceil(retryAfterMs / 1_000)) }),
    // A write that failed on the provider's side may have happened all the same.
    ...(!safe && status >= 500 && { retryable: false }),
  });
}

function lackOf(scopes: readonly string[]): string {
  return `The provider's reference also asks for ${scopes.join(' ')}, which the connector profile does not have.`;
}

function codeOfStatus(status: number): ProblemCode {
  if (status === 401) return 'credential_rejected';
  if (status === 403) return 'provider_forbidden';
  if (status === 404 || status === 410) return 'provider_not_found';
  if (status === 409 || status === 412 || status === 423) return 'provider_conflict';
  if (status === 429) return 'provider_rate_limited';
  if (status === 408 || status >= 500) return 'provider_unavailable';
  // Below 300: a refusal that only the body tells.
  if (status >= 400 || status < 300) return 'provider_rejected_request';
  return 'provider_response_invalid';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
