import { describe, expect, it } from 'vitest';
import { ExpressionError } from '../../src/expression/expression.ts';
import { compileTemplate } from '../../src/expression/template.ts';

const context = { inputs: { id: 'b.1', n: 3, float: 0.1 + 0.2, flag: false, none: null, list: [1], object: { a: 1 } } };

const evaluate = (text: string): Promise<unknown> => compileTemplate(text).evaluate(context);

async function problem(text: string): Promise<ExpressionError> {
  try {
    await evaluate(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`was accepted: ${text}`);
}

describe('a template', () => {
  it.each([
    ['${inputs.id}', 'b.1'],
    ['${inputs.n}', 3],
    ['${inputs.flag}', false],
    ['${inputs.none}', null],
    ['${inputs.missing}', undefined],
    ['${inputs.list}', [1]],
    ['${ inputs.object }', { a: 1 }],
  ])('%s alone keeps the type', async (text, expected) => {
    expect(await evaluate(text)).toStrictEqual(expected);
  });

  it.each([
    ['hub ${inputs.id}!', 'hub b.1!'],
    ['${inputs.id}${inputs.n}', 'b.13'],
    ['${inputs.flag}-${inputs.float}', 'false-0.3'],
    [' ${inputs.n}', ' 3'],
    ['a ${inputs.missing} b', undefined],
    ['a ${inputs.none} b', undefined],
    ['', ''],
    ['$ and $5 and {x} and }', '$ and $5 and {x} and }'],
    ['$${inputs.id}', '${inputs.id}'],
    ['$$${inputs.id}', '$${inputs.id}'],
    ['cost: $${x} ${inputs.n}', 'cost: ${x} 3'],
  ])('%s becomes text, or nothing', async (text, expected) => {
    expect(await evaluate(text)).toBe(expected);
  });

  it.each([
    ['${ {"a": {"b": inputs.n}}.a.b }', 3],
    ['${ "}" }', '}'],
    ["${ '\"}' }", '"}'],
    ['${ "\\"}" }', '"}'],
    ['${ /* } */ inputs.n }', 3],
    ['${ inputs.`}` }', undefined],
    ['${ $contains("a}", /\\}/) }', true],
    ['${ $replace("a/b", /\\//, "}") }', 'a}b'],
    ['${ inputs.n / 2 } / ${ 6 / 3 }', '1.5 / 2'],
    ['${ (inputs.n) / 3 } } ${ {"k": 4}.k / 2 }', '1 } 2'],
    ['${ $sum([1,2])/3 }x${ "/" }', '1x/'],
    ['${ $count(inputs.*)/7 }', 1],
    ['${ inputs.and }${ 1 }', undefined],
    ['${ $map([1], function($x){ $x }) }', 1],
  ])('%s finds where its expressions end', async (text, expected) => {
    expect(await evaluate(text)).toStrictEqual(expected);
  });

  it('tells whether it is literal and what it reads', () => {
    expect(compileTemplate('plain $${x}').literal).toBe(true);
    const template = compileTemplate('${inputs.a}/${body.data.(id)}');
    expect(template.literal).toBe(false);
    expect([...template.reads].sort()).toStrictEqual(['body.data', 'inputs.a']);
    expect(template.text).toBe('${inputs.a}/${body.data.(id)}');
  });

  it.each([
    ['abc ${inputs.id', 'syntax', 4],
    ['abc ${ "}', 'syntax', 7],
    ['ab ${ {"a": 1 }', 'syntax', 3],
    ['${}', 'syntax', 2],
    ['x${1 +}', 'syntax', 6],
    ['x${inputs.id} ${$eval("1")}', 'forbidden', 16],
    ['id ${$match("a", /(?<=a)b/)}', 'regex', 17],
    ['id ${inputs.list}', 'evaluation', 5],
    ['id ${inputs.object}', 'evaluation', 5],
    ['id ${1 + $number(inputs.id)}', 'evaluation', 9],
  ])('%s is refused at the right place', async (text, code, offset) => {
    const error = await problem(text);
    expect([error.code, error.offset]).toStrictEqual([code, offset]);
  });
});
