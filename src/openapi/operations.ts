import { nearest } from '../connector/suggest.ts';
import type { OpenApiDocument } from './document.ts';
import { OpenApiFailure } from './failure.ts';
import { isObject, type Json, objectOf, textOf } from './json.ts';
import { createNotes } from './notes.ts';
import { createResolver } from './resolve.ts';

/** One operation of a file, not looked into yet. */
export interface Operation {
  /** Its operationId. */
  readonly id: string | undefined;
  /** Upper case. */
  readonly method: Method;
  readonly path: string;
  readonly summary: string | undefined;
  readonly deprecated: boolean;
  readonly node: Json;
  /** The path's own part, with what holds for all its operations. */
  readonly item: Json;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** Every operation that an action could be made of, in the order of the file. */
export function listOperations({ root }: OpenApiDocument): Operation[] {
  const resolver = createResolver(root, createNotes());
  return Object.entries(objectOf(root.paths)).flatMap(([path, given]) => {
    if (!path.startsWith('/')) return [];
    const item = resolver.at(given);
    return METHODS.flatMap((method): Operation[] => {
      const node = item[method.toLowerCase()];
      if (!isObject(node)) return [];
      const id = textOf(node.operationId)?.trim();
      const summary = textOf(node.summary)?.trim();
      return [{ id, method, path, summary, deprecated: node.deprecated === true, node, item }];
    });
  });
}

/** An operation's name on the command line: its operationId, or `METHOD /path`. */
export function operationName({ id, method, path }: Operation): string {
  return id ?? `${method} ${path}`;
}

/** The operation of a name. Throws {@link OpenApiFailure}, with the nearest one, when there is none. */
export function findOperation(document: OpenApiDocument, name: string): Operation {
  const operations = listOperations(document);
  const wanted = name.trim();
  const found =
    operations.find(({ id }) => id === wanted) ??
    operations.find(({ method, path }) => `${method} ${path}`.toLowerCase() === wanted.toLowerCase());
  if (found) return found;
  const known = nearest(wanted, operations.map(operationName));
  throw new OpenApiFailure(
    `The file has no operation "${wanted.slice(0, 100)}"${known === undefined ? '' : ` — did you mean "${known}"?`}`,
    'An operation is named by its operationId or as "GET /path"; --list shows all.',
  );
}
