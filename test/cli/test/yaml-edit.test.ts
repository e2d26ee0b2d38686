import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { editYaml } from '../../../src/cli/test/yaml-edit.ts';

const TEXT = `# Head.
- name: One     # of two
  inputs: { a: 1,   b: [x, y] }   # odd blanks
  request:
    method: GET
    url: 'https://a.test/x'
    headers: {}
  text: >-
    folded
    text
  output:
    data:
      - id: "1"   # quoted
        name: one
      - id: "2"

# Between.
- name: Two
  output: {data: {id: 2}}
`;

interface One {
  name: string;
  inputs: object;
  request: { headers: object; body?: object; url?: string };
  output: { data: object[] | object; more?: boolean };
}

function edited(change: (one: One, two: One) => void): string {
  const value = parse(TEXT) as [One, One];
  change(...value);
  return editYaml(
    TEXT,
    value.map((one, index) => ({ path: [index], value: one })),
  );
}

const CASES: readonly { what: string; change: (one: One, two: One) => void; expected: (text: string) => string }[] = [
  {
    what: 'a text',
    change: (one) => {
      one.name = 'Uno';
    },
    expected: (text) => text.replace('One', 'Uno'),
  },
  {
    what: 'a quoted text in a list',
    change: (one) => {
      one.output.data = [{ id: '3', name: 'one' }, { id: '2' }];
    },
    expected: (text) => text.replace('"1"', '"3"'),
  },
  {
    what: 'members in flow',
    change: (one) => {
      one.inputs = { a: 2, b: ['x', 'z'] };
    },
    expected: (text) => text.replace('a: 1', 'a: 2').replace('[x, y]', '[x, z]'),
  },
  {
    what: 'an empty mapping that gets members',
    change: (one) => {
      one.request.headers = { 'x-a': '1' };
    },
    expected: (text) => text.replace('headers: {}', 'headers: { x-a: "1" }'),
  },
  {
    what: 'a further member',
    change: (one) => {
      one.request.body = { a: [1, { b: 2 }] };
    },
    expected: (text) =>
      text.replace('    headers: {}\n', '    headers: {}\n    body:\n      a:\n        - 1\n        - b: 2\n'),
  },
  {
    what: 'a member that goes',
    change: (one) => {
      delete one.request.url;
    },
    expected: (text) => text.replace("    url: 'https://a.test/x'\n", ''),
  },
  {
    what: 'a member that comes, in flow',
    change: (_one, two) => {
      two.output.more = true;
    },
    expected: (text) => text.replace('{data: {id: 2}}', '{data: {id: 2}, more: true}'),
  },
  {
    what: 'a list that grows',
    change: (one) => {
      one.output.data = [{ id: '1', name: 'one' }, { id: '2' }, { id: '3' }];
    },
    expected: (text) =>
      text.replace(
        '      - id: "1"   # quoted\n        name: one\n      - id: "2"\n',
        '      - id: "1"\n        name: one\n      - id: "2"\n      - id: "3"\n',
      ),
  },
];

describe('an edit of YAML', () => {
  it.each(CASES)('changes $what and nothing else', ({ change, expected }) => {
    expect(edited(change)).toBe(expected(TEXT));
  });

  it('writes whatever values there are, so that they are read again, and keeps what stands around', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    fc.assert(
      fc.property(json, json, fc.boolean(), fc.boolean(), (before, after, flow, block) => {
        const written = stringify([{ kept: 1, output: before, last: 'x' }], {
          collectionStyle: flow ? 'flow' : 'any',
          ...(block && { defaultStringType: 'QUOTE_DOUBLE' }),
        });
        const text = `# Head.\n${written}# Foot.\n`;
        fc.pre(JSON.stringify(parse(text)) === JSON.stringify([{ kept: 1, output: before, last: 'x' }]));
        const result = editYaml(text, [{ path: [0, 'output'], value: after }]);
        expect(parse(result)).toEqual([{ kept: 1, output: after, last: 'x' }]);
        expect(result).toContain('# Head.');
        expect(result).toContain('# Foot.');
      }),
      { numRuns: 300 },
    );
  });
});
