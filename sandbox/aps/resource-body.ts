import type { ApiContext } from './api-context.ts';
import { badInput } from './errors.ts';

/** A JSON:API body whose envelope is right. Paths are like `data.attributes.name`; what is wrong is refused with 400. */
export interface ResourceBody {
  text(path: string): string;
  optionalText(path: string): string | undefined;
  optionalFlag(path: string): boolean | undefined;
  /** Type and id of `<path>.data`, the type being one of `types`. */
  relation(path: string, types: readonly string[]): { type: string; id: string };
  optionalRelation(path: string, types: readonly string[]): { type: string; id: string } | undefined;
  /** The resource of `included` with that type and id. */
  included(type: string, id: string): ResourceBody;
}

/** `type` is what `data.type` has to be. */
export function readResource(context: ApiContext, type: string): ResourceBody {
  const body = readerOf(context.body, '');
  if (body.text('jsonapi.version') !== '1.0') throw invalid('jsonapi.version');
  if (body.text('data.type') !== type) throw invalid('data.type');
  return body;
}

export function invalid(path: string): Error {
  return badInput(`The following parameters are invalid: ${path}`);
}

function readerOf(value: unknown, prefix: string): ResourceBody {
  const optionalText = (path: string): string | undefined => {
    const found = at(value, path);
    if (found === undefined) return undefined;
    if (typeof found !== 'string') throw invalid(prefix + path);
    return found;
  };
  const text = (path: string): string => {
    const found = optionalText(path);
    if (found === undefined) throw badInput(`The following parameters are missing: ${prefix}${path}`);
    return found;
  };
  const relation = (path: string, types: readonly string[]): { type: string; id: string } => {
    const type = text(`${path}.data.type`);
    if (!types.includes(type)) throw invalid(`${prefix}${path}.data.type`);
    return { type, id: text(`${path}.data.id`) };
  };
  return {
    text,
    optionalText,
    optionalFlag(path) {
      const found = at(value, path);
      if (found !== undefined && typeof found !== 'boolean') throw invalid(prefix + path);
      return found;
    },
    relation,
    optionalRelation: (path, types) => (at(value, path) === undefined ? undefined : relation(path, types)),
    included(type, id) {
      const list = at(value, 'included');
      if (!Array.isArray(list)) throw badInput('The following parameters are missing: included');
      const index = list.findIndex((one) => at(one, 'type') === type && at(one, 'id') === id);
      if (index < 0) throw badInput(`The resource ${type} ${id} is not included.`);
      return readerOf(list[index], `included[${index}].`);
    },
  };
}

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}
