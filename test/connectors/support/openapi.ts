import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isObject } from './json.ts';

export interface Operation {
  id: string;
  method: string;
  path: string;
  /** Names of the query parameters, and of those that must be there. */
  query: ReadonlySet<string>;
  requiredQuery: readonly string[];
  headers: ReadonlySet<string>;
  requiredHeaders: readonly string[];
  /** Example bodies of the answers, by status. */
  examples: ReadonlyMap<string, readonly unknown[]>;
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];

/** The operations of an OpenAPI 3.0 file. */
export function readOperations(file: string): Operation[] {
  const document: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 });
  const resolve = (node: unknown): Record<string, unknown> => {
    let at: unknown = node;
    while (isObject(at) && typeof at.$ref === 'string')
      at = at.$ref
        .slice('#/'.length)
        .split('/')
        .reduce<unknown>((within, key) => (isObject(within) ? within[key] : undefined), document);
    return isObject(at) ? at : {};
  };
  const list = (value: unknown) => (Array.isArray(value) ? value.map(resolve) : []);
  return Object.entries(resolve(resolve(document).paths)).flatMap(([path, item]) =>
    METHODS.filter((method) => isObject(item) && method in item).map((method) => {
      const operation = resolve(resolve(item)[method]);
      const parameters = [...list(resolve(item).parameters), ...list(operation.parameters)];
      const named = (place: string, required = false) =>
        parameters.filter((one) => one.in === place && (!required || one.required)).map((one) => String(one.name));
      return {
        id: String(operation.operationId),
        method: method.toUpperCase(),
        path,
        query: new Set(named('query')),
        requiredQuery: named('query', true),
        headers: new Set(named('header').map((name) => name.toLowerCase())),
        requiredHeaders: named('header', true).map((name) => name.toLowerCase()),
        examples: new Map(
          Object.entries(resolve(operation.responses)).map(([status, response]) => [
            status,
            Object.values(resolve(resolve(response).content)).flatMap((media) =>
              Object.values(resolve(resolve(resolve(media).schema)['x-examples'])),
            ),
          ]),
        ),
      };
    }),
  );
}

/** The operation that a request is one of. A literal segment goes before a parameter. */
export function operationOf(operations: readonly Operation[], method: string, pathname: string): Operation | undefined {
  const given = pathname.split('/');
  const matching = operations.filter((operation) => {
    const segments = operation.path.split('/');
    return (
      operation.method === method &&
      segments.length === given.length &&
      segments.every((segment, index) => segment === given[index] || /^\{.+\}$/.test(segment))
    );
  });
  const parameters = ({ path }: Operation) => path.split('{').length;
  return matching.sort((one, other) => parameters(one) - parameters(other))[0];
}
