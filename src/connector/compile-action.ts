import { basename } from 'node:path';
import { baseOf, type RequestBases } from './compile-apis.ts';
import { tokensOf } from './compile-authentication.ts';
import { createExpressionCompiler, type ExpressionCompiler } from './compile-expressions.ts';
import { compileOutput } from './compile-output.ts';
import { compilePagination, pageInputs } from './compile-pagination.ts';
import { compileRequest, isBodyless, type PathValues } from './compile-request.ts';
import { compileSteps, type StepSurroundings } from './compile-steps.ts';
import type { Action, Pagination, Requirement, Step } from './connector.ts';
import { type Context, callContext, withAnswer } from './context.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ActionFormat, ConnectorFormat } from './format.ts';
import { compileInputSet, type InputChecks } from './input-set.ts';
import { lintInputs } from './lint-input.ts';
import { lintScopeNames } from './lint-scopes.ts';
import { didYouMean } from './suggest.ts';
import type { Path, YamlFile } from './yaml-file.ts';

// Long enough for a provider's slow list, short enough that a caller's own HTTP client does not give up first.
const DEFAULT_TIMEOUT_S = 30;
// Ten times the largest page seen in practice.
const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/** What an action takes over from its connector. */
export interface ActionScope {
  readonly connector: ConnectorFormat;
  readonly bases: RequestBases;
  readonly originOverrides: ReadonlyMap<string, string>;
  readonly checks: InputChecks;
}

/** An action without its examples, which stand in files of their own. */
export type BareAction = Omit<Action, 'examples'>;

/** Lints and compiles one action; undefined when it has faults, which are then in `faults`. */
export function compileAction(
  file: YamlFile,
  path: Path,
  action: ActionFormat,
  scope: ActionScope,
  faults: Diagnostic[],
): BareAction | undefined {
  const before = faults.length;
  const { connector } = scope;
  const declared = action.inputs ?? {};
  const compiler = createExpressionCompiler(file, faults);
  const context = callContext(declared, connector.account_settings ?? {}, action.file !== undefined);

  lintScopeNames([...path, 'scopes'], action.scopes, connector.scopes, compiler.fault);
  lintScopeNames([...path, 'provider_scopes'], action.provider_scopes ?? [], connector.scopes, compiler.fault);
  lintToken(path, action, connector, compiler);
  lintInputs([...path, 'inputs'], declared, scope.checks, compiler.fault);
  lintForm(path, action, compiler);
  const requires = compileRequires(path, action, context, compiler);
  const surroundings: StepSurroundings = {
    base: baseOf(action.api, [...path, 'api'], scope.bases, compiler),
    bases: scope.bases,
    context,
    originOverrides: scope.originOverrides,
    pathValues: inputValues(path, action, compiler),
    compiler,
  };
  const { steps, pagination, after } = compileWork(path, action, surroundings);
  const output = compileOutput(path, action.output, after, compiler);
  const warnings = compiler.optional([...path, 'warnings'], action.warnings, after);
  for (const name of Object.keys(declared)) {
    if (!compiler.uses(name))
      compiler.fault([...path, 'inputs', name], 'ACT002', `input "${name}" is not used`, { key: true });
  }
  if (faults.length > before || !output) return undefined;

  return Object.freeze({
    connector: connector.id,
    id: `${connector.id}_${action.id}`,
    label: action.label,
    description: action.description,
    docs: action.docs,
    api: action.api,
    resource: resourceOf(file),
    effect: action.effect,
    scopes: Object.freeze([...action.scopes]),
    providerScopes: Object.freeze([...(action.provider_scopes ?? [])]),
    token: action.token,
    inputs: compileInputSet(scope.checks, declared, action.pagination && pageInputs(action.pagination)),
    file: action.file && Object.freeze({ description: action.file.description }),
    requires: Object.freeze(requires),
    steps: Object.freeze(steps),
    composite: action.steps !== undefined,
    pagination,
    output,
    warnings,
    timeoutMs: (action.timeout_s ?? connector.defaults?.timeout_s ?? DEFAULT_TIMEOUT_S) * 1_000,
    maxResponseBytes: action.max_response_bytes ?? connector.defaults?.max_response_bytes ?? DEFAULT_MAX_RESPONSE_BYTES,
  });
}

/** A file of actions is a resource each. */
function resourceOf({ file }: YamlFile): string {
  return basename(file).replace(/\.ya?ml$/, '');
}

/** What the action does at the provider, and what can be read when it is done. */
interface Work {
  steps: readonly Step[];
  pagination: Pagination | undefined;
  after: Context;
}

function compileWork(path: Path, action: ActionFormat, surroundings: StepSurroundings): Work {
  if (action.steps) return { ...compileSteps([...path, 'steps'], action.steps, surroundings), pagination: undefined };
  const { base, context, compiler } = surroundings;
  const after = withAnswer(context);
  if (!action.request) return { steps: [], pagination: undefined, after };
  lintEffect(path, action.effect, action.request, compiler);
  const place = {
    path: [...path, 'request'],
    context,
    pathValues: surroundings.pathValues(false),
    bases: surroundings.bases,
  };
  const request = compileRequest(place, action.request, base, compiler);
  const pagination =
    action.pagination && compilePagination(path, action.pagination, action.request, request, after, compiler);
  const step = { id: 'request', kind: 'request', when: undefined, forEach: undefined, find: undefined } as const;
  // The caller pages through the action; the step itself is one request.
  return { steps: request ? [Object.freeze({ ...step, request, pagination: undefined })] : [], pagination, after };
}

/** An action has one of the two forms, with what belongs to it. */
function lintForm(path: Path, action: ActionFormat, { fault }: ExpressionCompiler): void {
  const { request, steps, pagination, file } = action;
  if (!request && !steps) fault(path, 'ACT016', 'an action has either "request" or "steps"');
  if (request && steps) fault([...path, 'steps'], 'ACT016', 'an action with "request" has no "steps"', { key: true });
  else if (pagination && steps)
    fault([...path, 'pagination'], 'ACT016', 'with "steps", pagination is that of a step', { key: true });
  const uploads = (steps ?? []).flatMap((step, index) =>
    'upload_parts' in step || 'upload_file' in step ? [{ step, index }] : [],
  );
  if (file && uploads.length === 0) fault([...path, 'file'], 'ACT019', 'no step uploads the file', { key: true });
  if (file) return;
  for (const { step, index } of uploads) {
    const verb = 'upload_parts' in step ? 'upload_parts' : 'upload_file';
    fault([...path, 'steps', index, verb], 'ACT019', 'the action takes no file; declare "file"', { key: true });
  }
}

function lintEffect(
  path: Path,
  effect: ActionFormat['effect'],
  { method }: NonNullable<ActionFormat['request']>,
  { fault }: ExpressionCompiler,
): void {
  if (effect === 'read' && !isBodyless(method))
    fault([...path, 'request', 'method'], 'ACT010', `effect is read, but the method is ${method}`);
  if (effect !== 'read' && isBodyless(method))
    fault([...path, 'effect'], 'ACT010', `the method is ${method}, but the effect is ${effect}`);
}

function lintToken(
  path: Path,
  { token }: ActionFormat,
  connector: ConnectorFormat,
  { fault }: ExpressionCompiler,
): void {
  if (token !== 'any' && !connector.authentication.some((method) => tokensOf(method).includes(token)))
    fault([...path, 'token'], 'ACT013', `no authentication method of the connector gives ${token} tokens`);
}

function compileRequires(
  path: Path,
  { requires = [], inputs = {} }: ActionFormat,
  context: Context,
  compiler: ExpressionCompiler,
): Requirement[] {
  return requires.flatMap(({ that, token, input, message }, index) => {
    const at = [...path, 'requires', index];
    if (input !== undefined && !Object.hasOwn(inputs, input)) {
      const hint = didYouMean(input, Object.keys(inputs));
      compiler.fault([...at, 'input'], 'ACT003', `input "${input}" is not declared${hint}`);
    }
    const compiled = compiler.expression([...at, 'that'], that, context);
    return compiled ? [Object.freeze({ that: compiled, token, input, message })] : [];
  });
}

/** Values of the path from inputs; one that may be missing is reported once, however many requests take it. */
function inputValues(path: Path, { inputs = {} }: ActionFormat, compiler: ExpressionCompiler) {
  const declared = new Set(Object.keys(inputs));
  const reported = new Set<string>();
  return (optional: boolean): PathValues => ({
    from: 'inputs',
    declared,
    lint(name) {
      const input = inputs[name];
      // A step that is left out when the input is missing takes no harm.
      if (optional || input?.required || input?.default !== undefined || reported.has(name)) return;
      reported.add(name);
      const message = `input "${name}" stands in the path: it must be required or have a default`;
      compiler.fault([...path, 'inputs', name], 'ACT008', message, { key: true });
    },
  });
}
