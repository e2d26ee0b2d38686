import { baseOf, type RequestBase, type RequestBases } from './compile-apis.ts';
import type { ExpressionCompiler } from './compile-expressions.ts';
import type { PathSegment, RequestPlan } from './connector.ts';
import { type Context, withAnswer } from './context.ts';
import type { RequestFormat } from './format.ts';
import { lintHeaders } from './lint-headers.ts';
import { isForm } from './media-type.ts';
import { didYouMean } from './suggest.ts';
import type { Path, Place } from './yaml-file.ts';

const CONTENT_TYPE = 'content-type';

/** Where a request stands, and what its expressions can read there. */
export interface RequestPlace {
  readonly path: Path;
  readonly context: Context;
  /** Where the values of the path's {names} come from, unless path_params gives them. */
  readonly pathValues: PathValues;
  /** For a request that names an API of its own. */
  readonly bases: RequestBases;
}

export interface PathValues {
  readonly from: 'inputs' | 'account';
  readonly declared: ReadonlySet<string>;
  /** Told of each value that the path takes; reports it when it may be missing. */
  lint(name: string, path: Path, place: Place): void;
}

/** Lints and compiles one request. */
export function compileRequest(
  place: RequestPlace,
  request: RequestFormat,
  surrounding: RequestBase,
  compiler: ExpressionCompiler,
): RequestPlan | undefined {
  const { path, context, bases } = place;
  const at = (...steps: Path) => [...path, ...steps];
  const base = request.api === undefined ? surrounding : baseOf(request.api, at('api'), bases, compiler);
  const hosts = [...base.origins.keys()];
  const host = request.host ?? hosts[0] ?? '';
  const origin = base.origins.get(host);
  if (origin === undefined) compiler.fault(at('host'), 'CON002', `unknown host "${host}"${didYouMean(host, hosts)}`);
  if (isBodyless(request.method) && request.body !== undefined)
    compiler.fault(at('body'), 'ACT010', `a ${request.method} has no body`, { key: true });
  lintHeaders(at('headers'), request.headers, compiler.fault);
  for (const name of Object.keys(request.headers ?? {})) {
    if (bases.keyHeaders.has(name.toLowerCase()))
      compiler.fault(at('headers', name), 'CON010', `header "${name}" carries the API key`, { key: true });
  }

  const contentType = compileContentType(at, request, base, compiler);
  const own = compiler.templates(at('headers'), request.headers, context);
  const headers = new Map([...base.headers, ...own.map(([name, value]) => [name.toLowerCase(), value] as const)]);
  const segments = compilePath(place, request, compiler);
  const query = compiler.templates(at('query'), request.query, context);
  const body = request.body === undefined ? undefined : compiler.body(at('body'), request.body, context);
  const refusedWhen = compiler.optional(at('refused_when'), request.refused_when, withAnswer(context));
  if (origin === undefined) return undefined;
  return Object.freeze({
    method: request.method,
    origin,
    declaredOrigin: base.declaredOrigins.get(host) ?? origin,
    template: request.path,
    segments,
    query,
    queryLists: request.query_lists ?? 'commas',
    headers: [...headers],
    body,
    bodyEncoding: isForm(contentType) ? 'form' : 'json',
    contentType,
    acceptStatus: new Set(request.accept_status ?? []),
    refusedWhen,
    rateLimit: base.rateLimit(request.method, request.path),
  });
}

/** The Content-Type of the body, by which it is written. */
function compileContentType(
  at: (...steps: Path) => Path,
  { body, content_type, headers = {} }: RequestFormat,
  base: RequestBase,
  { fault }: ExpressionCompiler,
): string {
  if (content_type !== undefined && body === undefined)
    fault(at('content_type'), 'ACT025', 'there is no body', { key: true });
  const contentType = content_type ?? base.contentType;
  if (!isForm(contentType) || body === undefined) return contentType;
  const header = Object.keys(headers).find((name) => name.toLowerCase() === CONTENT_TYPE);
  if (header !== undefined)
    fault(at('headers', header), 'ACT025', 'the body is a form by its content_type', { key: true });
  else if (base.headers.has(CONTENT_TYPE))
    fault(at('body'), 'ACT025', 'the body is a form by its content_type, and all requests have a content-type header');
  // What an expression gives is known only when it is evaluated.
  const isExpression = typeof body === 'string' && body.startsWith('${') && body.endsWith('}');
  if (!isExpression && (typeof body !== 'object' || body === null || Array.isArray(body)))
    fault(at('body'), 'ACT024', 'a form is a mapping of names to values');
  return contentType;
}

/** RFC 9110 §9.3.1, §9.3.2: content of a GET or HEAD means nothing. */
export function isBodyless(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function compilePath(
  { path, context, pathValues }: RequestPlace,
  request: RequestFormat,
  compiler: ExpressionCompiler,
): PathSegment[] {
  const at = [...path, 'path'];
  const given = new Map(Object.entries(request.path_params ?? {}));
  const slashes = new Set(request.allow_slashes ?? []);
  const names = new Set<string>();
  const segments: PathSegment[] = [];
  let offset = 1;
  for (const segment of request.path.slice(1).split('/')) {
    const place = { offset };
    offset += segment.length + 1;
    const name = /^\{([a-z0-9_]+)\}$/.exec(segment)?.[1];
    if (name === undefined) {
      // What RFC 3986 allows in a segment without encoding.
      if (!/^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/.test(segment))
        compiler.fault(at, 'ACT007', `segment "${segment}" is neither plain text nor one {name}`, place);
      else if (/^\.+$/.test(segment)) compiler.fault(at, 'ACT007', `segment "${segment}" would leave the path`, place);
      segments.push({ literal: segment });
      // An input in it is not unused as well.
      for (const [, inside = ''] of segment.matchAll(/\{([a-z0-9_]+)\}/g))
        if (pathValues.declared.has(inside)) compiler.template(at, `\${${pathValues.from}.${inside}}`, context);
      continue;
    }
    names.add(name);
    const value = given.get(name) ?? pathTemplate(name, at, place, pathValues, compiler);
    const template =
      value === undefined ? undefined : compiler.template([...path, 'path_params', name], value, context);
    if (template) segments.push({ name, value: template, slashes: slashes.has(name) });
  }
  for (const name of given.keys()) {
    if (!names.has(name))
      compiler.fault([...path, 'path_params', name], 'ACT007', `"${name}" does not stand in the path`, { key: true });
  }
  for (const [index, name] of (request.allow_slashes ?? []).entries()) {
    if (!names.has(name))
      compiler.fault([...path, 'allow_slashes', index], 'ACT007', `"${name}" does not stand in the path`);
  }
  return segments;
}

/** The template of a {name} that path_params does not give. */
function pathTemplate(
  name: string,
  at: Path,
  place: Place,
  { from, declared, lint }: PathValues,
  compiler: ExpressionCompiler,
): string | undefined {
  if (!declared.has(name)) {
    const [rule, what] = from === 'inputs' ? (['ACT003', 'input'] as const) : (['ACT004', 'account setting'] as const);
    compiler.fault(at, rule, `${what} "${name}" is not declared${didYouMean(name, declared)}`, place);
    return undefined;
  }
  lint(name, at, place);
  return `\${${from}.${name}}`;
}
