import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/expression/compile.ts';

const SEED = 20_240_917;
const RUNS = 1500;

const name = fc.constantFrom('a', 'b', 'c', 'constructor', '_jsonata_lambda', 'length', 'sequence');

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: false }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value;

describe('the short way for plain paths', () => {
  it('gives what the interpreter gives, on any JSON value', async () => {
    process.stdout.write(`fast path: seed ${SEED}\n`);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, value, { minKeys: 1 }),
        fc.array(name, { minLength: 1, maxLength: 4 }),
        async (context, path) => {
          const plain = path.join('.');
          // A condition is never a plain path, and gives the same value.
          const viaInterpreter = compileExpression(`true ? ${plain}`);
          expect(await compileExpression(plain).evaluate(context)).toStrictEqual(
            await viaInterpreter.evaluate(context),
          );
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
