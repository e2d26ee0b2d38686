import type { ProblemCode } from '../problems.ts';
import { type ActionScope, compileAction } from './compile-action.ts';
import { createExpressionCompiler, ERROR_CONTEXT, REQUEST_CONTEXT } from './compile-expressions.ts';
import { lintHeaders } from './compile-request.ts';
import { compileScopes } from './compile-scopes.ts';
import {
  type Action,
  type Authentication,
  type Connector,
  type ErrorRules,
  type Example,
  RULE_CODES,
} from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import { collectExamples, lintExampleValues } from './examples.ts';
import { type ActionFormat, ActionsFileFormat, ConnectorFormat, ExamplesFileFormat } from './format.ts';
import { createFormatCheck, type FormatCheck } from './format-check.ts';
import { compileInputSet, createInputAjv } from './input-set.ts';
import { type FaultAt, lintInput } from './lint-input.ts';
import { didYouMean } from './suggest.ts';
import { parseYamlFile, type YamlFile } from './yaml-file.ts';

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

/**
 * Lints and compiles one connector; pure. Either the connector or every fault in all its files: a fault in one file does
 * not hide those in the others, as far as they can be judged without it.
 */
export function compileConnector(
  sources: ConnectorSources,
  checks: FormatChecks,
  originOverrides: ReadonlyMap<string, string>,
): Connector | Diagnostic[] {
  const faults: Diagnostic[] = [];
  const parse = (file: string, text: string, check: FormatCheck): YamlFile | undefined => {
    const parsed = parseYamlFile(file, text);
    const found = Array.isArray(parsed) ? parsed : check(parsed);
    faults.push(...found);
    return Array.isArray(parsed) || found.length > 0 ? undefined : parsed;
  };
  const { connector: main } = sources;
  const mainFile = main.text === undefined ? undefined : parse(main.file, main.text, checks.connector);
  const actionFiles = sources.actions.flatMap(({ file, text }) => parse(file, text, checks.actions) ?? []);
  const exampleFiles = sources.examples.flatMap(({ file, text }) => parse(file, text, checks.examples) ?? []);
  if (!mainFile) return faults;

  const declared = mainFile.value as ConnectorFormat;
  if (declared.id !== sources.folder)
    faults.push(mainFile.at(['id'], 'CON001', `id is "${declared.id}", the folder "${sources.folder}"`));

  const fault: FaultAt = (at, rule, message, place) => faults.push(mainFile.at(at, rule, message, place));
  const ajv = createInputAjv();
  const settings = declared.account_settings ?? {};
  const settingsBefore = faults.length;
  for (const [name, input] of Object.entries(settings)) lintInput(['account_settings', name], input, ajv, fault);
  const compiledSettings = faults.length > settingsBefore ? undefined : compileInputSet(ajv, settings);
  lintHosts(declared, fault);
  const origins = new Map(
    Object.entries(declared.hosts).map(([name, origin]) => [name, originOverrides.get(origin) ?? origin]),
  );
  const scopes = compileScopes(mainFile, declared, faults);
  const authentication = compileAuthentication(mainFile, declared, origins, faults);
  const errors = compileErrors(mainFile, declared, faults);
  const accountSettings = new Set(Object.keys(settings));
  const defaults = createExpressionCompiler(mainFile, { inputs: new Set(), account: accountSettings }, faults);
  lintHeaders(['defaults', 'headers'], declared.defaults?.headers, fault);
  const defaultHeaders = Object.entries(declared.defaults?.headers ?? {}).flatMap(([name, value]) => {
    const template = defaults.template(['defaults', 'headers', name], value, REQUEST_CONTEXT);
    return template ? [[name, template] as const] : [];
  });

  const actionNames = new Set(actionFiles.flatMap((file) => (file.value as ActionFormat[]).map(({ id }) => id)));
  // An action that is missed may stand in a file with faults.
  const allNamesKnown = actionFiles.length === sources.actions.length;
  const examples = collectExamples(exampleFiles, allNamesKnown ? actionNames : undefined, faults);
  const scope = { connector: declared, accountSettings, origins, defaultHeaders, ajv };
  const actions = compileActions(actionFiles, scope, examples, faults);
  lintExampleValues(exampleFiles, { id: declared.id, actions, settings: compiledSettings }, faults);
  if (faults.length > 0 || !compiledSettings) return faults;
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
    actions,
  });
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
  examples: ReadonlyMap<string, readonly Example[]>,
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
        { ...scope, examples: examples.get(declared.id) ?? [] },
        faults,
      );
      if (action) actions.set(action.id, action);
    }
  }
  return actions;
}

function compileAuthentication(
  file: YamlFile,
  declared: ConnectorFormat,
  origins: ReadonlyMap<string, string>,
  faults: Diagnostic[],
): Map<string, Authentication> {
  const methods = new Map<string, Authentication>();
  const hosts = Object.keys(declared.hosts);
  for (const [
    index,
    { token_endpoint, client_authentication, tokens, description, ...method },
  ] of declared.authentication.entries()) {
    if (methods.has(method.id))
      faults.push(file.at(['authentication', index, 'id'], 'CON005', `"${method.id}" stands twice`));
    const host = token_endpoint.host ?? hosts[0] ?? '';
    const origin = origins.get(host);
    if (origin === undefined) {
      faults.push(
        file.at(
          ['authentication', index, 'token_endpoint', 'host'],
          'CON002',
          `unknown host "${host}"${didYouMean(host, hosts)}`,
        ),
      );
      continue;
    }
    methods.set(method.id, {
      ...method,
      description,
      tokenEndpoint: new URL(`${origin}${token_endpoint.path}`),
      clientAuthentication: client_authentication,
      tokens: new Set(tokens),
    });
  }
  return methods;
}

function compileErrors(file: YamlFile, { errors = {} }: ConnectorFormat, faults: Diagnostic[]): ErrorRules {
  const compiler = createExpressionCompiler(file, { inputs: new Set(), account: new Set() }, faults);
  const compile = (key: 'code' | 'message' | 'request_id') => {
    const text = errors[key];
    return text === undefined ? undefined : compiler.expression(['errors', key], text, ERROR_CONTEXT);
  };
  const rules = (errors.rules ?? []).flatMap(({ when, code, hint }, index) => {
    const condition = compiler.expression(['errors', 'rules', index, 'when'], when, ERROR_CONTEXT);
    if (!RULE_CODES.has(code)) {
      faults.push(
        file.at(
          ['errors', 'rules', index, 'code'],
          'CON003',
          `"${code}" is not a code for a provider's refusal${didYouMean(code, RULE_CODES)}`,
        ),
      );
    }
    return condition ? [{ when: condition, code: code as ProblemCode, hint }] : [];
  });
  return { code: compile('code'), message: compile('message'), requestId: compile('request_id'), rules };
}
