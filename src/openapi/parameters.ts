import { HEADER_PATTERN } from '../connector/format/parts.ts';
import type { DraftInput } from './draft.ts';
import { template } from './expression-text.ts';
import type { MakeInput } from './input.ts';
import { type Json, listOf, objectOf, textOf } from './json.ts';
import { createNamer, isName, type Namer, snakeCase } from './names.ts';
import type { Notes } from './notes.ts';
import type { ReadSchema } from './read-schema.ts';
import type { Resolver } from './resolve.ts';
import { ANY_SHAPE, type Shape } from './shape.ts';

/** A parameter of an operation, its references followed. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly deprecated: boolean;
  readonly description: string | undefined;
  readonly example: unknown;
  readonly style: string | undefined;
  readonly explode: boolean | undefined;
  /** Its value is JSON text. */
  readonly json: boolean;
  readonly shape: Shape;
}

// More than any operation has; a hostile file may have a million.
const MAX_PARAMETERS = 200;

/** The parameters of an operation and of its path; the operation's own go before the path's of the same name and place. */
export function readParameters(
  resolver: Resolver,
  readSchema: ReadSchema,
  own: unknown,
  ofPath: unknown,
  notes: Notes,
): Parameter[] {
  const found = new Map<string, Parameter>();
  const given = [...listOf(ofPath), ...listOf(own)];
  if (given.length > MAX_PARAMETERS) notes.leftOut('parameters', `all beyond the first ${MAX_PARAMETERS}`);
  for (const one of given.slice(0, MAX_PARAMETERS)) {
    const node = resolver.at(one);
    const name = textOf(node.name)?.trim();
    const place = String(node.in);
    if (name === undefined) continue;
    if (!isName(name)) {
      notes.leftOut('parameters', `one that cannot be declared by its name, ${JSON.stringify(name.slice(0, 40))}`);
      continue;
    }
    found.set(`${place} ${place === 'header' ? name.toLowerCase() : name}`, parameterOf(node, name, place));
  }
  return [...found.values()];

  function parameterOf(node: Json, name: string, place: string): Parameter {
    const [media, ofMedia] = Object.entries(objectOf(node.content))[0] ?? [];
    const schema = ofMedia === undefined ? node.schema : objectOf(ofMedia).schema;
    const [first] = Object.values(objectOf(node.examples));
    return {
      name,
      in: place,
      required: node.required === true || place === 'path',
      deprecated: node.deprecated === true,
      description: textOf(node.description),
      example: node.example === undefined ? resolver.at(first).value : node.example,
      style: textOf(node.style),
      explode: typeof node.explode === 'boolean' ? node.explode : undefined,
      json: media !== undefined,
      shape:
        schema === undefined ? { ...ANY_SHAPE, type: 'string' } : readSchema(schema, `${place} parameter "${name}"`),
    };
  }
}

type Templates = Record<string, string>;

export interface ParameterMapping {
  inputs: DraftInput[];
  /** Parameter of the path -> the name that stands for it. */
  pathNames: ReadonlyMap<string, string>;
  query: Templates;
  queryLists: 'repeat' | undefined;
  headers: Templates;
}

// Of RFC 9110, and those that the server sets itself; OpenAPI gives the first three no meaning as parameters, either.
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
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

/** What something else sets: query parameters by their names, headers by theirs in lower case. */
export interface Leave {
  query: ReadonlySet<string>;
  headers: ReadonlySet<string>;
}

const HEADER_NAME = new RegExp(HEADER_PATTERN);

/** Inputs, and where they go. */
export function mapParameters(
  parameters: readonly Parameter[],
  leave: Leave,
  namer: Namer,
  makeInput: MakeInput,
  notes: Notes,
): ParameterMapping {
  const mapping: ParameterMapping = { inputs: [], pathNames: new Map(), query: {}, queryLists: undefined, headers: {} };
  const pathNames = new Map<string, string>();
  const queryNamer = createNamer(new Set());
  const repeats = parameters.some(
    (one) => one.in === 'query' && !leave.query.has(one.name) && isList(one) && repeated(one),
  );

  const declare = (
    parameter: Parameter,
    wanted: string,
    shape = parameter.shape,
    from: DraftInput['from'] = 'query',
  ) => {
    const { description, example: own, required, name: original } = parameter;
    const name = namer.take(wanted, `${wanted}_${from === 'query' ? 'filter' : from}`);
    const example = own === undefined ? shape.example : own;
    const input = makeInput({ shape, required, description, example, about: `${from} parameter "${original}"` });
    mapping.inputs.push({ name, input, shape, example, from, original });
    return name;
  };

  for (const parameter of parameters) {
    const { name, in: place, required, deprecated } = parameter;
    const about = `${place} parameter "${name}"`;
    if (place === 'path') {
      pathNames.set(name, declare(parameter, snakeCase(name), simple(parameter, about), 'path'));
    } else if (deprecated && !required) {
      notes.leftOut(about, 'it is deprecated');
    } else if (place === 'header') {
      addHeader(parameter, about);
    } else if (place === 'query') {
      if (!leave.query.has(name)) addQuery(parameter, about);
    } else
      notes.leftOut(
        about,
        place === 'cookie' ? 'cookies are not sent' : `its place is not known: ${place.slice(0, 20)}`,
      );
  }
  return { ...mapping, pathNames, queryLists: repeats ? 'repeat' : undefined };

  function addHeader(parameter: Parameter, about: string): void {
    const { name } = parameter;
    if (OWN_HEADERS.has(name.toLowerCase())) {
      // These two follow from the media types of the body and the answer.
      if (!/^(accept|content-type|authorization)$/i.test(name))
        notes.leftOut(about, 'the server sets this header itself');
      return;
    }
    if (leave.headers.has(name.toLowerCase())) {
      notes.leftOut(about, 'the connector sends this header with every request');
      return;
    }
    if (!HEADER_NAME.test(name)) {
      notes.leftOut(about, 'this is no name of a header');
      return;
    }
    const input = declare(parameter, snakeCase(name.replace(/^x-/i, '')), simpleOrList(parameter, about), 'header');
    const value = isList(parameter) ? `$join(inputs.${input}, ",")` : `inputs.${input}`;
    mapping.headers[name.toLowerCase()] = template(value);
  }

  function addQuery(parameter: Parameter, about: string): void {
    const { name, json, style, shape } = parameter;
    const key = queryNamer.take(name);
    if (json) {
      notes.changed(about, 'it is sent as JSON text');
      mapping.query[key] = template(`$string(inputs.${declare(parameter, queryInput(name))})`);
      return;
    }
    if (shape.type === 'object') {
      addObject(parameter, about);
      return;
    }
    const input = declare(parameter, queryInput(name), simpleOrList(parameter, about));
    const joined = isList(parameter) && (separator(style) !== ',' || (repeats && !repeated(parameter)));
    mapping.query[key] = template(joined ? `$join(inputs.${input}, "${separator(style)}")` : `inputs.${input}`);
  }

  /** Members of an object in the query: `name[member]` (deepObject), else each a parameter of its own. */
  function addObject(parameter: Parameter, about: string): void {
    const { name, shape, style, explode } = parameter;
    if (shape.properties.size === 0 || (style !== 'deepObject' && explode === false)) {
      notes.leftOut(about, 'an object without known members cannot be sent in the query');
      return;
    }
    const required = (member: string) => parameter.required && shape.required.has(member);
    for (const [member, of] of shape.properties) {
      if (of.type === 'object' || of.items?.type === 'object') {
        notes.leftOut(`${about}.${member}`, 'what is nested deeper cannot be sent in the query');
        continue;
      }
      const deep = style === 'deepObject';
      const wanted = deep ? `${snakeCase(name)}_${snakeCase(member)}` : snakeCase(member);
      const { description, example } = of;
      const input = declare({ ...parameter, required: required(member), description, example }, wanted, of);
      mapping.query[queryNamer.take(deep ? `${name}[${member}]` : member)] = template(`inputs.${input}`);
    }
  }

  /** What stands in a path is one value, whatever its schema says. */
  function simple({ shape }: Parameter, about: string): Shape {
    if (shape.type !== 'object' && shape.type !== 'array' && shape.type !== 'boolean') return shape;
    notes.changed(about, `its type is ${shape.type}; in a path it is taken as a string`);
    return { ...ANY_SHAPE, type: 'string', description: shape.description };
  }

  function simpleOrList(parameter: Parameter, about: string): Shape {
    const { shape } = parameter;
    const { items } = shape;
    if (shape.type === 'array' && items?.type !== 'object' && items?.type !== 'array')
      return { ...shape, items: items ?? { ...ANY_SHAPE, type: 'string' } };
    if (shape.type !== 'object' && shape.type !== 'array') return shape;
    notes.changed(about, `its type is ${shape.type} of what has parts itself; it is taken as a string`);
    return { ...ANY_SHAPE, type: 'string', description: shape.description };
  }
}

function isList({ shape }: Parameter): boolean {
  return shape.type === 'array' && shape.items?.type !== 'object' && shape.items?.type !== 'array';
}

/** OpenAPI's default in the query is `form`, exploded: a parameter for each item. */
function repeated({ style = 'form', explode }: Parameter): boolean {
  return style === 'form' ? explode !== false : style !== 'spaceDelimited' && style !== 'pipeDelimited';
}

function separator(style: string | undefined): string {
  if (style === 'spaceDelimited') return ' ';
  return style === 'pipeDelimited' ? '|' : ',';
}

/** `filter[name]` filters by name: that it is a filter goes without saying. */
function queryInput(name: string): string {
  return snakeCase(name.replace(/^\$?filter\[(.+?)\]/, '$1').replace(/^\$/, ''));
}
