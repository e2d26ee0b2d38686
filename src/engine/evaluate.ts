import { type ExpressionContext, ExpressionError } from '../expression/expression.ts';
import { Problem } from '../problems.ts';

interface Evaluable {
  evaluate(context: ExpressionContext): Promise<unknown>;
}

/** The value of an expression of a request; `request_rendering_failed` when it fails on these values. */
export async function evaluateForRequest(expression: Evaluable, context: ExpressionContext): Promise<unknown> {
  try {
    return await expression.evaluate(context);
  } catch (error) {
    if (error instanceof ExpressionError)
      throw new Problem('request_rendering_failed', 'An expression of the request failed on these inputs.', {
        cause: error,
      });
    throw error;
  }
}

/** The value of an expression about an answer; `output_shaping_failed` when it fails on what the provider gave. */
export async function evaluateForOutput(expression: Evaluable, context: ExpressionContext): Promise<unknown> {
  try {
    return await expression.evaluate(context);
  } catch (error) {
    if (error instanceof ExpressionError)
      throw new Problem('output_shaping_failed', 'An expression failed on the answer of the provider.', {
        cause: error,
      });
    throw error;
  }
}

/** The value of an expression about a refusal, or nothing: a rule that fails on some odd body must not hide the refusal. */
export async function evaluateQuietly(expression: Evaluable | undefined, context: ExpressionContext): Promise<unknown> {
  try {
    return await expression?.evaluate(context);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
