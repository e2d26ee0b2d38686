import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from '../../src/upstream/json.ts';

const parse = (text: string | Buffer) => parseJsonBody(Buffer.from(text), { maxDepth: MAX_JSON_DEPTH });

function codeOf(text: string | Buffer): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
}

describe('a provider’s JSON', () => {
  it.each(['{"a":[1,-2.5,1e3,true,null,"x\\"]}"]}', '[]', '"text"', '3', ' {} '])('%s is read as it is', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each(['', ' ', '{', '{"a":}', '<html>', 'undefined', "{'a':1}", '"open', '"open\\', '[1,]'])(
    '%j is refused',
    (text) => {
      expect(codeOf(text)).toBe('provider_response_invalid');
    },
  );

  it('is not quoted when it is refused', () => {
    try {
      parse('{"access_token":"secret-token",}');
      expect.unreachable();
    } catch (error) {
      const problem = error as Problem;
      expect(problem.message).not.toContain('secret');
      expect(problem.cause).toBeUndefined();
    }
  });

  it('may nest to the limit and not beyond, however deep it goes', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(codeOf(nested(64))).toBeUndefined();
    for (const levels of [65, 200_000, 2_000_000]) expect(codeOf(nested(levels))).toBe('provider_response_invalid');
    expect(codeOf(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toBe('provider_response_invalid');
  });

  it('may hold any brackets and quotes within strings', () => {
    const value = { a: '['.repeat(1_000), b: `\\"${'{'.repeat(1_000)}\\\\`, c: '\\', '[[[[': '"[' };
    expect(parse(JSON.stringify(value))).toEqual(value);
  });

  it('cannot reach a prototype', () => {
    const value = parse(
      '{"__proto__":{"polluted":1},"a":{"\\u005f_proto__":{"polluted":1}},"constructor":{"prototype":{"polluted":1}},"ok":1}',
    ) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['a', 'ok']);
    expect(Object.keys(value.a as object)).toEqual([]);
    Object.assign({}, value);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('cannot reach a prototype beside a long number either', () => {
    const value = parse('{"id":12345678901234567890,"__proto__":{"polluted":1}}') as object;
    expect(Object.keys(value)).toEqual(['id']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('keeps integers exact, as strings where a number cannot hold them', () => {
    expect(
      parse(
        '{"a":9007199254740991,"b":9007199254740993,"c":[-12345678901234567890],"d":0.1234567890123456789,"e":1e20,"f":"9007199254740993"}',
      ),
    ).toEqual({
      a: 9007199254740991,
      b: '9007199254740993',
      c: ['-12345678901234567890'],
      d: Number('0.1234567890123456789'),
      e: 1e20,
      f: '9007199254740993',
    });
  });

  it('may begin with a byte order mark', () => expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 }));

  it('may hold bytes that are not UTF-8', () => {
    expect(parse(Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]))).toEqual({ a: '\ufffd' });
    expect(codeOf(Buffer.from('\ufeff{}', 'utf16le'))).toBe('provider_response_invalid');
  });
});
