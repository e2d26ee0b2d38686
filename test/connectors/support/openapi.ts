import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isObject } from './json.ts';

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: Schema;
}

export interface Operation {
  id: string;
  origin: string;
  method: string;
  path: string;
  /** The operation's own and those of its path. */
  parameters: readonly Parameter[];
  body: { required: boolean; schemas: ReadonlyMap<string, Schema> } | undefined;
  /** Alternatives of scopes: one of the lists is wanted, by kind of token. */
  scopes: readonly ReadonlyMap<string, readonly string[]>[];
  /** Example bodies of the answers, by status. */
  examples: ReadonlyMap<string, readonly unknown[]>;
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];

/** The operations of an OpenAPI 3.0 file, references resolved. */
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
  const resolveDeep = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolveDeep);
    if (!isObject(node)) return node;
    return Object.fromEntries(Object.entries(resolve(node)).map(([key, value]) => [key, resolveDeep(value)]));
  };
  const list = (value: unknown) => (Array.isArray(value) ? value.map(resolve) : []);
  const schemaOf = (holder: unknown) => resolveDeep(resolve(holder).schema) as Schema;
  const root = resolve(document);
  const origin = String(list(root.servers)[0]?.url);

  return Object.entries(resolve(root.paths)).flatMap(([path, item]) =>
    METHODS.filter((method) => isObject(item) && method in item).map((method): Operation => {
      const operation = resolve(resolve(item)[method]);
      const body = operation.requestBody === undefined ? undefined : resolve(operation.requestBody);
      return {
        id: String(operation.operationId),
        origin,
        method: method.toUpperCase(),
        path,
        parameters: [...list(resolve(item).parameters), ...list(operation.parameters)].map((one) => ({
          name: String(one.name),
          in: String(one.in),
          required: one.required === true,
          schema: schemaOf(one),
        })),
        body: body && {
          required: body.required === true,
          schemas: new Map(Object.entries(resolve(body.content)).map(([type, media]) => [type, schemaOf(media)])),
        },
        scopes: list(operation.security).map((one) => new Map(Object.entries(one) as [string, string[]][])),
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
export function operationOf(operations: readonly Operation[], method: string, url: URL): Operation | undefined {
  const given = url.pathname.split('/');
  const matching = operations.filter((operation) => {
    const segments = operation.path.split('/');
    return (
      operation.method === method &&
      operation.origin === url.origin &&
      segments.length === given.length &&
      segments.every((segment, index) => segment === given[index] || /^\{.+\}$/.test(segment))
    );
  });
  const parameters = ({ path }: Operation) => path.split('{').length;
  return matching.sort((one, other) => parameters(one) - parameters(other))[0];
}
