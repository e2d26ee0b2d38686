import { type ActionScope, compileAction } from './compile-action.ts';
import { compileApis } from './compile-apis.ts';
import { compileAuthentication } from './compile-authentication.ts';
import { compileDiagnosis } from './compile-diagnosis.ts';
import { compileErrors } from './compile-errors.ts';
import { createExpressionCompiler } from './compile-expressions.ts';
import { compileScopes } from './compile-scopes.ts';
import type { Action, Connector, Example } from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import { collectExamples, lintExampleValues } from './examples.ts';
import { type ActionFormat, ActionsFileFormat, ConnectorFormat, ExamplesFileFormat } from './format.ts';
import { createFormatCheck, type FormatCheck } from './format-check.ts';
import { compileInputSet, createInputChecks } from './input-set.ts';
import { lintInput } from './lint-input.ts';
import { type FaultAt, parseYamlFile, type YamlFile } from './yaml-file.ts';

/** The texts of one connector's files. A text is undefined where the file could not be read (reported by the reader). */
export interface ConnectorSources {
  folder: string;
  connector: { file: string; text: string | undefined };
  actions: readonly { file: string; text: string }[];
  examples: readonly { file: string; text: string }[];
}

/** The format's checks, compiled once for a whole load. */
export interface FormatChecks {
  connector: FormatCheck;
  actions: FormatCheck;
  examples: FormatCheck;
}

export function createFormatChecks(): FormatChecks {
  return {
    connector: createFormatCheck(ConnectorFormat),
    actions: createFormatCheck(ActionsFileFormat),
    examples: createFormatCheck(ExamplesFileFormat),
  };
}

/** Takes a piece of work that a start need not wait for; it gives the faults that it finds, and is done once however often asked. */
export type Later = (work: () => readonly Diagnostic[]) => void;

/**
 * Lints and compiles one connector; pure. Either the connector or every fault in all its files: a fault in one file does
 * not hide those in the others, as far as they can be judged without it.
 *
 * With `later`, each file of examples is put off until an example is asked for or the work handed to `later` is done; the
 * checks of inputs are compiled on the way.
 */
export function compileConnector(
  sources: ConnectorSources,
  checks: FormatChecks,
  originOverrides: ReadonlyMap<string, string>,
  later?: Later,
): Connector | Diagnostic[] {
  const faults: Diagnostic[] = [];
  const parse = (file: string, text: string, check: FormatCheck) => parseChecked(file, text, check, faults);
  const { connector: main } = sources;
  const mainFile = main.text === undefined ? undefined : parse(main.file, main.text, checks.connector);
  const actionFiles = sources.actions.flatMap(({ file, text }) => parse(file, text, checks.actions) ?? []);
  const exampleFiles = later
    ? []
    : sources.examples.flatMap(({ file, text }) => parse(file, text, checks.examples) ?? []);
  if (!mainFile) return faults;

  const declared = mainFile.value as ConnectorFormat;
  if (declared.id !== sources.folder)
    faults.push(mainFile.at(['id'], 'CON001', `id is "${declared.id}", the folder "${sources.folder}"`));

  const compiler = createExpressionCompiler(mainFile, faults);
  const inputChecks = createInputChecks();
  const settings = declared.account_settings ?? {};
  const settingsBefore = faults.length;
  for (const [name, input] of Object.entries(settings))
    lintInput(['account_settings', name], input, inputChecks, compiler.fault);
  const compiledSettings = faults.length > settingsBefore ? undefined : compileInputSet(inputChecks, settings);
  lintHosts(declared, compiler.fault);
  const origins = new Map(
    Object.entries(declared.hosts).map(([name, origin]) => [name, originOverrides.get(origin) ?? origin]),
  );
  const scopes = compileScopes(mainFile, declared, faults);
  const authentication = compileAuthentication(declared, origins, compiler);
  const errors = compileErrors(declared, compiler);
  const bases = compileApis(declared, origins, compiler);
  const diagnosis = compileDiagnosis(declared, bases, compiler);

  const actionNames = new Set(actionFiles.flatMap((file) => (file.value as ActionFormat[]).map(({ id }) => id)));
  // An action that is missed may stand in a file with faults.
  const allNamesKnown = actionFiles.length === sources.actions.length;
  const examples = collectExamples(exampleFiles, allNamesKnown ? actionNames : undefined, faults);
  const scope = { connector: declared, bases, originOverrides, checks: inputChecks };
  const readings: (() => readonly Diagnostic[])[] = [];
  const examplesOf = (action: string) => {
    for (const read of readings) read();
    return examples.get(action) ?? [];
  };
  const actions = compileActions(actionFiles, scope, examplesOf, faults);
  const checked = { id: declared.id, actions, settings: compiledSettings };
  lintExampleValues(exampleFiles, checked, faults);
  if (faults.length > 0 || !compiledSettings) return faults;
  for (const { file, text } of later ? sources.examples : []) {
    const read = once(() => {
      const found: Diagnostic[] = [];
      const parsed = parseChecked(file, text, checks.examples, found);
      const files = parsed ? [parsed] : [];
      for (const [action, own] of collectExamples(files, actionNames, found))
        examples.set(action, [...(examples.get(action) ?? []), ...own]);
      lintExampleValues(files, checked, found);
      return found;
    });
    readings.push(read);
    later?.(read);
  }
  return Object.freeze({
    id: declared.id,
    label: declared.label,
    description: declared.description,
    docs: declared.docs,
    origins: new Set(origins.values()),
    scopes,
    authentication,
    accountSettings: compiledSettings,
    errors,
    diagnosis,
    actions,
  });
}

/** A file that parses and fits the format; otherwise its faults are added. */
function parseChecked(file: string, text: string, check: FormatCheck, faults: Diagnostic[]): YamlFile | undefined {
  const parsed = parseYamlFile(file, text);
  const found = Array.isArray(parsed) ? parsed : check(parsed);
  faults.push(...found);
  return Array.isArray(parsed) || found.length > 0 ? undefined : parsed;
}

function once<T>(work: () => T): () => T {
  let done: { result: T } | undefined;
  return () => {
    done ??= { result: work() };
    return done.result;
  };
}

/** A URL's origin has one form; another one would never equal that of a request. */
function lintHosts({ hosts }: ConnectorFormat, fault: FaultAt): void {
  for (const [name, origin] of Object.entries(hosts)) {
    const wellFormed = URL.canParse(origin) ? new URL(origin).origin : undefined;
    if (wellFormed !== origin)
      fault(['hosts', name], 'FMT003', `is not an origin${wellFormed ? `; write ${wellFormed}` : ''}`);
  }
}

function compileActions(
  files: readonly YamlFile[],
  scope: Omit<ActionScope, 'examples'>,
  examplesOf: (action: string) => readonly Example[],
  faults: Diagnostic[],
): Map<string, Action> {
  const actions = new Map<string, Action>();
  const seen = new Set<string>();
  for (const file of files) {
    for (const [index, declared] of (file.value as ActionFormat[]).entries()) {
      if (seen.has(declared.id)) faults.push(file.at([index, 'id'], 'ACT001', `action "${declared.id}" stands twice`));
      seen.add(declared.id);
      const action = compileAction(
        file,
        [index],
        declared,
        { ...scope, examples: () => examplesOf(declared.id) },
        faults,
      );
      if (action) actions.set(action.id, action);
    }
  }
  return actions;
}
