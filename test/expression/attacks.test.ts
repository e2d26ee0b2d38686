import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/expression/compile.ts';
import { ExpressionError } from '../../src/expression/expression.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

/** Time of the processor, which a busy machine does not stretch. */
const CPU_LIMIT_MS = 500;
/** Below the default: one that runs to this limit has to end well before the other. */
const TIME_LIMIT_MS = 100;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => (index * 7919) % count);
const text = (chars: number): string => 'a'.repeat(chars);

const attacks: [name: string, expression: string, body: unknown, outcomes: string[]][] = [
  ['exponential regular expression', '$match(body, /^(a+)+$/)', `${text(50_000)}!`, ['ok']],
  ['ambiguous alternatives', '$replace(body, /(a|aa)+$/, "")', `${text(100_000)}!`, ['ok']],
  ['a search from every character', '$count($match(body, /a(.*b)?/))', text(9000), ['limit']],
  ['a long text for a large program', '$contains(body, /(\\w{100}){10}x/)', text(1_000_000), ['limit']],
  ['a huge width', '$pad("x", body)', 5e8, ['limit']],
  ['a huge width through a function value', '$map([body], $pad("x", ?))', 5e8, ['limit']],
  ['distinct of many objects', '$count($distinct(body))', numbers(60_000).map((id) => ({ id })), ['limit']],
  ['distinct of as many as allowed', '$count($distinct(body))', numbers(10_000).map((id) => ({ id })), ['ok']],
  ['sort of many', '$sort(body)', numbers(60_000), ['limit']],
  ['sort with a function', '$sort(body, function($l, $r){ $l > $r })', numbers(10_000), ['limit']],
  ['order-by', 'body^($)', numbers(10_000), ['limit']],
  ['a product of lists', '[1..10000].([1..10000])', 0, ['limit']],
  ['a long range', '[1..body]', 1e7, ['limit']],
  ['members that are lists', 'body.*', Object.fromEntries(numbers(30_000).map((n) => [`k${n}`, [n]])), ['limit']],
  ['spreading a list', '$spread(body)', numbers(60_000).map((id) => ({ id })), ['limit']],
  ['a text that doubles', '$length($reduce([1..40], function($a, $b){ $a & $a }, "x"))', 0, ['limit']],
  [
    'an object that doubles, as text',
    '$string($reduce([1..40], function($a, $b){ {"a": $a, "b": $a} }, 1))',
    0,
    ['limit'],
  ],
  ['an object that doubles, as result', '$reduce([1..40], function($a, $b){ {"a": $a, "b": $a} }, 1)', 0, ['limit']],
  [
    'recursion without a name',
    '($f := function($o, $n){ 1 + ($g := $o.f; $g($o, $n + 1)) }; $f({"f": $f}, 0))',
    0,
    ['limit', 'evaluation'],
  ],
  ['replacing with long texts', '$replace(body, "a", body)', text(100_000), ['limit']],
  ['replacing each match', '$replace(body, /a/, "$0$0$0$0$0$0$0$0")', text(900_000), ['limit']],
  [
    'joining with a long text',
    '$join(body.list, body.by)',
    { list: numbers(10_000).map(String), by: text(100_000) },
    ['limit'],
  ],
  ['letters of infinity', '$formatInteger(body, "A")', Number.POSITIVE_INFINITY, ['evaluation']],
  ['a long roman number', '$formatInteger(body, "I")', 1e15, ['limit']],
  ['a wide date part', '$fromMillis(0, body)', '[FNn,999999999]', ['limit']],
  ['a long number picture', '$formatNumber(1, body)', '0'.repeat(1_000_000), ['limit']],
  ['digits for a date', '$toMillis(body, "[Y]-[M]-[D]")', '1'.repeat(100_000), ['limit']],
  ['a picture from data', '$toMillis("1111", body)', '[Y][M][D][H][m][s]', ['evaluation']],
  ['a deeply nested value', 'body.x', JSON.parse(`${'{"x":['.repeat(2000)}1${']}'.repeat(2000)}`), ['limit']],
];

describe('attacks through expressions and data end soon, with an error of ours or the right answer', () => {
  it.each(attacks)('%s', async (_name, expression, body, outcomes) => {
    let outcome = 'ok';
    const tookMs = await cpuMsOf(async () => {
      try {
        await compileExpression(expression, { timeLimitMs: TIME_LIMIT_MS }).evaluate({ body });
      } catch (error) {
        outcome = error instanceof ExpressionError ? error.code : String(error);
      }
    });
    expect(outcomes).toContain(outcome);
    expect(tookMs).toBeLessThan(CPU_LIMIT_MS);
  });
});
