import type { InputFormat } from '../connector/format.ts';
import { schemaOf } from '../connector/input-schema.ts';
import type { InputChecks } from '../connector/input-set.ts';
import { boundedCopy } from './json.ts';
import type { Notes } from './notes.ts';
import { isCheckable } from './pattern-text.ts';
import { remark } from './prose.ts';
import { isOfType } from './sample.ts';
import type { Shape } from './shape.ts';

/** What an input needs besides its shape. */
export interface InputOf {
  shape: Shape;
  required: boolean;
  /** Said of the parameter rather than of its schema. */
  description?: string | undefined;
  example?: unknown;
  /** What notes call it. */
  about: string;
}

/** Makes declared inputs of shapes. What the format has no place for, and what its linter refuses, becomes a note. */
export type MakeInput = (wanted: InputOf) => InputFormat;

type Value = Omit<InputFormat, 'items' | 'min_items' | 'max_items' | 'properties'>;
type Members = NonNullable<InputFormat['properties']>;

export function createMakeInput(checks: InputChecks, notes: Notes): MakeInput {
  return ({ shape, required, description, example, about }) => {
    const { type, ...value } = declaredValue(shape, required, about);
    const said = remark(description ?? shape.description);
    const items = type === 'array' ? itemsOf(shape, about) : undefined;
    const properties = type === 'object' ? membersOf(shape, about) : undefined;
    const input: InputFormat = {
      type,
      ...(value.required && { required: true }),
      ...(items && !items.properties && { items }),
      ...withoutRequired(value),
      ...(type === 'array' && shape.minItems !== undefined && { min_items: shape.minItems }),
      ...(type === 'array' && shape.maxItems !== undefined && shape.maxItems > 0 && { max_items: shape.maxItems }),
      ...(said !== undefined && { description: said }),
      ...(items?.properties && { items }),
      ...(properties && { properties }),
    };
    return withValues(input, shape, example ?? shape.example, about);
  };

  function declaredValue(shape: Shape, required: boolean, about: string): Value {
    const type = shape.type ?? 'string';
    if (shape.type === undefined) notes.guess(about, 'the file gives no type; string is taken');
    const values = enumOf(shape, about);
    const textual = type === 'string';
    const numeric = type === 'integer' || type === 'number';
    if (shape.pattern !== undefined && textual && !isCheckable(shape.pattern))
      notes.leftOut(about, `its pattern is no RE2: ${shape.pattern.slice(0, 100)}`);
    return {
      type,
      ...(required && { required: true }),
      ...(values && { enum: values }),
      ...(numeric && shape.minimum !== undefined && { minimum: shape.minimum }),
      ...(numeric && shape.maximum !== undefined && { maximum: shape.maximum }),
      ...(textual && shape.minLength !== undefined && { min_length: shape.minLength }),
      ...(textual && shape.maxLength !== undefined && { max_length: shape.maxLength }),
      ...(textual && shape.pattern !== undefined && isCheckable(shape.pattern) && { pattern: shape.pattern }),
    };
  }

  function enumOf({ enum: given, type = 'string' }: Shape, about: string): unknown[] | undefined {
    if (!given || type === 'array' || type === 'object') return undefined;
    const values = given.map((value) => (type === 'string' && isScalar(value) ? String(value) : value));
    const fitting = [...new Set(values.filter((value) => value !== null && isOfType(value, type)))];
    if (fitting.length < new Set(given.filter((value) => value !== null)).size)
      notes.leftOut(about, `values of its enum that are no ${type}`);
    return fitting.length === 0 ? undefined : fitting;
  }

  function itemsOf(shape: Shape, about: string): InputFormat['items'] {
    const { items } = shape;
    if (!items) return undefined;
    const properties = items.type === 'object' ? membersOf(items, `${about}[]`) : undefined;
    const { type, ...value } = declaredValue(items, false, `${about}[]`);
    const said = remark(items.description);
    const described = said !== undefined && said !== remark(shape.description) && !properties;
    return {
      type,
      ...withoutRequired(value),
      ...(described && { description: said }),
      ...(properties && { properties }),
    };
  }

  /** Undefined where others than the declared ones may be given. */
  function membersOf(shape: Shape, about: string): Members | undefined {
    if (shape.open || shape.properties.size === 0) return undefined;
    const members = [...shape.properties].filter(([, member]) => !member.readOnly);
    if (members.length === 0) return undefined;
    return Object.fromEntries(
      members.map(([name, member]) => {
        const at = `${about}.${name}`;
        const said = remark(member.description);
        if (member.properties.size > 0 || (member.items?.properties.size ?? 0) > 0)
          notes.leftOut(at, 'the members of what is nested this deep cannot be declared');
        const value = {
          ...declaredValue(member, shape.required.has(name), at),
          ...(said !== undefined && { description: said }),
        };
        return [name, value];
      }),
    );
  }

  /** Default and example, where they are valid for the input. */
  function withValues(input: InputFormat, shape: Shape, example: unknown, about: string): InputFormat {
    const { required: _required, description: _description, ...bounds } = input;
    const valid = checks.compile(schemaOf(bounds));
    const given = shape.default === null ? undefined : boundedCopy(shape.default);
    // What goes without saying need not be said for an object.
    const fallback = given !== undefined && !input.required && isSimple(given) ? given : undefined;
    if (fallback !== undefined && !valid(fallback)) notes.leftOut(about, 'its default is not valid for it');
    const shown = example === null || example === undefined ? undefined : boundedCopy(example);
    const telling = shown !== undefined && isSimple(shown) && shown !== fallback && !input.enum?.includes(shown);
    return {
      ...input,
      ...(fallback !== undefined && valid(fallback) && { default: fallback }),
      ...(telling && shown !== '' && valid(shown) && { example: shown }),
    };
  }
}

function withoutRequired({ required: _required, ...value }: Partial<Value>): Omit<Partial<Value>, 'required'> {
  return value;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

// A longer one is no help beside the input; it stands in the action's example.
const MAX_SIMPLE_CHARS = 100;

function isSimple(value: unknown): boolean {
  return (
    JSON.stringify(value)?.length <= MAX_SIMPLE_CHARS &&
    (isScalar(value) || (Array.isArray(value) && value.every(isScalar)))
  );
}
