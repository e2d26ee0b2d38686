import { VALUE_TYPES } from '../connector/format/parts.ts';
import { isObject, type Json, listOf, member, objectOf, textOf } from './json.ts';
import { isName } from './names.ts';
import type { Notes } from './notes.ts';
import type { Resolver } from './resolve.ts';
import { ANY_SHAPE, bothOf, eitherOf, type Shape, type ValueType } from './shape.ts';

// The format says nothing about what is nested deeper than three levels; an answer is looked into a little further.
const MAX_SCHEMA_DEPTH = 12;
// One operation's schemas have some hundreds; a hostile one doubles at every level.
const MAX_SCHEMAS = 5_000;

/** Reads the schemas of one operation. `about` names the place in notes. */
export type ReadSchema = (schema: unknown, about: string) => Shape;

/** Together the schemas that it reads are bounded in number; what is beyond is any value, with a note. */
export function createSchemaReader({ resolve }: Resolver, notes: Notes): ReadSchema {
  let left = MAX_SCHEMAS;

  function read(schema: unknown, about: string, within: readonly string[], depth: number): Shape {
    left -= 1;
    if (left < 0 || depth > MAX_SCHEMA_DEPTH) {
      notes.leftOut(about, 'its schema is too large; what is nested deeper is taken as any value');
      return ANY_SHAPE;
    }
    // `true`, or a 3.1 schema without a word.
    if (!isObject(schema)) return ANY_SHAPE;
    const { node, through } = resolve(schema);
    const circular = through.find((reference) => within.includes(reference));
    if (circular !== undefined) {
      notes.leftOut(about, `its schema contains itself (${circular.slice(0, 100)}); it is cut there`);
      return { ...ANY_SHAPE, type: typeOf(node, about).type, description: textOf(node.description) };
    }
    const inside = [...within, ...through];
    const below = (one: unknown, where: string) => read(one, where, inside, depth + 1);
    const own = ownShape(node, about, below);
    const whole = listOf(node.allOf)
      .map((part) => below(part, about))
      .reduce(bothOf, own);
    return alternatives(node, about, below, whole);
  }

  function ownShape(node: Json, about: string, below: (schema: unknown, about: string) => Shape): Shape {
    const { type, nullable } = typeOf(node, about);
    const properties = Object.entries(objectOf(node.properties)).flatMap(([name, schema]) => {
      if (isName(name)) return [[name, below(schema, `${about}.${name}`)] as const];
      notes.leftOut(about, `a member that cannot be declared by its name, ${JSON.stringify(name.slice(0, 40))}`);
      return [];
    });
    return {
      type,
      nullable,
      description: textOf(node.description) ?? undefined,
      format: textOf(node.format),
      enum: 'const' in node ? [node.const] : Array.isArray(node.enum) ? node.enum : undefined,
      default: node.default,
      example: exampleOf(node),
      minimum: lowest(node, type),
      maximum: highest(node, type),
      minLength: size(node.minLength),
      maxLength: size(node.maxLength),
      pattern: textOf(node.pattern),
      minItems: size(node.minItems),
      maxItems: size(node.maxItems),
      items: node.items === undefined ? undefined : below(node.items, `${about}[]`),
      properties: new Map(properties),
      required: new Set(listOf(node.required).filter((name) => typeof name === 'string')),
      open: node.additionalProperties === true || isObject(node.additionalProperties),
      readOnly: node.readOnly === true,
      writeOnly: node.writeOnly === true,
      deprecated: node.deprecated === true,
    };
  }

  function alternatives(
    node: Json,
    about: string,
    below: (schema: unknown, about: string) => Shape,
    whole: Shape,
  ): Shape {
    const given = [...listOf(node.oneOf), ...listOf(node.anyOf)];
    const options = given.filter((option) => !isNull(option)).map((option) => below(option, about));
    const [first, ...others] = options;
    if (!first) return whole;
    const nullable = whole.nullable || options.length < given.length;
    let merged: Shape | undefined = first;
    for (const other of others) merged = merged && eitherOf(merged, other);
    if (!merged) notes.changed(about, 'it has alternatives of different types; the first one is taken');
    else if (others.length > 0 && merged.type === 'object')
      notes.changed(about, 'it has alternatives; their members are put together, required are those of all');
    return { ...bothOf(whole, merged ?? first), nullable };
  }

  function typeOf(node: Json, about: string): Pick<Shape, 'type' | 'nullable'> {
    const given = Array.isArray(node.type) ? node.type : [node.type];
    const known = given.filter((type): type is ValueType => (VALUE_TYPES as readonly unknown[]).includes(type));
    const nullable = node.nullable === true || given.includes('null') || listOf(node.enum).includes(null);
    if (known.length > 1) notes.changed(about, `it may be ${known.join(' or ')}; ${known[0]} is taken`);
    return { type: known[0] ?? impliedType(node), nullable };
  }

  return (schema, about) => read(schema, about, [], 0);
}

function impliedType(node: Json): ValueType | undefined {
  if ('properties' in node || 'additionalProperties' in node) return 'object';
  if ('items' in node) return 'array';
  if ('pattern' in node || 'minLength' in node || 'maxLength' in node) return 'string';
  const values = 'const' in node ? [node.const] : listOf(node.enum);
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  const [type] = types;
  return types.size === 1 && (type === 'string' || type === 'number' || type === 'boolean') ? type : undefined;
}

function isNull(schema: unknown): boolean {
  return (
    member(schema, 'type') === 'null' ||
    (isObject(schema) && listOf(schema.enum).every((value) => value === null) && 'enum' in schema)
  );
}

/** A schema's own example; `x-examples` is what editors wrote before 3.1 had `examples`. */
function exampleOf(node: Json): unknown {
  if (node.example !== undefined) return node.example;
  if (Array.isArray(node.examples) && node.examples.length > 0) return node.examples[0];
  const [first] = Object.values(objectOf(node['x-examples']));
  // Some wrap it as a media type does.
  return isObject(first) && 'value' in first ? first.value : first;
}

/** 3.0 has a boolean beside the bound, 3.1 a bound of its own. */
function lowest(node: Json, type: ValueType | undefined): number | undefined {
  const { minimum, exclusiveMinimum } = node;
  const bound = finite(typeof exclusiveMinimum === 'number' ? exclusiveMinimum : minimum);
  const exclusive = typeof exclusiveMinimum === 'number' || exclusiveMinimum === true;
  return bound !== undefined && exclusive && type === 'integer' ? Math.floor(bound) + 1 : bound;
}

function highest(node: Json, type: ValueType | undefined): number | undefined {
  const { maximum, exclusiveMaximum } = node;
  const bound = finite(typeof exclusiveMaximum === 'number' ? exclusiveMaximum : maximum);
  const exclusive = typeof exclusiveMaximum === 'number' || exclusiveMaximum === true;
  return bound !== undefined && exclusive && type === 'integer' ? Math.ceil(bound) - 1 : bound;
}

// Bounds that are those of the number type itself say nothing.
const UNBOUNDED = 2 ** 31 - 1;

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < UNBOUNDED ? value : undefined;
}

function size(value: unknown): number | undefined {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < UNBOUNDED ? Number(value) : undefined;
}
