import { RE2JS } from 're2js';
import type { ExpressionCompiler } from './compile-expressions.ts';
import type { Authentication, KeyPattern, Placement } from './connector.ts';
import { type Context, leaves } from './context.ts';
import type { AuthenticationFormat } from './format/authentication.ts';
import type { ConnectorFormat } from './format.ts';
import { isServerHeader } from './lint-headers.ts';
import type { Path } from './yaml-file.ts';

export type ApiKeyFormat = Extract<AuthenticationFormat, { grant: 'api_key' }>;

/** RFC 6750 §2.1: where tokens of OAuth stand. */
export const BEARER: Placement = Object.freeze({ in: 'header', name: 'authorization', prefix: 'Bearer ' });

const IDENTITY_ANSWER: Context = leaves('status', 'headers', 'body');

/** What is particular to a method with keys, linted and compiled. */
export function compileApiKey(
  at: Path,
  method: ApiKeyFormat,
  declared: ConnectorFormat,
  compiler: ExpressionCompiler,
): Pick<Authentication, 'placement' | 'keyPattern' | 'grantedScopes'> {
  if (method.granted_scopes !== undefined && method.identity === undefined)
    compiler.fault([...at, 'granted_scopes'], 'CON011', 'there is no identity whose answer could tell scopes', {
      key: true,
    });
  return {
    placement: compilePlacement([...at, 'placement'], method.placement, declared, compiler),
    keyPattern: compilePattern([...at, 'pattern'], method.pattern, compiler),
    grantedScopes: compiler.optional([...at, 'granted_scopes'], method.granted_scopes, IDENTITY_ANSWER),
  };
}

function compilePlacement(
  at: Path,
  placement: ApiKeyFormat['placement'],
  declared: ConnectorFormat,
  { fault }: ExpressionCompiler,
): Placement {
  if (placement.in === 'basic') return Object.freeze({ in: 'basic' });
  const name = placement.name.toLowerCase();
  if (isServerHeader(name)) fault([...at, 'name'], 'CON010', `header "${placement.name}" is set by the server`);
  const groups = [declared.defaults?.headers, ...Object.values(declared.apis ?? {}).map(({ headers }) => headers)];
  if (groups.some((headers) => Object.keys(headers ?? {}).some((other) => other.toLowerCase() === name)))
    fault([...at, 'name'], 'CON010', `header "${placement.name}" is declared for requests already`);
  return Object.freeze({ in: 'header', name, prefix: placement.prefix ?? '' });
}

function compilePattern(at: Path, source: string | undefined, { fault }: ExpressionCompiler): KeyPattern | undefined {
  if (source === undefined) return undefined;
  try {
    const compiled = RE2JS.compile(source);
    return Object.freeze({ source, matches: (key: string) => compiled.matcher(key).find() });
  } catch (error) {
    fault(at, 'ACT006', `pattern is not accepted: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
