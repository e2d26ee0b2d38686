import type { Ajv } from 'ajv';
import type { Template } from '../expression/template.ts';
import { createExpressionCompiler, RESPONSE_CONTEXT } from './compile-expressions.ts';
import { compileOutput, compilePagination, pageInputs } from './compile-output.ts';
import { compileRequest } from './compile-request.ts';
import type { Action, Example } from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ActionFormat, ConnectorFormat } from './format.ts';
import { compileInputSet } from './input-set.ts';
import { type FaultAt, lintInputs } from './lint-input.ts';
import { didYouMean } from './suggest.ts';
import type { Path, YamlFile } from './yaml-file.ts';

// Long enough for a provider's slow list, short enough that a caller's own HTTP client does not give up first.
const DEFAULT_TIMEOUT_S = 30;
// Ten times the largest page seen in practice.
const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/** What an action takes over from its connector. */
export interface ActionScope {
  readonly connector: ConnectorFormat;
  readonly accountSettings: ReadonlySet<string>;
  /** Host name -> origin, after the operator's replacements. */
  readonly origins: ReadonlyMap<string, string>;
  /** The connector's own, compiled once for all actions. */
  readonly defaultHeaders: readonly (readonly [name: string, value: Template])[];
  readonly ajv: Ajv;
  readonly examples: readonly Example[];
}

/** Lints and compiles one action; undefined when it has faults, which are then in `faults`. */
export function compileAction(
  file: YamlFile,
  path: Path,
  action: ActionFormat,
  scope: ActionScope,
  faults: Diagnostic[],
): Action | undefined {
  const before = faults.length;
  const { connector } = scope;
  const declared = action.inputs ?? {};
  const compiler = createExpressionCompiler(
    file,
    { inputs: new Set(Object.keys(declared)), account: scope.accountSettings },
    faults,
  );
  const fault: FaultAt = (at, rule, message, place) => faults.push(file.at([...path, ...at], rule, message, place));

  lintScopes(action, connector, fault);
  lintInputs(declared, scope.ajv, fault);
  const request = compileRequest(path, action, scope, compiler, fault);
  const pagination = compilePagination(path, action, compiler, fault);
  const output = compileOutput(path, action.output, compiler);
  const warnings =
    action.warnings === undefined
      ? undefined
      : compiler.expression([...path, 'warnings'], action.warnings, RESPONSE_CONTEXT);
  for (const name of Object.keys(declared)) {
    if (!compiler.usedInputs.has(name)) fault(['inputs', name], 'ACT002', `input "${name}" is not used`, { key: true });
  }
  if (faults.length > before || !request || !output) return undefined;

  return Object.freeze({
    connector: connector.id,
    id: `${connector.id}_${action.id}`,
    label: action.label,
    description: action.description,
    docs: action.docs,
    effect: action.effect,
    scopes: Object.freeze([...action.scopes]),
    providerScopes: Object.freeze([...(action.provider_scopes ?? [])]),
    token: action.token,
    inputs: compileInputSet(scope.ajv, declared, pagination && pageInputs(action)),
    request,
    pagination,
    output,
    warnings,
    timeoutMs: (action.timeout_s ?? connector.defaults?.timeout_s ?? DEFAULT_TIMEOUT_S) * 1_000,
    maxResponseBytes: action.max_response_bytes ?? connector.defaults?.max_response_bytes ?? DEFAULT_MAX_RESPONSE_BYTES,
    examples: scope.examples,
  });
}

function lintScopes(action: ActionFormat, connector: ConnectorFormat, fault: FaultAt): void {
  for (const list of ['scopes', 'provider_scopes'] as const) {
    for (const [index, name] of (action[list] ?? []).entries()) {
      if (!Object.hasOwn(connector.scopes, name))
        fault([list, index], 'ACT014', `unknown scope "${name}"${didYouMean(name, Object.keys(connector.scopes))}`);
    }
  }
  const { token } = action;
  if (token !== 'any' && !connector.authentication.some(({ tokens }) => tokens.includes(token)))
    fault(['token'], 'ACT013', `no authentication method of the connector gives ${token} tokens`);
}
