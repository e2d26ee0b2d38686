import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileConnector, createFormatChecks } from '../../src/connector/compile-connector.ts';
import { RULES } from '../../src/connector/rules.ts';

// Set FUZZ_SEED to repeat a run, FUZZ_RUNS for a longer one.
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Date.now() % 2 ** 31));
const RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);
// Far above what they take, so that a busy machine does not fail them; a stall would still show.
const MAX_MEAN_MS = 100;

const FOLDER = 'connectors/autodesk';
const read = (folder: string) =>
  readdirSync(join(FOLDER, folder))
    .sort()
    .map((name) => ({ file: join(folder, name), text: readFileSync(join(FOLDER, folder, name), 'utf8') }));
const MAIN = { file: 'connector.yaml', text: readFileSync(join(FOLDER, 'connector.yaml'), 'utf8') };
// The smallest file of actions and that of its examples: each run compiles them all.
const ACTIONS = read('actions').filter(({ file }) => file.endsWith('versions.yaml'));
const EXAMPLES = read('examples').filter(({ file }) => file.endsWith('versions.yaml'));
const FILES = [MAIN, ...ACTIONS, ...EXAMPLES];

const SNIPPETS = [
  ...[
    '&a ',
    '*a',
    '<<: ',
    '!!str ',
    '? ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|',
    '>-',
    '\n',
    '\t',
    '---\n',
    '%',
  ],
  ...[
    '__proto__: 1',
    'constructor: {}',
    '${',
    '}',
    '$eval(1)',
    '/(a+)+$/',
    'null',
    '1e999',
    '.nan',
    '../',
    '\u0000',
    '\uD800',
  ],
  ...[
    'id:',
    'inputs:',
    'toString',
    'true',
    '~',
    '\uFEFF',
    '\r',
    '#',
    'a'.repeat(5_000),
    '['.repeat(100),
    '  '.repeat(200),
  ],
];

const mutation = fc.record({
  file: fc.nat(FILES.length - 1),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  kind: fc.constantFrom('insert', 'delete', 'replace', 'repeat', 'swap', 'truncate'),
  snippet: fc.constantFrom(...SNIPPETS),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(text: string, { at, length, kind, snippet }: Mutation): string {
  const from = Math.floor(at * text.length);
  const [before, cut, after] = [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
  switch (kind) {
    case 'insert':
      return before + snippet + cut + after;
    case 'delete':
      return before + after;
    case 'replace':
      return before + snippet + after;
    case 'repeat':
      return before + cut.repeat(3) + after;
    case 'swap':
      return before + after.slice(0, length) + cut + after.slice(length);
    default:
      return before;
  }
}

it(`mutated files give a connector or diagnostics, never anything else, and soon (seed ${SEED}, ${RUNS} runs)`, () => {
  const checks = createFormatChecks();
  const started = performance.now();
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const texts = FILES.map(({ text }, index) =>
        mutations.filter(({ file }) => file === index).reduce((changed, one) => mutate(changed, one), text),
      );
      const files = FILES.map(({ file }, index) => ({ file, text: texts[index] ?? '' }));
      const compiled = compileConnector(
        {
          folder: 'autodesk',
          connector: files[0] ?? MAIN,
          actions: files.slice(1, 1 + ACTIONS.length),
          examples: files.slice(1 + ACTIONS.length),
        },
        checks,
        new Map(),
      );
      if (!Array.isArray(compiled)) {
        accepted += 1;
        return;
      }
      expect(compiled.length).toBeGreaterThan(0);
      for (const { file, line, column, rule, message } of compiled) {
        const lines = files.find((one) => one.file === file)?.text.split('\n') ?? [];
        const sane = rule in RULES && message !== '' && line >= 1 && column >= 1;
        const inside = line <= lines.length && column <= (lines[line - 1]?.length ?? 0) + 1;
        expect(sane && inside, `${file}:${line}:${column} ${rule} ${message}`).toBe(true);
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
  expect(accepted).toBeLessThan(RUNS);
  expect((performance.now() - started) / RUNS).toBeLessThan(MAX_MEAN_MS);
}, 120_000);
