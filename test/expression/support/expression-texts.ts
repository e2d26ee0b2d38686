import fc from 'fast-check';

const NAMES = ['a', 'b', 'c', '`x-y`'];
const TEXTS = ['"x"', '"a"', '"b."', '""', '"1"'];
const VARIABLES = ['$v', '$w'];

/** Texts of expressions, most of them of the constructs that are compiled, on members a, b, c and `x-y`. */
export const expressionText: fc.Arbitrary<string> = fc.letrec<Record<'any' | 'path' | 'step' | 'bound', string>>(
  (tie) => {
    const any = tie('any');
    const name = fc.constantFrom(...NAMES);
    const literal = fc.constantFrom(...TEXTS, '0', '1', '-1', '1.5', 'true', 'false', 'null');
    const filter = fc.oneof(
      fc.constantFrom('[0]', '[-1]', '[1]'),
      any.map((condition) => `[${condition}]`),
    );
    const pair = (key: fc.Arbitrary<string>) => fc.tuple(key, any).map(([one, other]) => `${one}: ${other}`);
    const members = fc.oneof(
      fc
        .uniqueArray(fc.constantFrom('"p"', '"q"', '"10"', '"2"'), { minLength: 1, maxLength: 3 })
        .chain((keys) => fc.tuple(...keys.map((key) => pair(fc.constant(key)))).map((pairs) => pairs.join(', '))),
      pair(any),
    );
    const unary = fc.constantFrom(
      ...['$exists', '$not', '$boolean', '$count', '$string', '$type', '$keys', '$uppercase', '$length', '$number'],
      ...['$sum', '$trim', '$join', '$abs'],
    );
    const binary = fc.constantFrom(
      ...['$lookup', '$contains', '$split', '$substringBefore', '$substringAfter', '$substring', '$join'],
    );
    const lambda = fc.tuple(fc.constantFrom('$sift', '$filter', '$map'), any, any);
    const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '&', '+', '-', '*', '/', '%', 'and', 'or', 'in');
    return {
      any: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        { arbitrary: fc.oneof(name, literal, fc.constantFrom('$', '$$', ...VARIABLES)), weight: 4 },
        { arbitrary: tie('path'), weight: 8 },
        {
          arbitrary: fc.tuple(any, operator, any).map(([left, sign, right]) => `(${left} ${sign} ${right})`),
          weight: 3,
        },
        { arbitrary: fc.tuple(any, any, any).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`), weight: 2 },
        { arbitrary: fc.tuple(any, any).map(([test, yes]) => `(${test} ? ${yes})`), weight: 1 },
        { arbitrary: fc.tuple(any, any).map(([left, right]) => `(${left} ?: ${right})`), weight: 1 },
        { arbitrary: fc.tuple(any, any).map(([left, right]) => `(${left} ?? ${right})`), weight: 1 },
        { arbitrary: fc.array(any, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`), weight: 2 },
        { arbitrary: members.map((pairs) => `{${pairs}}`), weight: 3 },
        { arbitrary: fc.tuple(any, members).map(([value, pairs]) => `(${value}){${pairs}}`), weight: 1 },
        { arbitrary: fc.tuple(tie('path'), members).map(([value, pairs]) => `${value}{${pairs}}`), weight: 1 },
        { arbitrary: fc.tuple(any, filter).map(([value, kept]) => `(${value})${kept}`), weight: 2 },
        { arbitrary: fc.tuple(unary, any).map(([called, value]) => `${called}(${value})`), weight: 3 },
        { arbitrary: fc.tuple(binary, any, any).map(([called, one, two]) => `${called}(${one}, ${two})`), weight: 2 },
        { arbitrary: fc.tuple(any, any, any).map((values) => `$replace(${values.join(', ')})`), weight: 1 },
        { arbitrary: any.map((value) => `$contains(${value}, /[ab]\\.?/)`), weight: 1 },
        { arbitrary: any.map((value) => `$replace(${value}, /^b\\.|x/, "z")`), weight: 1 },
        {
          arbitrary: lambda.map(([called, value, body]) => `${called}(${value}, function($v, $w){ ${body} })`),
          weight: 2,
        },
        { arbitrary: tie('bound'), weight: 2 },
        { arbitrary: any.map((value) => `-(${value})`), weight: 1 },
      ),
      path: fc
        .tuple(fc.oneof(name, fc.constantFrom('$', '$$', ...VARIABLES)), fc.array(tie('step'), { maxLength: 3 }))
        .map(([first, steps]) => [first, ...steps].join('')),
      step: fc.oneof(
        { arbitrary: name.map((step) => `.${step}`), weight: 8 },
        { arbitrary: filter, weight: 2 },
        { arbitrary: any.map((step) => `.(${step})`), weight: 2 },
        { arbitrary: members.map((pairs) => `.{${pairs}}`), weight: 2 },
        { arbitrary: fc.tuple(unary, any).map(([called, value]) => `.${called}(${value})`), weight: 1 },
        { arbitrary: fc.constantFrom('.[a]', '[]', '.*'), weight: 1 },
      ),
      bound: fc
        .tuple(fc.constantFrom(...VARIABLES), any, fc.constantFrom(...VARIABLES), any, any)
        .map(([one, value, two, other, result]) => `(${one} := ${value}; ${two} := ${other}; ${result})`),
    };
  },
).any;
