import type { Ajv } from 'ajv';
import type { Template } from '../expression/template.ts';
import {
  createExpressionCompiler,
  type ExpressionCompiler,
  type Piece,
  REQUEST_CONTEXT,
  RESPONSE_CONTEXT,
} from './compile-expressions.ts';
import {
  type Action,
  type Example,
  type JsonSchema,
  type Output,
  PAGE_INPUTS,
  type Pagination,
  type PathSegment,
  type RequestPlan,
} from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ActionFormat, ConnectorFormat, InputFormat, OutputFormat } from './format.ts';
import { compileInputSet, schemaOf } from './input-set.ts';
import { didYouMean } from './suggest.ts';
import type { Path, YamlFile } from './yaml-file.ts';

// Long enough for a provider's slow list, short enough that a caller's own HTTP client does not give up first.
const DEFAULT_TIMEOUT_S = 30;
// Ten times the largest page seen in practice.
const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
// Where a provider does not say how large a page may be.
const DEFAULT_MAX_PAGE_SIZE = 1_000;

/** What an action takes over from its connector. */
export interface ActionScope {
  readonly connector: ConnectorFormat;
  readonly accountSettings: ReadonlySet<string>;
  /** Host name -> origin, after the operator's replacements. */
  readonly origins: ReadonlyMap<string, string>;
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
  const fault = (at: Path, rule: Diagnostic['rule'], message: string, place?: { key?: boolean }) =>
    faults.push(file.at([...path, ...at], rule, message, place));

  for (const list of ['scopes', 'provider_scopes'] as const) {
    for (const [index, name] of (action[list] ?? []).entries()) {
      if (!Object.hasOwn(connector.scopes, name))
        fault([list, index], 'ACT014', `unknown scope "${name}"${didYouMean(name, Object.keys(connector.scopes))}`);
    }
  }
  const kinds = new Set(connector.authentication.flatMap(({ tokens }) => tokens));
  if (action.token === 'app' && !kinds.has('app'))
    fault(['token'], 'ACT013', 'no authentication method of the connector gives app tokens');
  lintInputs(action, scope, fault);

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

type FaultAt = (at: Path, rule: Diagnostic['rule'], message: string, place?: { key?: boolean }) => void;

function lintInputs(action: ActionFormat, scope: ActionScope, fault: FaultAt): void {
  for (const [name, input] of Object.entries(action.inputs ?? {})) {
    if ((PAGE_INPUTS as readonly string[]).includes(name))
      fault(['inputs', name], 'ACT009', `"${name}" is added by the server to paginated actions`, { key: true });
    lintInput(['inputs', name], input, scope, fault);
  }
}

/** Checks one declared value: its pattern compiles, its default, example and enum values are of its own type. */
export function lintInput(at: Path, input: InputFormat, scope: Pick<ActionScope, 'ajv'>, fault: FaultAt): void {
  let valid: (value: unknown) => boolean;
  try {
    valid = scope.ajv.compile(schemaOf(input));
  } catch (error) {
    fault(
      [...at, 'pattern'],
      'ACT006',
      `pattern is not accepted: ${error instanceof Error ? error.message : String(error)}`,
    );
    return;
  }
  for (const key of ['default', 'example'] as const) {
    if (input[key] !== undefined && !valid(input[key]))
      fault([...at, key], 'ACT011', `${key} is not valid for the input itself`);
  }
  const typeOnly = scope.ajv.compile({ type: input.type });
  for (const [index, value] of (input.enum ?? []).entries()) {
    if (!typeOnly(value)) fault([...at, 'enum', index], 'ACT011', `must be ${input.type}`);
  }
}

// Set by the server for every request; a declaration would be silently lost or do harm.
const RESERVED_HEADERS = new Set([
  'authorization',
  'host',
  'content-length',
  'accept-encoding',
  'connection',
  'transfer-encoding',
  'cookie',
  'proxy-authorization',
  'te',
  'upgrade',
]);

function compileRequest(
  path: Path,
  action: ActionFormat,
  scope: ActionScope,
  compiler: ExpressionCompiler,
  fault: FaultAt,
): RequestPlan | undefined {
  const { request } = action;
  const hosts = Object.keys(scope.connector.hosts);
  const host = request.host ?? hosts[0] ?? '';
  const origin = scope.origins.get(host);
  if (origin === undefined) fault(['request', 'host'], 'CON002', `unknown host "${host}"${didYouMean(host, hosts)}`);

  const bodyless = request.method === 'GET' || request.method === 'HEAD';
  if (action.effect === 'read' && !bodyless)
    fault(['request', 'method'], 'ACT010', `effect is read, but the method is ${request.method}`);
  if (bodyless && request.body !== undefined)
    fault(['request', 'body'], 'ACT010', `a ${request.method} has no body`, { key: true });
  if (bodyless && action.effect !== 'read')
    fault(['effect'], 'ACT010', `the method is ${request.method}, but the effect is ${action.effect}`);

  const at = (...steps: Path) => [...path, 'request', ...steps];
  const entries = (group: 'query' | 'headers', values: Readonly<Record<string, string | number | boolean>>) =>
    Object.entries(values).flatMap(([name, value]) => {
      const template = compiler.template(at(group, name), value, REQUEST_CONTEXT);
      return template ? [[name, template] as const] : [];
    });
  for (const name of Object.keys(request.headers ?? {})) {
    if (RESERVED_HEADERS.has(name.toLowerCase()))
      fault(['request', 'headers', name], 'ACT012', `header "${name}" is set by the server`, { key: true });
  }
  const headers = new Map(
    entries('headers', { ...scope.connector.defaults?.headers, ...request.headers }).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  const segments = compilePath(path, action, compiler, fault);
  const body = request.body === undefined ? undefined : compiler.body(at('body'), request.body, REQUEST_CONTEXT);
  return origin === undefined
    ? undefined
    : Object.freeze({
        method: request.method,
        origin,
        segments,
        query: entries('query', request.query ?? {}),
        headers: [...headers],
        body,
      });
}

function compilePath(path: Path, action: ActionFormat, compiler: ExpressionCompiler, fault: FaultAt): PathSegment[] {
  const { request } = action;
  const refuse = (message: string) => fault(['request', 'path'], 'ACT007', message);
  const parameters = new Set(Object.keys(request.path_params ?? {}));
  const segments = request.path
    .slice(1)
    .split('/')
    .flatMap((segment): PathSegment[] => {
      const name = /^\{([a-z0-9_]+)\}$/.exec(segment)?.[1];
      if (name === undefined) {
        // What RFC 3986 allows in a segment without encoding.
        if (!/^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/.test(segment))
          refuse(`segment "${segment}" is neither plain text nor one {name}`);
        if (/^\.+$/.test(segment)) refuse(`segment "${segment}" would leave the path`);
        return [{ literal: segment }];
      }
      parameters.delete(name);
      const given = request.path_params?.[name];
      const input = action.inputs?.[name];
      if (given === undefined) {
        compiler.use(name);
        if (!input) {
          fault(
            ['request', 'path'],
            'ACT003',
            `input "${name}" is not declared${didYouMean(name, Object.keys(action.inputs ?? {}))}`,
          );
          return [];
        }
        if (!input.required && input.default === undefined)
          fault(
            ['inputs', name],
            'ACT008',
            `input "${name}" stands in the path: it must be required or have a default`,
            { key: true },
          );
      }
      const value: Template | undefined = compiler.template(
        [...path, 'request', 'path_params', name],
        given ?? `\${inputs.${name}}`,
        REQUEST_CONTEXT,
      );
      return value ? [{ name, value }] : [];
    });
  for (const name of parameters)
    fault(['request', 'path_params', name], 'ACT007', `"${name}" does not stand in the path`, { key: true });
  return segments;
}

function compilePagination(
  path: Path,
  action: ActionFormat,
  compiler: ExpressionCompiler,
  fault: FaultAt,
): Pagination | undefined {
  const { pagination } = action;
  if (!pagination) return undefined;
  const own =
    pagination.style === 'page_number' ? [pagination.number, pagination.size] : [pagination.cursor, pagination.size];
  for (const name of Object.keys(action.request.query ?? {})) {
    if (own.includes(name))
      fault(['request', 'query', name], 'ACT015', `"${name}" is set by the pagination`, { key: true });
  }
  if (pagination.style === 'page_number') {
    const more = compiler.expression([...path, 'pagination', 'more'], pagination.more, RESPONSE_CONTEXT);
    return (
      more && { style: 'page_number', number: pagination.number, first: pagination.first, size: pagination.size, more }
    );
  }
  const next = compiler.expression([...path, 'pagination', 'next'], pagination.next, RESPONSE_CONTEXT);
  return next && { style: 'cursor', cursor: pagination.cursor, size: pagination.size, next };
}

function pageInputs({ pagination }: ActionFormat): Record<string, JsonSchema> {
  const maximum = pagination?.max_size ?? DEFAULT_MAX_PAGE_SIZE;
  return {
    ...(pagination?.size !== undefined && {
      page_size: { type: 'integer', minimum: 1, maximum, description: `Items per page, at most ${maximum}.` },
    }),
    next: { type: 'string', minLength: 1, description: '"next" of the page before, with the same inputs otherwise.' },
  };
}

function compileOutput(path: Path, output: OutputFormat, compiler: ExpressionCompiler): Output | undefined {
  const properties = Object.fromEntries(
    Object.entries(output.fields ?? {}).map(([name, { type, description }]) => [
      name,
      { type, ...(description && { description }) },
    ]),
  );
  const item: JsonSchema = output.fields ? { type: 'object', properties, additionalProperties: false } : {};
  const at = (key: string, text: string): Piece => ({ path: [...path, 'output', key], text });
  // The line breaks end a piece's last token, the parentheses keep its operators to itself.
  const bindings = Object.entries(output.let ?? {}).flatMap(([name, text]): Piece[] => [
    `$${name} := (`,
    { path: [...path, 'output', 'let', name], text },
    '\n); ',
  ]);
  const assemble = (...shape: Piece[]) => compiler.assembled(['(', ...bindings, ...shape, ')'], RESPONSE_CONTEXT);
  if ('object' in output) {
    const shape = assemble(at('object', output.object), '\n');
    return shape && { kind: 'object', shape, schema: item };
  }
  // The brackets keep a list of one a list, and a list of none a list.
  const shape =
    output.item === undefined
      ? assemble('[', at('list', output.list), '\n]')
      : assemble('[(', at('list', output.list), '\n).(', at('item', output.item), '\n)]');
  return shape && { kind: 'list', shape, schema: { type: 'array', items: item } };
}
