import { isObject, type Json, member } from './json.ts';
import type { Notes } from './notes.ts';

/** A node after its references, which stand for another place of the same file. */
export interface Resolved {
  readonly node: Json;
  /** References that were followed, in order. */
  readonly through: readonly string[];
}

/** Follows local references. Never fetches or reads anything: what is elsewhere is noted and taken as empty. */
export interface Resolver {
  resolve(node: unknown): Resolved;
  /** Only the node. */
  at(node: unknown): Json;
}

// A reference to a reference is rare, a longer chain a mistake.
const MAX_CHAIN = 20;

export function createResolver(root: Json, notes: Notes): Resolver {
  const follow = (reference: string): unknown => {
    if (!reference.startsWith('#')) {
      notes.leftOut(
        `$ref ${quoted(reference)}`,
        'it stands in another file, which is not read; bundle the files first',
      );
      return undefined;
    }
    const target = pointed(root, reference);
    if (target === undefined) notes.leftOut(`$ref ${quoted(reference)}`, 'there is nothing at that place of the file');
    return target;
  };
  const resolve = (node: unknown): Resolved => {
    const through: string[] = [];
    let at = node;
    while (isObject(at) && typeof at.$ref === 'string') {
      if (through.includes(at.$ref) || through.length >= MAX_CHAIN) {
        notes.leftOut(`$ref ${quoted(at.$ref)}`, 'the reference leads back to itself');
        return { node: {}, through };
      }
      through.push(at.$ref);
      const target = follow(at.$ref);
      // What stands beside a reference (a description, mostly) is said about its target here.
      const { $ref: _reference, ...beside } = at;
      at = isObject(target) && Object.keys(beside).length > 0 ? { ...target, ...beside } : target;
    }
    return { node: isObject(at) ? at : {}, through };
  };
  return { resolve, at: (node) => resolve(node).node };
}

/** The place of a JSON pointer (RFC 6901) in a URI fragment. */
function pointed(root: Json, reference: string): unknown {
  let at: unknown = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    at = Array.isArray(at) ? at[Number(name)] : member(at, name);
  }
  return at;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function quoted(reference: string): string {
  return JSON.stringify(reference.slice(0, 120));
}
