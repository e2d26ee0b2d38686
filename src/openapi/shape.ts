import type { InputFormat } from '../connector/format.ts';

export type ValueType = InputFormat['type'];

/**
 * A schema with its references followed, its `allOf` merged and its alternatives settled: what can be said about a value
 * in the connector format, and what an example of it can be made from.
 */
export interface Shape {
  /** Undefined: any. */
  readonly type: ValueType | undefined;
  readonly nullable: boolean;
  readonly description: string | undefined;
  readonly format: string | undefined;
  readonly enum: readonly unknown[] | undefined;
  readonly default: unknown;
  /** Undefined where the file gives none. */
  readonly example: unknown;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: string | undefined;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
  readonly items: Shape | undefined;
  readonly properties: ReadonlyMap<string, Shape>;
  readonly required: ReadonlySet<string>;
  /** An object that may have members of any name. */
  readonly open: boolean;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
  readonly deprecated: boolean;
}

/** Of which nothing is known. */
export const ANY_SHAPE: Shape = {
  type: undefined,
  nullable: false,
  description: undefined,
  format: undefined,
  enum: undefined,
  default: undefined,
  example: undefined,
  minimum: undefined,
  maximum: undefined,
  minLength: undefined,
  maxLength: undefined,
  pattern: undefined,
  minItems: undefined,
  maxItems: undefined,
  items: undefined,
  properties: new Map(),
  required: new Set(),
  open: false,
  readOnly: false,
  writeOnly: false,
  deprecated: false,
};

/** What both say: members of either, and the narrower bounds. The first one's words go before the other's. */
export function bothOf(one: Shape, other: Shape): Shape {
  const properties = new Map(one.properties);
  for (const [name, shape] of other.properties) {
    const present = properties.get(name);
    properties.set(name, present ? bothOf(present, shape) : shape);
  }
  return {
    ...wordsOf(one, other),
    type: one.type === 'number' && other.type === 'integer' ? 'integer' : (one.type ?? other.type),
    nullable: one.nullable || other.nullable,
    enum: one.enum && other.enum ? one.enum.filter((value) => other.enum?.includes(value)) : (one.enum ?? other.enum),
    minimum: largest(one.minimum, other.minimum),
    maximum: smallest(one.maximum, other.maximum),
    minLength: largest(one.minLength, other.minLength),
    maxLength: smallest(one.maxLength, other.maxLength),
    pattern: one.pattern ?? other.pattern,
    minItems: largest(one.minItems, other.minItems),
    maxItems: smallest(one.maxItems, other.maxItems),
    items: one.items && other.items ? bothOf(one.items, other.items) : (one.items ?? other.items),
    properties,
    required: new Set([...one.required, ...other.required]),
    open: one.open || other.open,
    readOnly: one.readOnly || other.readOnly,
    writeOnly: one.writeOnly || other.writeOnly,
    deprecated: one.deprecated || other.deprecated,
  };
}

/**
 * What fits either, as far as the format can say it; undefined where their types differ. Members are those of both,
 * required are those that both require; bounds that only one has are dropped.
 */
export function eitherOf(one: Shape, other: Shape): Shape | undefined {
  const type = commonType(one.type, other.type);
  if (type === undefined && one.type !== other.type) return undefined;
  const properties = new Map(one.properties);
  for (const [name, shape] of other.properties) {
    const present = properties.get(name);
    properties.set(
      name,
      present ? (eitherOf(present, shape) ?? { ...ANY_SHAPE, description: present.description }) : shape,
    );
  }
  const items = one.items && other.items ? eitherOf(one.items, other.items) : (one.items ?? other.items);
  return {
    ...wordsOf(one, other),
    type,
    nullable: one.nullable || other.nullable,
    enum: one.enum && other.enum ? [...new Set([...one.enum, ...other.enum])] : undefined,
    minimum:
      one.minimum === undefined || other.minimum === undefined ? undefined : Math.min(one.minimum, other.minimum),
    maximum:
      one.maximum === undefined || other.maximum === undefined ? undefined : Math.max(one.maximum, other.maximum),
    minLength: undefined,
    maxLength: undefined,
    pattern: one.pattern === other.pattern ? one.pattern : undefined,
    minItems: undefined,
    maxItems: undefined,
    items,
    properties,
    required: new Set([...one.required].filter((name) => other.required.has(name))),
    open: one.open || other.open,
    readOnly: one.readOnly && other.readOnly,
    writeOnly: one.writeOnly && other.writeOnly,
    deprecated: false,
  };
}

function wordsOf(one: Shape, other: Shape) {
  return {
    description: one.description ?? other.description,
    format: one.format ?? other.format,
    default: one.default === undefined ? other.default : one.default,
    example: one.example === undefined ? other.example : one.example,
  };
}

function commonType(one: ValueType | undefined, other: ValueType | undefined): ValueType | undefined {
  if (one === other) return one;
  const numeric = (type: ValueType | undefined) => type === 'integer' || type === 'number';
  return numeric(one) && numeric(other) ? 'number' : undefined;
}

function largest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function smallest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
