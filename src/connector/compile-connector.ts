import { type ActionScope, type BareAction, compileAction } from './compile-action.ts';
import { compileApis } from './compile-apis.ts';
import { compileAuthentication } from './compile-authentication.ts';
import { compileDiagnosis } from './compile-diagnosis.ts';
import { compileErrors } from './compile-errors.ts';
import { createExpressionCompiler } from './compile-expressions.ts';
import { compileGuides } from './compile-guides.ts';
import { compileScopes } from './compile-scopes.ts';
import type { Action, Connector, Example } from './connector.ts';
import { type CheckedFile, type ConnectorMemory, createConnectorMemory } from './connector-memory.ts';
import type { Diagnostic } from './diagnostics.ts';
import { collectExamples, lintExampleValues } from './examples.ts';
import { type ActionFormat, ActionsFileFormat, ConnectorFormat, ExamplesFileFormat, GuideFormat } from './format.ts';
import { createFormatCheck, type FormatCheck } from './format-check.ts';
import { compileInputSet, createInputChecks } from './input-set.ts';
import { lintInput } from './lint-input.ts';
import { locateActions } from './locate-actions.ts';
import { type FaultAt, parseYamlFile, type YamlFile } from './yaml-file.ts';

/** The texts of one connector's files. A text is undefined where the file could not be read (reported by the reader). */
export interface ConnectorSources {
  folder: string;
  connector: { file: string; text: string | undefined };
  actions: readonly { file: string; text: string | undefined }[];
  examples: readonly { file: string; text: string }[];
  guides: readonly { file: string; text: string }[];
}

/** The format's checks, compiled once for a whole load. */
export interface FormatChecks {
  connector: FormatCheck;
  actions: FormatCheck;
  examples: FormatCheck;
  guides: FormatCheck;
}

export function createFormatChecks(): FormatChecks {
  return {
    connector: createFormatCheck(ConnectorFormat),
    actions: createFormatCheck(ActionsFileFormat),
    examples: createFormatCheck(ExamplesFileFormat),
    guides: createFormatCheck(GuideFormat),
  };
}

/** Takes a piece of work that a start need not wait for; it gives the faults that it finds, and is done once however often asked. */
export type Later = (work: () => readonly Diagnostic[]) => void;

/**
 * Lints and compiles one connector; pure. Either the connector or every fault in all its files: a fault in one file does
 * not hide those in the others, as far as they can be judged without it.
 *
 * With `later`, each file of examples is put off until an example is asked for or the work handed to `later` is done; the
 * checks of inputs are compiled on the way. With the `memory` of an earlier compilation, what is unchanged is taken from it.
 */
export function compileConnector(
  sources: ConnectorSources,
  checks: FormatChecks,
  originOverrides: ReadonlyMap<string, string>,
  { later, memory = createConnectorMemory() }: { later?: Later | undefined; memory?: ConnectorMemory | undefined } = {},
): Connector | Diagnostic[] {
  const faults: Diagnostic[] = [];
  const read = (file: string, text: string, check: FormatCheck) =>
    memory.files.recall(file, [text], () => parseChecked(file, text, check));
  const parse = (file: string, text: string | undefined, check: FormatCheck) =>
    text === undefined ? undefined : taken(read(file, text, check), faults);
  const { connector: main } = sources;
  const mainFile = parse(main.file, main.text, checks.connector);
  const actionFiles = sources.actions.flatMap(({ file, text }) => parse(file, text, checks.actions) ?? []);
  const exampleFiles = later
    ? []
    : sources.examples.flatMap(({ file, text }) => parse(file, text, checks.examples) ?? []);
  const guideFiles = sources.guides.flatMap(({ file, text }) => parse(file, text, checks.guides) ?? []);
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
  // Overrides of the hosts of other connectors make no difference to this one.
  const declaration = JSON.stringify([declared, [...origins]]);
  const keep = (file: YamlFile, action: ActionFormat, compile: () => BareAction | undefined) =>
    memory.actions.recall(action.id, [declaration, file.file, JSON.stringify(action)], compile);
  const readings: (() => readonly Diagnostic[])[] = [];
  const examplesOf = (action: string) => {
    for (const read of readings) read();
    return examples.get(action) ?? [];
  };
  const actions = compileActions(actionFiles, scope, { keep, examplesOf }, faults);
  const guides = compileGuides(guideFiles, { declared, actions }, faults);
  const checked = { id: declared.id, actions, settings: compiledSettings };
  lintExampleValues(exampleFiles, checked, faults);
  if (faults.length > 0 || !compiledSettings) return faults;
  // With faults in a file, what is in it was not asked for, and will be when it is mended.
  memory.tidy();
  for (const { file, text } of later ? sources.examples : []) {
    const readLate = once(() => {
      const found: Diagnostic[] = [];
      const parsed = taken(read(file, text, checks.examples), found);
      const files = parsed ? [parsed] : [];
      for (const [action, own] of collectExamples(files, actionNames, found))
        examples.set(action, [...(examples.get(action) ?? []), ...own]);
      lintExampleValues(files, checked, found);
      return found;
    });
    readings.push(readLate);
    later?.(readLate);
  }
  return Object.freeze({
    id: declared.id,
    label: declared.label,
    description: declared.description,
    version: declared.version,
    docs: declared.docs,
    origins: new Set(origins.values()),
    declaredOrigins: new Set(Object.values(declared.hosts)),
    scopes,
    authentication,
    accountSettings: compiledSettings,
    errors,
    diagnosis,
    actions,
    sources: locateActions(declared.id, actionFiles, textsOf(sources.actions)),
    guides,
  });
}

function textsOf(files: ConnectorSources['actions']): ReadonlyMap<string, string> {
  return new Map(files.map(({ file, text = '' }) => [file, text]));
}

function parseChecked(file: string, text: string, check: FormatCheck): CheckedFile {
  const parsed = parseYamlFile(file, text);
  const faults = Array.isArray(parsed) ? parsed : check(parsed);
  return Array.isArray(parsed) || faults.length > 0 ? { faults } : { parsed };
}

/** A file that parses and fits the format; otherwise its faults are added. */
function taken(checked: CheckedFile, faults: Diagnostic[]): YamlFile | undefined {
  if ('parsed' in checked) return checked.parsed;
  faults.push(...checked.faults);
  return undefined;
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
  scope: ActionScope,
  {
    keep,
    examplesOf,
  }: {
    /** What an equal action of the file was compiled to before, else what `compile` gives. */
    keep: (file: YamlFile, action: ActionFormat, compile: () => BareAction | undefined) => BareAction | undefined;
    examplesOf: (action: string) => readonly Example[];
  },
  faults: Diagnostic[],
): Map<string, Action> {
  const actions = new Map<string, Action>();
  const seen = new Set<string>();
  for (const file of files) {
    for (const [index, declared] of (file.value as ActionFormat[]).entries()) {
      if (seen.has(declared.id)) faults.push(file.at([index, 'id'], 'ACT001', `action "${declared.id}" stands twice`));
      seen.add(declared.id);
      const compiled = keep(file, declared, () => compileAction(file, [index], declared, scope, faults));
      if (compiled)
        actions.set(
          compiled.id,
          withExamples(compiled, () => examplesOf(declared.id)),
        );
    }
  }
  return actions;
}

function withExamples(action: BareAction, examples: () => readonly Example[]): Action {
  return Object.freeze({
    ...action,
    get examples() {
      return examples();
    },
  });
}
