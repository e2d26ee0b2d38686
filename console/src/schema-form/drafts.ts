import { type Field, kindOf, type ValueSchema } from './object-schema.ts';

/** What was typed, by field; absent or empty: not given. */
export type Drafts = Readonly<Record<string, string>>;

export interface ReadDrafts {
  values: Record<string, unknown>;
  /** By field. What only the server knows (patterns, lengths) is left to it. */
  errors: Record<string, string>;
}

// What a JSON number can be (RFC 8259 §6).
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const INTEGER = /^-?(0|[1-9]\d*)$/;

/** The values that the drafts stand for. */
export function readDrafts(fields: readonly Field[], drafts: Drafts): ReadDrafts {
  const values: [string, unknown][] = [];
  const errors: [string, string][] = [];
  for (const { name, schema, required } of fields) {
    const draft = draftAt(drafts, name) ?? '';
    if (draft === '') {
      if (required) errors.push([name, 'Is required']);
      continue;
    }
    const read = readDraft(schema, draft);
    if ('error' in read) errors.push([name, read.error]);
    else values.push([name, read.value]);
  }
  // Not by assignment: a member may be called __proto__.
  return { values: Object.fromEntries(values), errors: Object.fromEntries(errors) };
}

/** Of a field; a field may have the name of something that every object has. */
export function draftAt(texts: Drafts, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined;
}

/** The texts with which a form shows values; those that it has no field for are left out. */
export function draftsOf(fields: readonly Field[], values: Readonly<Record<string, unknown>>): Drafts {
  return Object.fromEntries(
    fields.flatMap(({ name, schema }) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined || value === null ? [] : [[name, draftOf(schema, value)]];
    }),
  );
}

/** A value as the text that a field would have for it. */
export function draftOf(schema: ValueSchema, value: unknown): string {
  if (typeof value === 'string' && kindOf(schema) !== 'json') return value;
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}

function readDraft(schema: ValueSchema, draft: string): { value: unknown } | { error: string } {
  switch (kindOf(schema)) {
    case 'number': {
      const text = draft.trim();
      const whole = schema.type === 'integer';
      if (!(whole ? INTEGER : NUMBER).test(text))
        return { error: whole ? 'Must be a whole number' : 'Must be a number' };
      const value = Number(text);
      // JSON would have another number, or none, in its place.
      if (whole ? !Number.isSafeInteger(value) : !Number.isFinite(value)) return { error: 'Is too large a number' };
      return { value };
    }
    case 'boolean':
      return { value: draft === 'true' };
    case 'choice':
      return { value: schema.enum?.find((value) => draftOf(schema, value) === draft) ?? draft };
    case 'json':
      return readJson(schema, draft);
    default:
      return { value: draft };
  }
}

function readJson({ type }: ValueSchema, draft: string): { value: unknown } | { error: string } {
  let value: unknown;
  try {
    value = JSON.parse(draft);
  } catch (error) {
    return { error: `Is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (type === 'array' && !Array.isArray(value)) return { error: 'Must be a JSON array: […]' };
  if (type === 'object' && (typeof value !== 'object' || value === null || Array.isArray(value)))
    return { error: 'Must be a JSON object: {…}' };
  return { value };
}
