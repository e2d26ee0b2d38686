import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/expression/compile.ts';
import { type ExpressionContext, ExpressionError } from '../../src/expression/expression.ts';
import { endOfExpression } from '../../src/expression/scan.ts';
import { type SuiteCase, suiteCases } from './support/suite.ts';

/*
 * The language's own suite (MIT, see its LICENSE), unchanged, through our compiler: every case gives exactly what the suite
 * says, or is one of the refusals listed here, for the reason listed here.
 */

/** Cases that have an answer in the suite and none here. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'forbidden: recursion': [
    ...[
      'comments/case003',
      'higher-order-functions/case001',
      'higher-order-functions/case002',
      'tail-recursion/case001',
    ],
    ...['tail-recursion/case003', 'tail-recursion/case004', 'tail-recursion/case007', 'tail-recursion/case008'],
    ...[
      'lambdas/case003',
      'lambdas/case004',
      'lambdas/case006',
      'lambdas/case007',
      'lambdas/case008',
      'lambdas/case009',
    ],
    ...['lambdas/case010', 'lambdas/case011'],
  ],
  'forbidden: runs data as an expression': [
    ...['function-eval/case000', 'function-eval/case001', 'function-eval/case002', 'function-eval/case003'],
    ...['function-eval/case004', 'function-eval/case005', 'function-eval/case008#0', 'function-eval/case008#1'],
    ...['function-eval/case008#2', 'function-eval/case008#3'],
  ],
  'forbidden: not the same answer every time': [
    ...['function-shuffle/case000', 'function-shuffle/case001', 'function-shuffle/case002', 'function-shuffle/case003'],
    ...['function-tomillis/parseDateTime#28', 'function-tomillis/parseDateTime#29'],
  ],
  'forbidden: picture without year, separators or fixed widths': [
    ...['function-tomillis/case011', 'function-tomillis/parseDateTime#0', 'function-tomillis/parseDateTime#1'],
  ],
  'forbidden: the transform operator': [
    ...['transforms/case000', 'transforms/case001', 'transforms/case002', 'transforms/case003', 'transforms/case004'],
    ...['transforms/case005', 'transforms/case006', 'transforms/case007', 'transforms/case008', 'transforms/case011'],
    ...['transforms/case013', 'transforms/case014'],
  ],
  'forbidden: unknown name': ['comparison-operators/case027', 'comparison-operators/case028', 'missing-paths/case005'],
  'forbidden: hides a function': ['hof-reduce/case007', 'hof-reduce/case010', 'matchers/case000'],
  'limit: longer lists than allowed': [
    ...['flattening/large#0', 'flattening/large#1', 'range-operator/case021', 'range-operator/case024'],
  ],
};

/** Two cases of the suite measure the interpreter's speed; what is asked here is only that the answers are right. */
const TIME_LIMIT_MS = 15_000;

async function outcomeOf(one: SuiteCase): Promise<{ value: unknown } | { error: unknown }> {
  try {
    const expression = compileExpression(one.expression, { timeLimitMs: TIME_LIMIT_MS });
    return { value: await expression.evaluate(one.data as ExpressionContext) };
  } catch (error) {
    return { error };
  }
}

describe("the language's own suite", () => {
  const cases = suiteCases();
  const reasons = new Map(
    Object.entries(REFUSED).flatMap(([reason, ids]) => ids.map((id): [string, string] => [id, reason])),
  );

  it('gives the answers that it asks for, except for the refusals listed', async () => {
    const counts = { same: 0, failsAsAsked: 0, refused: 0 };
    for (const one of cases) {
      const outcome = await outcomeOf(one);
      const reason = reasons.get(one.id);
      if ('error' in outcome) {
        if (!(outcome.error instanceof ExpressionError)) expect.fail(`${one.id}: ${String(outcome.error)}`);
        const { code, offset, message } = outcome.error;
        expect(/[SDTU]\d{4}/.test(message), `${one.id} shows a foreign code: ${message}`).toBe(false);
        if (offset !== undefined) expect(offset, one.id).toBeLessThanOrEqual(one.expression.length);
        if (one.fails) {
          counts.failsAsAsked += 1;
        } else {
          counts.refused += 1;
          expect(reason, `${one.id} is refused: ${message}`).toBeDefined();
          expect(reason?.split(':')[0], one.id).toBe(code);
        }
        continue;
      }
      expect(one.fails, `${one.id} should have failed`).toBe(false);
      expect(reason, `${one.id} is listed as refused`).toBeUndefined();
      expect(outcome.value, one.id).toStrictEqual(one.result);
      counts.same += 1;
    }
    process.stdout.write(`language suite: ${cases.length} cases ${JSON.stringify(counts)}\n`);
    expect(counts.refused).toBe(reasons.size);
    expect(counts.same).toBeGreaterThan(1300);
  });

  it('ends inside a template where the parser says that it ends', () => {
    let scanned = 0;
    for (const { expression, id } of cases) {
      try {
        compileExpression(expression);
      } catch (error) {
        if (error instanceof ExpressionError && (error.code === 'syntax' || error.code === 'regex')) continue;
      }
      scanned += 1;
      expect(endOfExpression(`\${${expression}}} \${x}`, 2), id).toBe(expression.length + 3);
    }
    expect(scanned).toBeGreaterThan(1500);
  });
});
