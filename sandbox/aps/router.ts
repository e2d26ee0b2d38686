import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { badInput } from './errors.ts';
import type { RefusalStyle } from './refusal-styles.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a route does with the body: ignores it, gets it parsed, or reads `ApiContext.incoming` itself. */
export type BodyRule = 'none' | 'json' | 'stream';

/** `app` refuses tokens of a person; `none` is reached without a token, and refuses one. */
export type TokenRule = 'app' | 'any' | 'none';

export interface Route {
  method: Method;
  /** Segments; one that starts with `:` is a parameter. */
  pattern: readonly string[];
  /** All of them are needed. */
  scopes: readonly string[];
  token: TokenRule;
  /** Published requests per minute per app; `undefined` where none is published. */
  perMinute: number | undefined;
  /** Routes of the same budget are counted together; each route by itself when absent. */
  budget?: string;
  /** False for what the live service answers although the app is provisioned nowhere. */
  needsProvisioning: boolean;
  body: BodyRule;
  maxBodyBytes: number;
  /** Answers of a GET may be kept until the next write; only for what depends on nothing but address, user and state. */
  cached: boolean;
  /** How the family of this route words the refusals that are decided before its handler. */
  style: RefusalStyle;
  handle: (context: ApiContext) => Answer | Promise<Answer>;
}

/** What a file of routes has to say about one: the rest has defaults. */
export type RouteSpec = Pick<Route, 'scopes' | 'style' | 'handle'> &
  Partial<Omit<Route, 'method' | 'pattern' | 'scopes' | 'style' | 'handle'>>;

export interface RouteMatch {
  route: Route;
  /** Still percent-encoded, in the order of the pattern. */
  encoded: readonly string[];
}

export interface Router {
  /** The route; or the methods the path knows, none of them being the asked one; `undefined` for an unknown path. */
  match(method: string, path: string): RouteMatch | { allowed: readonly Method[] } | undefined;
}

/** Above the largest JSON body that any reference page describes. */
const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/** A JSON body is read for POST, PUT and PATCH unless the spec says otherwise. */
export function route(method: Method, path: string, spec: RouteSpec): Route {
  return {
    method,
    pattern: path.split('/').slice(1),
    token: 'any',
    perMinute: undefined,
    needsProvisioning: true,
    body: method === 'GET' || method === 'DELETE' ? 'none' : 'json',
    maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
    cached: false,
    ...spec,
  };
}

/** The first route that fits wins, so a literal segment is registered before a parameter at its place. */
export function createRouter(routes: readonly Route[]): Router {
  const byLength = Map.groupBy(routes, (one) => one.pattern.length);
  return {
    match(method, path) {
      const segments = path.split('/').slice(1);
      const allowed: Method[] = [];
      for (const candidate of byLength.get(segments.length) ?? []) {
        const encoded = positions(candidate.pattern, segments);
        if (encoded === undefined) continue;
        if (candidate.method === method) return { route: candidate, encoded };
        allowed.push(candidate.method);
      }
      return allowed.length === 0 ? undefined : { allowed };
    },
  };
}

function positions(pattern: readonly string[], segments: readonly string[]): string[] | undefined {
  const encoded: string[] = [];
  const fits = pattern.every((part, index) => {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) return part === segment;
    encoded.push(segment);
    return segment !== '';
  });
  return fits ? encoded : undefined;
}

/** Refuses broken percent-encoding as malformed input. */
export function decodeParams(match: RouteMatch): Record<string, string> {
  const names = match.route.pattern.filter((part) => part.startsWith(':')).map((part) => part.slice(1));
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match.encoded[index] ?? '')]));
  } catch {
    throw badInput('The path is not properly encoded');
  }
}

/** What the server hands over of one request. */
export interface ApiRequest {
  method: string;
  /** As received, query included. */
  url: string;
  path: string;
  incoming: IncomingMessage;
}
