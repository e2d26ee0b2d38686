/** What this server's JSON Schemas say of one value; see `schemaOf` of the server. */
export interface ValueSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  examples?: readonly unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  items?: ValueSchema;
}

/** One value that a form asks for. */
export interface Field {
  name: string;
  schema: ValueSchema;
  required: boolean;
}

export type FieldKind = 'text' | 'long_text' | 'number' | 'boolean' | 'choice' | 'json';

// Longer than what the server allows where a connector says nothing: such texts have several lines.
const LONG_TEXT_CHARS = 4_096;

/** The values of an object's schema, those that must be given first. `without`: names that the page asks for otherwise. */
export function fieldsOf(schema: unknown, without: readonly string[] = []): Field[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, ValueSchema>>;
    required?: readonly string[];
  };
  const fields = Object.entries(properties)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => ({ name, schema: value, required: required.includes(name) }));
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

export function kindOf({ type, enum: values, maxLength }: ValueSchema): FieldKind {
  if (values !== undefined) return 'choice';
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return (maxLength ?? 0) > LONG_TEXT_CHARS ? 'long_text' : 'text';
    default:
      return 'json';
  }
}

/** A JSON pointer (RFC 6901) to a member. */
export function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
