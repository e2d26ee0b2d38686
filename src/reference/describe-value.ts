import type { JsonSchema } from '../connector/connector.ts';
import { code, line } from './markdown.ts';

/** The part of JSON Schema that connectors are declared in. */
export interface DeclaredSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  properties?: Record<string, DeclaredSchema>;
  required?: string[];
  items?: DeclaredSchema;
}

// What every text has that does not say otherwise: not worth a word.
const UNREMARKABLE_MAX_LENGTH = 4_096;

/** Rows of a table for the members of a schema: name, type, whether needed or the default, what it is. Members of members follow. */
export function valueRows(schema: JsonSchema): string[][] {
  return rowsBelow(schema as DeclaredSchema, '');
}

function rowsBelow({ properties = {}, required = [] }: DeclaredSchema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    const row = [code(path), typeOf(value), needOf(value, required.includes(name)), words(value)];
    return [row, ...rowsBelow(value, `${path}.`), ...(value.items ? rowsBelow(value.items, `${path}[].`) : [])];
  });
}

function typeOf({ type = 'any', items }: DeclaredSchema): string {
  return type === 'array' && items ? `array of ${items.type ?? 'any'}` : type;
}

function needOf(value: DeclaredSchema, isRequired: boolean): string {
  if (isRequired) return 'required';
  return value.default === undefined ? '' : code(JSON.stringify(value.default));
}

function words(value: DeclaredSchema): string {
  const { description, enum: values } = value;
  const bounds = boundsOf(value);
  return [
    description === undefined ? '' : line(description),
    values ? `One of ${values.map((one) => code(String(one))).join(', ')}.` : '',
    bounds.length > 0 ? `(${bounds.join(', ')})` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function boundsOf(value: DeclaredSchema): string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = value;
  return [
    minimum === undefined ? '' : `at least ${minimum}`,
    maximum === undefined ? '' : `at most ${maximum}`,
    minLength === undefined ? '' : minLength === 1 ? 'not empty' : `at least ${minLength} characters`,
    maxLength === undefined || maxLength === UNREMARKABLE_MAX_LENGTH ? '' : `at most ${maxLength} characters`,
    minItems === undefined ? '' : minItems === 1 ? 'not empty' : `at least ${minItems} items`,
    maxItems === undefined ? '' : `at most ${maxItems} items`,
    pattern === undefined ? '' : `matches ${code(pattern)}`,
  ].filter(Boolean);
}
