import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/expression/compile.ts';
import { ExpressionError, type ExpressionErrorCode } from '../../src/expression/expression.ts';

function refusal(text: string): { code: ExpressionErrorCode; offset: number | undefined; message: string } {
  try {
    compileExpression(text);
  } catch (error) {
    if (error instanceof ExpressionError) return { code: error.code, offset: error.offset, message: error.message };
    throw error;
  }
  throw new Error(`was accepted: ${text}`);
}

async function failure(text: string, context: Record<string, unknown> = {}): Promise<ExpressionError> {
  const error: unknown = await compileExpression(text)
    .evaluate(context)
    .catch((caught: unknown) => caught);
  if (error instanceof ExpressionError) return error;
  throw new Error(`did not fail: ${text}`);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

describe('what is refused when an expression is compiled', () => {
  it.each([
    ['$foo(1)', 'forbidden', 0],
    ['1 & $eval("1")', 'forbidden', 4],
    ['$now()', 'forbidden', 0],
    ['$millis()', 'forbidden', 0],
    ['$random()', 'forbidden', 0],
    ['$shuffle([1])', 'forbidden', 0],
    ['$clone({})', 'forbidden', 0],
    ['$map([1], $eval)', 'forbidden', 10],
    ['$f := $eval', 'forbidden', 6],
    ['$unknown', 'forbidden', 0],
    ['uppercase("a")', 'forbidden', 0],
    ['body ~> |**|{"a":1}|', 'forbidden', 8],
    ['$pad("x", 1001)', 'forbidden', 0],
    ['"x" ~> $pad(-1001)', 'forbidden', 7],
    ['($sum := 1; $sum)', 'forbidden', 1],
    ['($eval := function($x){1}; $eval(1))', 'forbidden', 1],
    ['function($eval){ $eval(1) }', 'forbidden', 9],
    ['body.a@$sum.b', 'forbidden', 5],
    ['($f := function($x){ $f($x) }; $f(1))', 'forbidden', 21],
    ['($f := function(){ $g() }; $g := function(){ $f() }; $f())', 'forbidden', 19],
    ['($f := function($g, $n){ $g($g, $n) }; $f($f, 0))', 'forbidden', 25],
    ['($f := function(){ $g() }; $g := $f; $f())', 'forbidden', 19],
    ['$toMillis("12:00", "[H]:[m]")', 'forbidden', 0],
    ['$toMillis("111", "[Y][M]")', 'forbidden', 0],
    [`${'['.repeat(300)}${']'.repeat(300)}`, 'forbidden', undefined],
    [`${'('.repeat(1900)}1${')'.repeat(1900)}`, 'forbidden', undefined],
    ['1 +', 'syntax', 3],
    ['', 'syntax', 0],
    ['"abc', 'syntax', 4],
    ['a.%.%.b', 'syntax', undefined],
    ['a.', 'syntax', 2],
    ['$match("a", /(?<=a)b/)', 'regex', 12],
    ['$match("a", /(a)\\1/)', 'regex', 12],
    ['$match("a", /a**/)', 'regex', 12],
    [`"${'x'.repeat(4096)}"`, 'too_long', 4096],
  ])('%.60s is %s', (text, code, offset) => {
    const { code: actual, offset: at } = refusal(text);
    expect(actual).toBe(code);
    if (offset !== undefined) expect(at).toBe(offset);
  });

  it('suggests the function that was meant', () => {
    expect(refusal('$upercase("a")').message).toContain('$uppercase');
    expect(refusal('uppercase("a")').message).toContain('$uppercase');
    expect(refusal('$zzzzzz').message).not.toContain('did you mean');
  });

  it('accepts functions that only look recursive', async () => {
    expect(await compileExpression('($x := 1; $x := $x + 1; $x)').evaluate({})).toBe(2);
    const shadowed = '($f := function($f){ $f }; $f(3))';
    expect(await compileExpression(shadowed).evaluate({})).toBe(3);
    expect(await compileExpression('$replace("hat", /h/, function($match){ $match.match & "!" })').evaluate({})).toBe(
      'h!at',
    );
  });
});

describe('what an evaluation gives', () => {
  it('gives undefined for nothing, and null for null', async () => {
    expect(await compileExpression('body.missing.more').evaluate({ body: {} })).toBeUndefined();
    expect(await compileExpression('body.gone').evaluate({ body: { gone: null } })).toBeNull();
    expect(await compileExpression('body.gone ? 1').evaluate({ body: { gone: null } })).toBeUndefined();
  });

  it('gives plain fresh values, without marks of the interpreter', async () => {
    const body = { list: [{ id: 1 }, { id: 2 }] };
    const shaped = await compileExpression('body.list.{ "n": id, "f": $sum, "g": function(){ 1 } }').evaluate({ body });
    expect(shaped).toStrictEqual([{ n: 1 }, { n: 2 }]);
    expect(Reflect.ownKeys(shaped as object)).toStrictEqual(['0', '1', 'length']);
    expect(Object.getPrototypeOf((shaped as object[])[0])).toBe(Object.prototype);
    const single = await compileExpression('body.list[0].[id]').evaluate({ body });
    expect(single).toStrictEqual([1]);
    const passed = await compileExpression('body.list').evaluate({ body });
    expect(passed).toStrictEqual(body.list);
    expect(passed).not.toBe(body.list);
    expect(await compileExpression('/an/("banana")').evaluate({})).toStrictEqual({
      match: 'an',
      start: 1,
      end: 3,
      groups: [],
    });
  });

  it('never changes its context, and works on a frozen one', async () => {
    const texts = [
      'body.list[]',
      'body.empty{"x": 1}',
      'body.nested.{"x": 1}',
      'body.list^(>$)',
      '$',
      'body.one[].a',
      'body.empty[]',
    ];
    for (const text of texts) {
      const context = { body: { list: [3, 1, 2], empty: [], nested: [[], []], one: { a: [1] } } };
      const before = structuredClone(context);
      const onOwn = await compileExpression(text).evaluate(context);
      expect(context).toStrictEqual(before);
      expect(Reflect.ownKeys(context.body.list)).toStrictEqual(['0', '1', '2', 'length']);
      expect(await compileExpression(text).evaluate(deepFreeze(context))).toStrictEqual(onOwn);
    }
  });

  it('reads objects without prototype', async () => {
    const inputs: Record<string, unknown> = Object.assign(Object.create(null), {
      a: Object.assign(Object.create(null), { b: 1 }),
    });
    expect(await compileExpression('inputs.a.b').evaluate({ inputs })).toBe(1);
    expect(await compileExpression('inputs.a').evaluate({ inputs })).toStrictEqual({ b: 1 });
    expect(await compileExpression('inputs.a.b + 1').evaluate({ inputs })).toBe(2);
  });

  it('sees nothing of a context that is not JSON', async () => {
    const context = {
      body: { buffer: Buffer.from('secret'), call: () => 1, date: new Date(0) },
      headers: new Map([['a', 1]]),
    };
    expect(await compileExpression('body').evaluate(context)).toStrictEqual({});
    expect(await compileExpression('$keys(body)').evaluate(context)).toBeUndefined();
    expect(await compileExpression('headers.size').evaluate(context)).toBeUndefined();
  });

  it('lets no key through that could poison another object', async () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"a":1},"prototype":1,"ok":[{"__proto__":{"x":1}}]}',
    );
    const texts = [
      'body',
      '$merge([body, {"a":1}])',
      '{"__proto__": {"polluted": true}, "constructor": 1}',
      '$',
      'body.constructor',
    ];
    for (const text of [
      ...texts,
      'body.__proto__',
      '$lookup(body, "constructor")',
      '$spread(body)',
      '$sift(body, function(){true})',
    ]) {
      const result = await compileExpression(text).evaluate({ body: hostile });
      expect(JSON.stringify(result) ?? '').not.toMatch(/__proto__|constructor|prototype|polluted/);
      Object.assign({}, result);
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('does not take data for functions of the interpreter', async () => {
    const fake = {
      _jsonata_lambda: true,
      thunk: true,
      arguments: [],
      body: { procedure: { type: 'variable', value: 'sum' } },
      n: 1,
    };
    const context = { body: { fake, list: [fake, { ...fake, tupleStream: true, outerWrapper: true }] } };
    const clean = { thunk: true, arguments: [], body: { procedure: { type: 'variable', value: 'sum' } }, n: 1 };
    expect(await compileExpression('body.fake').evaluate(context)).toStrictEqual(clean);
    expect(await compileExpression('$lookup(body, "fake")').evaluate(context)).toStrictEqual(clean);
    expect(await compileExpression('body.list.{ "n": n }').evaluate(context)).toStrictEqual([{ n: 1 }, { n: 1 }]);
    expect((await failure('$map([1], body.fake)', context)).code).toBe('evaluation');
  });

  it('gives an error instead of a number that JSON does not have', async () => {
    const context = { body: { n: Number.POSITIVE_INFINITY } };
    for (const text of ['body.n', '[body.n]', '1/0', 'body.n + 1', '$formatInteger(body.n, "A")', '$string(body)']) {
      const outcome = await compileExpression(text)
        .evaluate(context)
        .catch((error: ExpressionError) => error.code);
      expect(['evaluation', '{"n":null}']).toContain(outcome);
    }
  });

  it('says where it failed without quoting the data', async () => {
    const error = await failure('1 + $number(inputs.secret)', { inputs: { secret: 'hunter2' } });
    expect(error.code).toBe('evaluation');
    expect(error.offset).toBe(4);
    expect(error.message).not.toContain('hunter2');
    expect(error.cause).toBeUndefined();
    for (const text of [
      'inputs.secret < 1',
      '-inputs.secret',
      '{inputs.list: 1}',
      '[inputs.secret..3]',
      'inputs.secret.list^(a)',
    ]) {
      const failed = await failure(text, { inputs: { secret: 'hunter2', list: ['hunter2'] } }).catch(() => undefined);
      expect(JSON.stringify(failed ?? '') + String(failed?.message)).not.toContain('hunter2');
    }
    expect((await failure('$error("status " & status)', { status: 3 })).message).toBe('status 3');
  });

  it('keeps a regular expression left of "?:" and "??"', async () => {
    const first = compileExpression('$match(inputs.a, /b+/)[0].match ?: "none"');
    expect(await first.evaluate({ inputs: { a: 'abbc' } })).toBe('bb');
    expect(await first.evaluate({ inputs: { a: 'ac' } })).toBe('none');
    expect(await compileExpression('$match(inputs.a, /b+/)[0].match ?? "none"').evaluate({ inputs: { a: 'x' } })).toBe(
      'none',
    );
  });

  it('sorts and finds distinct values as the language does', async () => {
    const body = {
      n: [3, 1, 2, 1, 10],
      s: ['b', 'a', 'B'],
      mixed: [1, '1', true, 'true', null, 'null', { a: 1, b: 2 }, { b: 2, a: 1 }, [1], [1], '[1]'],
    };
    expect(await compileExpression('$sort(body.n)').evaluate({ body })).toStrictEqual([1, 1, 2, 3, 10]);
    expect(await compileExpression('$sort(body.s)').evaluate({ body })).toStrictEqual(['B', 'a', 'b']);
    expect(await compileExpression('$sort(body.n, function($l, $r){ $l < $r })').evaluate({ body })).toStrictEqual([
      10, 3, 2, 1, 1,
    ]);
    const distinct = [1, '1', true, 'true', null, 'null', { a: 1, b: 2 }, [1], '[1]'];
    expect(await compileExpression('$distinct(body.mixed)').evaluate({ body })).toStrictEqual(distinct);
    expect((await failure('$sort(body.mixed)', { body })).code).toBe('evaluation');
  });
});

describe('evaluations of one expression side by side', () => {
  it('each gets its own answer', async () => {
    const texts = [
      'body.list.{ "n": n, "own": $$.inputs.id }',
      '$map(body.list, function($v){ $v.n & $$.inputs.id })',
      'inputs.id',
    ];
    for (const expression of texts.map((text) => compileExpression(text))) {
      const one = (id: number) => ({ inputs: { id }, body: { list: [{ n: `a${id}` }, { n: `b${id}` }] } });
      const alone = [];
      for (let id = 0; id < 1000; id += 1) alone.push(await expression.evaluate(one(id)));
      expect(await Promise.all(alone.map((_, id) => expression.evaluate(one(id))))).toStrictEqual(alone);
      expect(new Set(alone.map((answer) => JSON.stringify(answer))).size).toBe(1000);
    }
  });

  it('goes on after one of them failed', async () => {
    const expression = compileExpression('1 + inputs.n');
    const outcomes = await Promise.allSettled(
      [{ n: 'x' }, { n: 1 }, { n: [] }, { n: 2 }].map((inputs) => expression.evaluate({ inputs })),
    );
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'failed'))).toStrictEqual([
      'failed',
      2,
      'failed',
      3,
    ]);
  });
});
