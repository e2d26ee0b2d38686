import type { Template } from '../expression/template.ts';
import type { ExpressionCompiler } from './compile-expressions.ts';
import type { RateLimit } from './connector.ts';
import { type Context, callContext } from './context.ts';
import type { ConnectorFormat } from './format/connector.ts';
import { lintHeaders } from './lint-headers.ts';
import { didYouMean } from './suggest.ts';
import type { Path } from './yaml-file.ts';

type ApiFormat = NonNullable<ConnectorFormat['apis']>[string];

const DEFAULT_CONTENT_TYPE = 'application/json';
const MS_PER_S = 1_000;

/** What requests take over from their connector and API. */
export interface RequestBase {
  /** Host name -> origin, after the operator's replacements. The first is the one of requests that name none. */
  readonly origins: ReadonlyMap<string, string>;
  /** The same without the operator's replacements. */
  readonly declaredOrigins: ReadonlyMap<string, string>;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, Template>;
  readonly contentType: string;
  /** The limit on an endpoint, given by its method and declared path. */
  rateLimit(method: string, path: string): RateLimit | undefined;
}

/** The bases of a connector's requests. */
export interface RequestBases {
  /** Of requests that belong to no API. */
  readonly plain: RequestBase;
  readonly byApi: ReadonlyMap<string, RequestBase>;
  /** Lower-case names of headers that API keys are sent in. */
  readonly keyHeaders: ReadonlySet<string>;
}

/** Lints and compiles the defaults and the APIs of a connector. */
export function compileApis(
  declared: ConnectorFormat,
  origins: ReadonlyMap<string, string>,
  compiler: ExpressionCompiler,
): RequestBases {
  const context = callContext({}, declared.account_settings ?? {}, false);
  const headers = compileHeaders(['defaults', 'headers'], declared.defaults?.headers, context, compiler);
  const declaredOrigins = new Map(Object.entries(declared.hosts));
  const plain = { origins, declaredOrigins, headers, contentType: DEFAULT_CONTENT_TYPE, rateLimit: () => undefined };
  const byApi = Object.entries(declared.apis ?? {}).map(([name, api]) => {
    const own = compileHeaders(['apis', name, 'headers'], api.headers, context, compiler);
    const base: RequestBase = {
      origins,
      declaredOrigins,
      headers: new Map([...headers, ...own]),
      contentType: api.content_type ?? DEFAULT_CONTENT_TYPE,
      rateLimit: compileRateLimits(`${declared.id}.${name}`, ['apis', name, 'rate_limits'], api, compiler),
    };
    return [name, base] as const;
  });
  return { plain, byApi: new Map(byApi), keyHeaders: keyHeadersOf(declared) };
}

function keyHeadersOf({ authentication }: ConnectorFormat): Set<string> {
  return new Set(
    authentication.flatMap((method) =>
      method.grant === 'api_key' && method.placement.in === 'header' ? [method.placement.name.toLowerCase()] : [],
    ),
  );
}

/** The base of what names an API, or none; `at` is where it does. One that is unknown is a fault. */
export function baseOf(
  api: string | undefined,
  at: Path,
  bases: RequestBases,
  compiler: ExpressionCompiler,
): RequestBase {
  if (api === undefined) return bases.plain;
  const base = bases.byApi.get(api);
  if (!base) compiler.fault(at, 'CON006', `unknown API "${api}"${didYouMean(api, bases.byApi.keys())}`);
  return base ?? bases.plain;
}

function compileHeaders(
  path: Path,
  headers: ApiFormat['headers'],
  context: Context,
  compiler: ExpressionCompiler,
): Map<string, Template> {
  lintHeaders(path, headers, compiler.fault);
  return new Map(compiler.templates(path, headers, context).map(([name, value]) => [name.toLowerCase(), value]));
}

function compileRateLimits(
  prefix: string,
  path: Path,
  { rate_limits = [] }: ApiFormat,
  compiler: ExpressionCompiler,
): RequestBase['rateLimit'] {
  const ids = new Set<string>();
  const byEndpoint = new Map<string, RateLimit>();
  let others: RateLimit | undefined;
  for (const [index, { id, requests, per_s, endpoints }] of rate_limits.entries()) {
    if (ids.has(id)) compiler.fault([...path, index, 'id'], 'CON007', `limit "${id}" stands twice`);
    ids.add(id);
    const limit = Object.freeze({ id: `${prefix}.${id}`, requests, windowMs: per_s * MS_PER_S });
    if (!endpoints && others)
      compiler.fault([...path, index], 'CON007', 'only one limit can be that of all other endpoints');
    if (!endpoints) others ??= limit;
    for (const [position, endpoint] of (endpoints ?? []).entries()) {
      const key = endpointKey(endpoint);
      if (byEndpoint.has(key))
        compiler.fault(
          [...path, index, 'endpoints', position],
          'CON007',
          `endpoint "${key}" stands in a limit already`,
        );
      byEndpoint.set(key, limit);
    }
  }
  return (method, template) => byEndpoint.get(endpointKey(`${method} ${template}`)) ?? others;
}

/** What varies in a path has a name in one declaration and none in the other. */
function endpointKey(endpoint: string): string {
  return endpoint.replace(/\{[^}]*\}/g, '{}');
}
