import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileConnector, createFormatChecks } from '../../src/connector/compile-connector.ts';
import { RULES } from '../../src/connector/rules.ts';
import { COMPOSITE } from './support/composite.ts';

// Set FUZZ_SEED to repeat a run, FUZZ_RUNS for a longer one.
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Date.now() % 2 ** 31));
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
// How many times as long a run takes with the real files.
const SLOWER = 4;
// Far above what they take, so that a busy machine does not fail them; a stall would still show.
const MAX_MEAN_MS = 1_000;

const FOLDER = 'connectors/autodesk';
const fileOf = (file: string) => ({ file, text: readFileSync(join(FOLDER, file), 'utf8') });
// Real files, the smallest ones: each run compiles them all. And a connector that has everything.
const CONNECTORS: Readonly<Record<string, readonly { file: string; text: string }[]>> = {
  autodesk: ['connector.yaml', 'actions/versions.yaml', 'examples/versions.yaml'].map(fileOf),
  acme: Object.entries(COMPOSITE).map(([file, text]) => ({ file, text })),
};

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

const MOST_FILES = Math.max(...Object.values(CONNECTORS).map((files) => files.length));

const mutation = fc.record({
  file: fc.nat(MOST_FILES - 1),
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

it.each(Object.entries(CONNECTORS))(
  `mutated files of %s give a connector or diagnostics, never anything else, and soon (seed ${SEED})`,
  (folder, originals) => {
    const checks = createFormatChecks();
    const started = performance.now();
    const runs = folder === 'acme' ? RUNS : Math.ceil(RUNS / SLOWER);
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const files = originals.map(({ file, text }, index) => {
          const own = mutations.filter((one) => one.file % originals.length === index);
          return { file, text: own.reduce((changed, one) => mutate(changed, one), text) };
        });
        const below = (name: string) => files.filter(({ file }) => file.startsWith(name));
        const [main] = below('connector.yaml');
        if (!main) throw new Error('no connector.yaml');
        const sources = { folder, connector: main, actions: below('actions/'), examples: below('examples/') };
        const compiled = compileConnector(sources, checks, new Map());
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
      { seed: SEED, numRuns: runs },
    );
    expect(accepted).toBeLessThan(runs);
    expect((performance.now() - started) / runs).toBeLessThan(MAX_MEAN_MS);
  },
  120_000,
);
