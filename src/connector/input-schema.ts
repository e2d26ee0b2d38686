import type { JsonSchema } from './connector.ts';
import type { InputFormat } from './format.ts';

/** A declared value wherever it stands: an input, the items of a list, a member of an object. */
export type ValueFormat = Omit<InputFormat, 'items' | 'min_items' | 'max_items'> &
  Partial<Pick<InputFormat, 'items' | 'min_items' | 'max_items'>>;

// Ids and names are far shorter; without a cap a caller could send a megabyte into a URL.
const DEFAULT_MAX_LENGTH = 4_096;

/** The JSON Schema of one declared value. */
export function schemaOf(value: ValueFormat): JsonSchema {
  const { type, description, enum: values, minimum, maximum, min_length, max_length, pattern, example } = value;
  const { properties, items, min_items, max_items } = value;
  return {
    type,
    ...(description !== undefined && { description }),
    ...(value.default !== undefined && { default: value.default }),
    ...(values !== undefined && { enum: values }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(type === 'string' && {
      ...(min_length !== undefined && { minLength: min_length }),
      maxLength: max_length ?? DEFAULT_MAX_LENGTH,
    }),
    ...(pattern !== undefined && { pattern }),
    ...(example !== undefined && { examples: [example] }),
    ...(items !== undefined && { items: schemaOf(items) }),
    ...(min_items !== undefined && { minItems: min_items }),
    ...(max_items !== undefined && { maxItems: max_items }),
    ...(properties !== undefined && membersSchema(properties)),
  };
}

/** The schema of an object that has these members and no others. What has a default need not be given. */
export function membersSchema(declared: Readonly<Record<string, ValueFormat>>): JsonSchema {
  const entries = Object.entries(declared);
  return {
    properties: Object.fromEntries(entries.map(([name, value]) => [name, schemaOf(value)])),
    required: entries.flatMap(([name, value]) => (value.required && value.default === undefined ? [name] : [])),
    additionalProperties: false,
  };
}

/** Gives a value of an object with the defaults of its members, and of theirs, in the place of what is missing. */
export type FillDefaults = (given: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** How the defaults of an object's members are filled in. The given object is not changed. */
export function fillerOf(declared: Readonly<Record<string, ValueFormat>>): FillDefaults {
  const defaults: Record<string, unknown> = {};
  const inner: [name: string, fill: (value: unknown) => unknown][] = [];
  for (const [name, value] of Object.entries(declared)) {
    if (value.default !== undefined) defaults[name] = value.default;
    const fill = innerFiller(value);
    if (fill) inner.push([name, fill]);
  }
  return (given) => {
    const filled: Record<string, unknown> = { ...defaults, ...given };
    for (const [name, fill] of inner) if (filled[name] !== undefined) filled[name] = fill(filled[name]);
    return filled;
  };
}

/** Undefined where nothing below the value has a default. What is not of the declared type is left to the check. */
function innerFiller({ properties, items }: ValueFormat): ((value: unknown) => unknown) | undefined {
  if (properties && hasDefaults(properties)) {
    const fill = fillerOf(properties);
    return (value) => (isObject(value) ? fill(value) : value);
  }
  const fillItem = items && innerFiller(items);
  return fillItem && ((value) => (Array.isArray(value) ? value.map(fillItem) : value));
}

function hasDefaults(declared: Readonly<Record<string, ValueFormat>>): boolean {
  return Object.values(declared).some((value) => value.default !== undefined || innerFiller(value) !== undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
