import type { Clock } from '../clock.ts';
import type { ErrorRules, RequestPlan } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import type { Random } from '../random.ts';
import type { Door } from '../upstream/types.ts';
import type { Call } from './call.ts';

/** What a step's request brought, as expressions see it. */
export interface StepAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed; null where there was none. */
  readonly body: unknown;
}

/** What the verbs of composite actions work with. */
export interface StepTools {
  /**
   * Renders one of the connector's own requests and sends it with everything that belongs to it: token (renewed once when
   * refused), rate budget, retries, deadline, error rules. Rejects with the Problem of a refusal.
   */
  readonly send: (step: string, plan: RequestPlan, context: ExpressionContext) => Promise<StepAnswer>;
  readonly door: Door;
  readonly clock: Clock;
  readonly random: Random;
  readonly errors: ErrorRules;
  /** Deadline of each request, in milliseconds from its start. */
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly signal: AbortSignal;
  readonly observe: Call['observe'];
}
