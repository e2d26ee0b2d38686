import type { ProblemCode } from '../problems.ts';
import type { ExpressionCompiler } from './compile-expressions.ts';
import { type ErrorRules, RULE_CODES } from './connector.ts';
import { answerContext, ruleContext } from './context.ts';
import type { ConnectorFormat } from './format.ts';
import { didYouMean } from './suggest.ts';

/** Lints and compiles what a connector knows about its provider's refusals. */
export function compileErrors(
  { errors = {}, account_settings = {} }: ConnectorFormat,
  compiler: ExpressionCompiler,
): ErrorRules {
  const compile = (key: 'code' | 'message' | 'request_id') =>
    compiler.optional(['errors', key], errors[key], answerContext());
  const context = ruleContext(account_settings);
  const rules = (errors.rules ?? []).flatMap(({ when, code, hint }, index) => {
    const at = ['errors', 'rules', index];
    const condition = compiler.expression([...at, 'when'], when, context);
    if (!RULE_CODES.has(code)) {
      const message = `"${code}" is not a code for a provider's refusal${didYouMean(code, RULE_CODES)}`;
      compiler.fault([...at, 'code'], 'CON003', message);
    }
    return condition ? [{ when: condition, code: code as ProblemCode, hint }] : [];
  });
  return { code: compile('code'), message: compile('message'), requestId: compile('request_id'), rules };
}
