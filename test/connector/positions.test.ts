import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isScalar, parseDocument, type Scalar } from 'yaml';
import { formatDiagnostic } from '../../src/connector/diagnostics.ts';
import { offsetInScalar } from '../../src/connector/scalar-offset.ts';
import { changed, faultsOf, GOOD, MARK, place, unmarked } from './support/sources.ts';

const ACTIONS = 'actions/things.yaml';
const OUTPUT = '  output: {object: body}\n';

/** Outputs with an unknown function, whatever way it is written. */
const OUTPUTS = [
  ['a plain scalar', `  output:\n    object: body.things.${MARK}$nope()\n`],
  ['a plain scalar over several lines', `  output:\n    object: body.things\n      .a\n      .${MARK}$nope()\n`],
  ['single quotes', `  output:\n    object: 'body["it''s"].${MARK}$nope()'\n`],
  ['double quotes with escapes', `  output:\n    object: "body[\\"\\u0061\\"].${MARK}$nope()"\n`],
  ['double quotes over several lines', `  output:\n    object: "body\n      .b \\\n      .${MARK}$nope()"\n`],
  [
    'a literal block',
    `  output:\n    object: |-\n      body.things.{\n        "a": b,\n        "c": ${MARK}$nope()\n      }\n`,
  ],
  ['a literal block with an empty line', `  output:\n    object: |\n\n      body\n\n        .${MARK}$nope()\n`],
  [
    'a folded block',
    `  output:\n    object: >-\n      body.things.{\n      "a": b,\n\n        "c": ${MARK}$nope()\n      }\n`,
  ],
  [
    'one of several texts',
    `  output:\n    let: {a: body.a}\n    list: body.things\n    item: '{ "a": $a, "b": ${MARK}$nope() }'\n`,
  ],
  ['a variable', `  output:\n    let: {a: "body.${MARK}$nope()"}\n    list: body.things\n`],
  ['a template', `  output: {object: body}\n  warnings: body.a\n`.replace('body.a', `body.${MARK}$nope()`)],
  [
    'characters of two columns and two code units',
    `  output:\n    object: |-\n      { "名前": "😀" & body.名,\n        "é": "😀" & ${MARK}$nope() }\n`,
  ],
  [
    'folded lines that are indented further',
    `  output:\n    object: >\n      body.{\n          "a": 1,\n\n          "b": ${MARK}$nope()\n      }\n`,
  ],
  ['single quotes over several lines', `  output:\n    object: 'body["😀"]\n\n      .a\n      .${MARK}$nope()'\n`],
] as const;

describe('the place of a fault in an expression', () => {
  it.each(OUTPUTS)('is exact in %s', (_kind, output) => {
    const { files, places } = unmarked(changed(GOOD, ACTIONS, OUTPUT, output));
    const faults = faultsOf(files).filter(({ file }) => file === ACTIONS);
    expect(faults.map(place)).toEqual(places.map((at) => place({ ...at, rule: 'ACT005' })));
  });

  it.each(OUTPUTS)('is exact with carriage returns in %s', (_kind, output) => {
    const { files, places } = unmarked(changed(GOOD, ACTIONS, OUTPUT, output));
    const windows = { ...files, [ACTIONS]: (files[ACTIONS] ?? '').replaceAll('\n', '\r\n') };
    const faults = faultsOf(windows).filter(({ file }) => file === ACTIONS);
    expect(faults.map(place)).toEqual(places.map((at) => place({ ...at, rule: 'ACT005' })));
  });

  it('is that of the same character, for whatever the YAML writer makes of a text', () => {
    const letters = fc.constantFrom('a', 'b', '"', "'", '\\', ' ', '\n', '#', ':', '\t', 'é', '{', '}');
    const texts = fc.string({ unit: letters, minLength: 1, maxLength: 60 });
    const types = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL');
    fc.assert(
      fc.property(texts, types, (text, type) => {
        const document = parseDocument('a: {b: x}\n');
        const node = document.getIn(['a', 'b'], true) as Scalar;
        node.value = text;
        node.type = type as Scalar.Type;
        const written = document.toString({ lineWidth: 0 });
        const found = parseDocument(written).getIn(['a', 'b'], true);
        if (!isScalar(found) || found.value !== text) return;
        for (const [offset, letter] of [...text].entries()) {
          if (/[ab{}:#é]/.test(letter)) expect(written[offsetInScalar(found, written, offset)]).toBe(letter);
        }
      }),
      { seed: 20_26, numRuns: 500 },
    );
  });
});

describe('a diagnostic', () => {
  const files = changed(GOOD, ACTIONS, 'scopes: [read]\n  token: any', 'scopes: [raed]\n  token: any');
  const [fault] = faultsOf(files);

  it('reads file, line, column, rule, message and the lines around with a caret', () => {
    expect(fault && formatDiagnostic(fault)).toBe(
      [
        'actions/things.yaml:29:12 ACT014 unknown scope "raed" — did you mean "read"?',
        '  27 |   description: A thing.',
        '  28 |   effect: read',
        '> 29 |   scopes: [raed]',
        '     |            ^',
        '  30 |   token: any',
        '  31 |   inputs:',
      ].join('\n'),
    );
  });

  it('cannot act on a terminal, and is never long', () => {
    const hostile = `"\\e]0;owned\\a${'x'.repeat(900)}"`;
    const [first] = faultsOf(changed(GOOD, ACTIONS, 'label: Get Thing', `${hostile}: 1 # \u202e\n  label: Get Thing`));
    const text = first ? formatDiagnostic(first) : '';
    expect(first?.rule).toBe('FMT001');
    expect([...text].filter((letter) => letter !== '\n' && /[\p{Cc}\u202e]/u.test(letter))).toEqual([]);
    expect(text.length).toBeLessThan(1_500);
  });
});

describe('faults', () => {
  it('of all files are found at once, in one pass', () => {
    let files = changed(GOOD, 'connector.yaml', 'includes: [read]', 'includes: [raed]');
    files = changed(files, 'connector.yaml', 'code: provider_forbidden', 'code: nonsense');
    files = changed(files, ACTIONS, 'scopes: [read]', 'scopes: [raed]');
    files = changed(files, ACTIONS, 'list: body.things', 'list: body.[');
    files = changed(files, 'examples/things.yaml', 'source: made up', 'source: 7');
    files = { ...files, 'actions/more.yaml': '- id: [', 'actions/other.yaml': '- id: X\n  lable: a\n' };
    const rules = faultsOf(files).map(({ file, rule }) => `${file} ${rule}`);
    expect(new Set(rules)).toEqual(
      new Set([
        'connector.yaml CON003',
        'connector.yaml CON004',
        'actions/things.yaml ACT005',
        'actions/things.yaml ACT014',
        'actions/more.yaml YML001',
        'actions/other.yaml FMT001',
        'actions/other.yaml FMT002',
        'actions/other.yaml FMT003',
        'examples/things.yaml FMT003',
      ]),
    );
  });

  it('of an example whose action may stand in a file with faults are not told', () => {
    const files = changed(GOOD, ACTIONS, 'label: Get Thing', 'lable: Get Thing');
    expect(faultsOf(files).filter(({ file }) => file.startsWith('examples/'))).toEqual([]);
  });

  it('of a default header are told once, not once for each action', () => {
    const faults = faultsOf(changed(GOOD, 'connector.yaml', 'account.region', 'account.regoin'));
    expect(faults.map(({ file, rule }) => `${file} ${rule}`)).toEqual(['connector.yaml ACT004']);
  });

  it('of one file are at most a hundred, and cost little', () => {
    const started = performance.now();
    expect(
      faultsOf({ ...GOOD, [ACTIONS]: '- 1\n'.repeat(60_000) }).filter(({ file }) => file === ACTIONS),
    ).toHaveLength(100);
    expect(faultsOf({ ...GOOD, [ACTIONS]: 'a: b: c\n'.repeat(30_000) }).length).toBeLessThanOrEqual(101);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('in scopes that include each other in many ways are found without trying every way', () => {
    const layers = Array.from({ length: 60 }, (_none, layer) =>
      ['a', 'b']
        .map((side) => `  ${side}${layer}: {description: x, includes: [a${layer + 1}, b${layer + 1}]}\n`)
        .join(''),
    );
    const last = '  a60: {description: x}\n  b60: {description: x}\n';
    const files = changed(GOOD, 'connector.yaml', 'scopes:\n', `scopes:\n${layers.join('')}${last}`);
    expect(faultsOf(files)).toEqual([]);
    const cyclic = changed(
      files,
      'connector.yaml',
      'b60: {description: x}',
      'b60: {description: x, includes: [b60, a0]}',
    );
    expect(faultsOf(cyclic).map(({ rule }) => rule)).toContain('CON004');
  });
});
