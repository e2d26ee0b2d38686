import type { Clock } from '../clock.ts';
import type { Action } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import type { Vault } from '../vault/vault.ts';
import type { Bound } from './bind.ts';
import type { Call, CallAnswer } from './call.ts';
import { nextCheckpoint, type PagePosition, sealCursor } from './cursor.ts';
import { evaluateForOutput } from './evaluate.ts';
import { following, itemsOfBody } from './page.ts';

export interface Shaping {
  call: Call;
  action: Action;
  bound: Bound;
  /** What the output's expressions see. */
  context: ExpressionContext;
  /** The provider's own body, for raw calls: that of the last request. */
  body: unknown;
  /** URL of the request whose answer the caller pages through. */
  asked: URL | undefined;
  vault: Vault;
  clock: Clock;
}

/**
 * The answer of a call. Problems: `output_shaping_failed`, `pagination_cycle`, `provider_response_invalid` (a position of the
 * next page that is none).
 */
export async function shapeAnswer({
  call,
  action,
  bound,
  context,
  body,
  asked,
  vault,
  clock,
}: Shaping): Promise<CallAnswer> {
  const data = call.raw ? body : ((await evaluateForOutput(action.output.shape, context)) ?? null);
  const warnings = action.warnings && (await evaluateForOutput(action.warnings, context));
  return {
    data,
    next: await nextCursor(call.raw ? itemsOfBody(body) : data),
    warnings: warnings === undefined || warnings === null ? [] : Array.isArray(warnings) ? warnings : [warnings],
  };

  async function nextCursor(items: unknown): Promise<string | null> {
    const { scope, position } = bound;
    if (!action.pagination || !position) return null;
    const at = await following(action.pagination, position, context, asked);
    if (at === undefined) return null;
    const checkpoint = nextCheckpoint(position, items);
    const next: PagePosition = { at, size: position.size, pages: position.pages + 1, checkpoint };
    return sealCursor(vault, scope, clock.now(), next);
  }
}
