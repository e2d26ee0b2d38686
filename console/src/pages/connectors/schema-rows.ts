import type { DeclaredSchema } from '../../../../src/reference/describe-value.ts';

/** A value of an object, as people read it. */
export interface SchemaRow {
  /** `hubs[].name`. */
  path: string;
  /** How many values it is within. */
  depth: number;
  type: string;
  required: boolean;
  /** As JSON. */
  default: string | undefined;
  description: string | undefined;
  options: string[];
  /** "at most 64 characters". */
  bounds: string[];
}

// What every text has that does not say otherwise: not worth a word.
const UNREMARKABLE_MAX_LENGTH = 4_096;

/** The members of a schema, those of members behind them; of a list those of its items. */
export function schemaRows(schema: unknown): SchemaRow[] {
  const root = schema as DeclaredSchema;
  return rowsBelow(root.items ?? root, '', 0);
}

function rowsBelow({ properties = {}, required = [] }: DeclaredSchema, prefix: string, depth: number): SchemaRow[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    return [
      {
        path,
        depth,
        type: typeOf(value),
        required: required.includes(name),
        default: value.default === undefined ? undefined : JSON.stringify(value.default),
        description: value.description,
        options: (value.enum ?? []).map(String),
        bounds: boundsOf(value),
      },
      ...rowsBelow(value, `${path}.`, depth + 1),
      ...(value.items ? rowsBelow(value.items, `${path}[].`, depth + 1) : []),
    ];
  });
}

function typeOf({ type = 'any', items }: DeclaredSchema): string {
  return type === 'array' && items ? `list of ${items.type ?? 'any'}` : type;
}

function boundsOf(schema: DeclaredSchema): string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  return [
    minimum === undefined ? '' : `at least ${minimum}`,
    maximum === undefined ? '' : `at most ${maximum}`,
    minLength === undefined ? '' : minLength === 1 ? 'not empty' : `at least ${minLength} characters`,
    maxLength === undefined || maxLength === UNREMARKABLE_MAX_LENGTH ? '' : `at most ${maxLength} characters`,
    minItems === undefined ? '' : minItems === 1 ? 'not empty' : `at least ${minItems} items`,
    maxItems === undefined ? '' : `at most ${maxItems} items`,
    pattern === undefined ? '' : `matches ${pattern}`,
  ].filter(Boolean);
}
