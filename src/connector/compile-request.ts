import type { ActionScope } from './compile-action.ts';
import { type ExpressionCompiler, REQUEST_CONTEXT } from './compile-expressions.ts';
import type { PathSegment, RequestPlan } from './connector.ts';
import type { ActionFormat } from './format.ts';
import type { FaultAt } from './lint-input.ts';
import { didYouMean } from './suggest.ts';
import type { Path } from './yaml-file.ts';

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

/** Reports declared headers that the server sets itself; `at` is the path of the headers. */
export function lintHeaders(at: Path, headers: object | undefined, fault: FaultAt): void {
  for (const name of Object.keys(headers ?? {})) {
    if (RESERVED_HEADERS.has(name.toLowerCase()))
      fault([...at, name], 'ACT012', `header "${name}" is set by the server`, { key: true });
  }
}

/** Lints and compiles the request of the action at `path`. */
export function compileRequest(
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
  lintMethod(action, fault);
  lintHeaders(['request', 'headers'], request.headers, fault);

  const at = (...steps: Path) => [...path, 'request', ...steps];
  const entries = (group: 'query' | 'headers') =>
    Object.entries(request[group] ?? {}).flatMap(([name, value]) => {
      const template = compiler.template(at(group, name), value, REQUEST_CONTEXT);
      return template ? [[name, template] as const] : [];
    });
  const headers = new Map(
    [...scope.defaultHeaders, ...entries('headers')].map(([name, value]) => [name.toLowerCase(), value]),
  );
  const segments = compilePath(path, action, compiler, fault);
  const query = entries('query');
  const body = request.body === undefined ? undefined : compiler.body(at('body'), request.body, REQUEST_CONTEXT);
  if (origin === undefined) return undefined;
  return Object.freeze({ method: request.method, origin, segments, query, headers: [...headers], body });
}

function lintMethod({ effect, request: { method, body } }: ActionFormat, fault: FaultAt): void {
  const bodyless = method === 'GET' || method === 'HEAD';
  if (effect === 'read' && !bodyless)
    fault(['request', 'method'], 'ACT010', `effect is read, but the method is ${method}`);
  if (bodyless && body !== undefined) fault(['request', 'body'], 'ACT010', `a ${method} has no body`, { key: true });
  if (bodyless && effect !== 'read')
    fault(['effect'], 'ACT010', `the method is ${method}, but the effect is ${effect}`);
}

function compilePath(path: Path, action: ActionFormat, compiler: ExpressionCompiler, fault: FaultAt): PathSegment[] {
  const given = new Map(Object.entries(action.request.path_params ?? {}));
  const inputs = new Map(Object.entries(action.inputs ?? {}));
  const unused = new Set(given.keys());
  const segments: PathSegment[] = [];
  let offset = 1;
  for (const segment of action.request.path.slice(1).split('/')) {
    const place = { offset };
    offset += segment.length + 1;
    const name = /^\{([a-z0-9_]+)\}$/.exec(segment)?.[1];
    if (name === undefined) {
      // What RFC 3986 allows in a segment without encoding.
      if (!/^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/.test(segment))
        fault(['request', 'path'], 'ACT007', `segment "${segment}" is neither plain text nor one {name}`, place);
      else if (/^\.+$/.test(segment))
        fault(['request', 'path'], 'ACT007', `segment "${segment}" would leave the path`, place);
      segments.push({ literal: segment });
      continue;
    }
    unused.delete(name);
    const input = inputs.get(name);
    if (!given.has(name)) {
      compiler.use(name);
      if (!input) {
        const hint = didYouMean(name, inputs.keys());
        fault(['request', 'path'], 'ACT003', `input "${name}" is not declared${hint}`, place);
        continue;
      }
      if (!input.required && input.default === undefined) {
        const message = `input "${name}" stands in the path: it must be required or have a default`;
        fault(['inputs', name], 'ACT008', message, { key: true });
      }
    }
    const value = compiler.template(
      [...path, 'request', 'path_params', name],
      given.get(name) ?? `\${inputs.${name}}`,
      REQUEST_CONTEXT,
    );
    if (value) segments.push({ name, value });
  }
  for (const name of unused)
    fault(['request', 'path_params', name], 'ACT007', `"${name}" does not stand in the path`, { key: true });
  return segments;
}
