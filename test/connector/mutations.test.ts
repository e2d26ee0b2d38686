import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectorSources, compileConnector, createFormatChecks } from '../../src/connector/compile-connector.ts';
import type { Diagnostic } from '../../src/connector/diagnostics.ts';
import { createLoadMemory } from '../../src/connector/load-memory.ts';
import { MARK } from '../../src/connector/rule-pages/page.ts';
import { RULE_PAGES } from '../../src/connector/rule-pages/rule-pages.ts';
import { placed } from '../../src/connector/rule-pages/surroundings.ts';
import { RULES } from '../../src/connector/rules.ts';
import { COMPOSITE } from './support/composite.ts';
import type { Files } from './support/sources.ts';

// Set FUZZ_SEED to repeat a run, FUZZ_RUNS for a longer one.
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Date.now() % 2 ** 31));
const RUNS = Number(process.env.FUZZ_RUNS ?? 10_000);
// Whole connectors cost more than what stands on a page.
const SHARE_OF_WHOLE_CONNECTORS = 1 / 100;
const MAX_FILE_MS = 50;
// Whatever else the machine does, and what the collector of garbage does, is counted as well: one of so many attempts is without.
const ATTEMPTS = 8;

/** What the pages of the rules show, good and bad: small connectors that have everything that there are rules for. */
const SMALL: readonly Files[] = Object.values(RULE_PAGES)
  .flatMap(({ bad, good }) => [bad, good])
  .filter(({ place }) => place !== 'listing')
  .map((excerpt) =>
    Object.fromEntries(Object.entries(placed(excerpt)).map(([file, text]) => [file, text.replaceAll(MARK, '')])),
  );

const FOLDER = 'connectors/autodesk';
// Real files, the smallest ones. And a connector that has everything.
const WHOLE: Readonly<Record<string, Files>> = {
  autodesk: Object.fromEntries(
    ['connector.yaml', 'actions/versions.yaml', 'examples/versions.yaml'].map((file) => [
      file,
      readFileSync(join(FOLDER, file), 'utf8'),
    ]),
  ),
  acme: COMPOSITE,
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
    '*/'.repeat(500),
    '(('.repeat(300),
    '(a|aa)+'.repeat(50),
    '&x [*x, *x]\n',
  ],
];

const mutation = fc.record({
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

/** One file of one connector, changed in some places. */
function mutated(files: Files, place: number, mutations: readonly Mutation[]): Files {
  const names = Object.keys(files);
  const name = names[Math.floor(place * names.length)] ?? 'connector.yaml';
  return { ...files, [name]: mutations.reduce((text, one) => mutate(text, one), files[name] ?? '') };
}

function sourcesOf(folder: string, files: Files): ConnectorSources {
  const below = (name: string) =>
    Object.entries(files).flatMap(([file, text]) => (file.startsWith(`${name}/`) ? [{ file, text }] : []));
  const connector = { file: 'connector.yaml', text: files['connector.yaml'] };
  return { folder, connector, actions: below('actions'), examples: below('examples'), guides: below('guides') };
}

/** Whatever is wrong is told with a rule, in words, at a place that the file has. */
function expectSane(faults: readonly Diagnostic[], files: Files): void {
  expect(faults.length).toBeGreaterThan(0);
  for (const { file, line, column, rule, message } of faults) {
    const lines = files[file]?.split('\n') ?? [];
    const sane = rule in RULES && message !== '' && line >= 1 && column >= 1;
    const inside = line <= lines.length && column <= (lines[line - 1]?.length ?? 0) + 1;
    expect(sane && inside, `${file}:${line}:${column} ${rule} ${message}`).toBe(true);
  }
}

/** Of this process, all of its threads. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });

describe(`mutated YAML (seed ${SEED})`, () => {
  it(`gives a connector or diagnostics, never anything else, each of ${RUNS} files within ${MAX_FILE_MS} ms`, () => {
    const memory = createLoadMemory();
    const checks = createFormatChecks();
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...SMALL), place, mutations, (connector, where, changes) => {
        const files = mutated(connector, where, changes);
        const sources = sourcesOf('acme', files);
        let compiled: ReturnType<typeof compileConnector> = [];
        let took = cpuMs(() => {
          compiled = memory.compile(sources, memory.checks, new Map());
        });
        for (let attempt = 1; took > MAX_FILE_MS && attempt < ATTEMPTS; attempt += 1)
          took = cpuMs(() => void compileConnector(sources, checks, new Map()));
        expect(took, `CPU time in ms of ${JSON.stringify(files)}`).toBeLessThanOrEqual(MAX_FILE_MS);
        if (Array.isArray(compiled)) expectSane(compiled, files);
        else accepted += 1;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(RUNS);
  }, 120_000);

  it.each(Object.entries(WHOLE))(
    'of a whole connector does the same: %s',
    (folder, originals) => {
      const checks = createFormatChecks();
      fc.assert(
        fc.property(fc.array(fc.tuple(place, mutations), { minLength: 1, maxLength: 3 }), (changes) => {
          const files = changes.reduce((changed, [where, own]) => mutated(changed, where, own), originals);
          const compiled = compileConnector(sourcesOf(folder, files), checks, new Map());
          if (Array.isArray(compiled)) expectSane(compiled, files);
        }),
        { seed: SEED, numRuns: Math.ceil(RUNS * SHARE_OF_WHOLE_CONNECTORS) },
      );
    },
    120_000,
  );
});
