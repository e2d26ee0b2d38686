import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Example, Registry } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import type { ExpressionContext } from '../../src/expression/expression.ts';
import { endOfExpression } from '../../src/expression/scan.ts';
import { type BothWays, compileBothWays, outcomes } from './support/both-ways.ts';
import { expressionText } from './support/expression-texts.ts';
import { change, changed, oddJson } from './support/odd-json.ts';
import { suiteCases } from './support/suite.ts';

/*
 * Most expressions are evaluated without the interpreter (see compileDirect). Whatever they are given, nobody may be able to
 * tell: the same value, down to the order of members, or the same failure.
 */
const SEED = 20_261_123;
const RANDOM_EXPRESSIONS = 4_000;
const CONTEXTS_EACH = 3;
const CHANGED_EACH = 40;
const SECONDS = 1_000;

const registry = await loadRegistry('connectors');
const connectorExpressions = expressionsOf(registry).flatMap((text) => compileBothWays(text) ?? []);

async function expectSame(expression: BothWays, context: ExpressionContext): Promise<void> {
  const [asServed, interpreted] = await outcomes(expression, context);
  if (asServed === interpreted) return;
  expect.fail(
    `${expression.text}\non ${JSON.stringify(context)}\ngives ${asServed}\nand by the interpreter ${interpreted}`,
  );
}

describe('an expression that is evaluated without the interpreter gives what the interpreter gives', () => {
  it(
    'for every expression of the connectors, on every body of their examples',
    async () => {
      const contexts = [...registry.actions.values()].flatMap(({ examples }) => examples.flatMap(contextsOf));
      expect(contexts.length).toBeGreaterThan(100);
      for (const expression of connectorExpressions)
        for (const context of contexts) await expectSame(expression, context);
      const alone = connectorExpressions.filter((expression) => expression.fallbacks() === 0).length;
      process.stdout.write(
        `${connectorExpressions.length} expressions on ${contexts.length} contexts; ${alone} never needed the interpreter\n`,
      );
      expect(alone / connectorExpressions.length).toBeGreaterThan(0.8);
    },
    60 * SECONDS,
  );

  it(
    'for every expression of the connectors, on changed bodies',
    async () => {
      process.stdout.write(`changed bodies: seed ${SEED}\n`);
      const own = ownContexts(registry);
      for (const expression of connectorExpressions.filter(({ text }) => !/^[\w.]+$/.test(text))) {
        const names = [...new Set(expression.text.match(/[a-z]\w+/gi) ?? ['a'])];
        const contexts = own.get(expression.text) ?? [{ body: {} }];
        await fc.assert(
          fc.asyncProperty(
            fc.constantFrom(...contexts),
            fc.array(change(names), { minLength: 1, maxLength: 5 }),
            async (context, changes) => expectSame(expression, changed(context, changes) as ExpressionContext),
          ),
          { seed: SEED, numRuns: CHANGED_EACH },
        );
      }
    },
    60 * SECONDS,
  );

  it(
    "for the language's own suite",
    async () => {
      const counts = { cases: 0, alone: 0 };
      for (const { expression: text, data } of suiteCases()) {
        const expression = compileBothWays(text);
        // What the suite's speed is measured with takes too long to do twice.
        if (expression === undefined || text.length > 3_000) continue;
        await expectSame(expression, data as ExpressionContext);
        await expectSame(expression, { Account: data, a: data } as ExpressionContext);
        counts.cases += 1;
        if (expression.fallbacks() === 0) counts.alone += 1;
      }
      process.stdout.write(`language suite: ${JSON.stringify(counts)}\n`);
      expect(counts.cases).toBeGreaterThan(1_400);
    },
    60 * SECONDS,
  );

  it.each<readonly [string, Record<string, unknown>]>([
    ['$lookup(a, b)', { a: JSON.parse('{"__proto__":{"x":1},"constructor":2,"ok":3}'), b: '__proto__' }],
    ['$lookup(a, b)', { a: { constructor: 2 }, b: 'constructor' }],
    ['$lookup(a, b)', { a: { _jsonata_lambda: true, cons: 1 }, b: '_jsonata_lambda' }],
    ['$lookup(a, b)', { a: { undefined: 1 } }],
    ['$lookup(a, "toString")', { a: {} }],
    ['{a: 1}', { a: '__proto__' }],
    ['{a: 1}', { a: '_jsonata_lambda' }],
    ['{a: 1, b: 2}', { a: 'x', b: 'x' }],
    ['a{b: 1}', { a: [{ b: 'constructor' }, { b: 'x' }] }],
    ['[a{"p": 1}, $count(a)]', { a: [] }],
    ['(a){"p": $count($$.a)}', { a: [] }],
    ['$keys(a)', { a: JSON.parse('{"__proto__":1,"2":1,"b":1,"1":1}') }],
    ['a ? "yes" : "no"', { a: { constructor: 1, odd: undefined } }],
    ['$type(a)', { a: { _jsonata_function: true } }],
    ['$sift(a, function($v){ $v != null })', { a: { b: null, _jsonata_lambda: true, c: 1 } }],
    ['a[$type($) = "object"].b', { a: [{ b: [] }, { b: [1] }, 'x'] }],
    ['a.b', { a: [{ b: [[1, 2]] }] }],
    ['a.b', { a: [{ b: new Date(0) }, { b: [() => 1, 2] }] }],
    ['$count(a)', { a: [undefined, 1, () => 1] }],
    ['a[1]', { a: [undefined, 1, 2] }],
    ['(a; b)[0]', { b: [[1, 2], 3] }],
    ['a = b', { a: { x: 1 }, b: { x: 1, constructor: 2 } }],
    ['a in b', { a: { x: 1 }, b: [{ x: 1 }] }],
    ['a ? 1 : 2', { a: Number.POSITIVE_INFINITY }],
    ['[a, a]', { a: Array.from({ length: 6_000 }, (_, index) => index) }],
    ['a.b', { a: Array.from({ length: 10_001 }, () => ({ b: 1 })) }],
    ['a', { a: Array.from({ length: 10_001 }, () => 1) }],
  ])('for what is easily done wrong: %s', async (text, context) => {
    const expression = compileBothWays(text);
    expect(expression).toBeDefined();
    if (expression) await expectSame(expression, context);
  });

  it(
    'for any expression, on any value',
    async () => {
      process.stdout.write(`random expressions: seed ${SEED}\n`);
      const value = oddJson(['a', 'b', 'c', 'x-y']);
      const context = fc.record({ a: value, b: value, c: value }, { requiredKeys: [] });
      let accepted = 0;
      let alone = 0;
      await fc.assert(
        fc.asyncProperty(
          expressionText,
          fc.array(context, { minLength: CONTEXTS_EACH, maxLength: CONTEXTS_EACH }),
          async (text, contexts) => {
            const expression = compileBothWays(text);
            if (expression === undefined) return;
            for (const one of contexts) await expectSame(expression, one);
            accepted += 1;
            if (expression.fallbacks() < contexts.length) alone += 1;
          },
        ),
        { seed: SEED, numRuns: RANDOM_EXPRESSIONS },
      );
      process.stdout.write(`${accepted} expressions, ${alone} of them evaluated without the interpreter\n`);
      // Otherwise nothing was compared.
      expect(alone).toBeGreaterThan(RANDOM_EXPRESSIONS / 4);
    },
    60 * SECONDS,
  );
});

/** Contexts as the engine makes them, one for each answer of an example. */
function contextsOf({ inputs, account, exchanges, file }: Example): ExpressionContext[] {
  const answers = exchanges.map(({ response }) => response);
  return exchanges.map(({ request, response }) => ({
    inputs,
    account,
    ...(file && { file: { name: file.name, content_type: file.contentType, size: file.bytes } }),
    request: { method: request.method, path: new URL(request.url).pathname },
    item: inputs,
    steps: { ...answers, ...stepsOf(answers) },
    ...response,
  }));
}

const STEPS = ['storage', 'upload', 'put', 'complete', 'lookup', 'create_item', 'lookup_again', 'create_version'];

function stepsOf(answers: readonly Example['exchanges'][number]['response'][]): Record<string, unknown> {
  return Object.fromEntries(
    STEPS.flatMap((step, index) => {
      const answer = answers[index % answers.length];
      return answer ? [[step, { ...answer, size: 3, found: answer.body }]] : [];
    }),
  );
}

/** Every expression of the registry, each text once. */
function expressionsOf(loaded: unknown): string[] {
  const texts = new Set<string>();
  eachEvaluable(loaded, new Set(), (text) => texts.add(text));
  return [...texts];
}

/** By the text of an expression: contexts of the actions that it stands in, or of all. */
function ownContexts({ actions, connectors }: Registry): Map<string, ExpressionContext[]> {
  const found = new Map<string, ExpressionContext[]>();
  const note = (part: unknown, contexts: ExpressionContext[]) =>
    eachEvaluable(part, new Set(), (text) => found.set(text, [...(found.get(text) ?? []), ...contexts]));
  for (const { examples, ...action } of actions.values()) note(action, examples.flatMap(contextsOf));
  const all = [...actions.values()].flatMap(({ examples }) => examples.flatMap(contextsOf));
  for (const { actions: _actions, ...connector } of connectors.values()) note(connector, all);
  return found;
}

function eachEvaluable(value: unknown, seen: Set<unknown>, look: (text: string) => void): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (!('evaluate' in value && 'text' in value && typeof value.text === 'string')) {
    for (const member of value instanceof Map ? value.values() : Object.values(value))
      eachEvaluable(member, seen, look);
  } else if ('literal' in value) {
    for (const text of partsOf(value.text)) look(text);
  } else {
    look(value.text);
  }
}

/** The expressions in a template. */
function partsOf(template: string): string[] {
  const parts: string[] = [];
  for (let at = template.indexOf('${'); at >= 0; at = template.indexOf('${', at)) {
    const end = endOfExpression(template, at + 2);
    parts.push(template.slice(at + 2, end - 1));
    at = end;
  }
  return parts;
}
