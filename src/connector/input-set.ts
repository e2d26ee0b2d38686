import { Ajv, type CodeOptions, type ErrorObject } from 'ajv';
import { RE2JS } from 're2js';
import type { FieldError } from '../problems.ts';
import type { InputSet, JsonSchema } from './connector.ts';
import type { InputFormat } from './format.ts';
import { didYouMean } from './suggest.ts';

// Ids and names are far shorter; without a cap a caller could send a megabyte into a URL.
const DEFAULT_MAX_LENGTH = 4_096;
// A body full of faults should give a list that can be read, and cost little to make.
const MAX_REPORTED_ERRORS = 50;

/** Makes an Ajv that validates callers' values; one serves all actions of a load. Patterns are RE2: linear in time. */
export function createInputAjv(): Ajv {
  const compilePattern = (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    return { test: (text: string) => compiled.matcher(text).find(), source: pattern };
  };
  // Ajv's type asks for a whole RegExp, but only test() is called; `code` is for standalone output, which is not made.
  const regExp = Object.assign(compilePattern, { code: 'pattern' }) as unknown as NonNullable<CodeOptions['regExp']>;
  // The schemas are made here, from declarations that were checked: they need not be validated as schemas again.
  return new Ajv({
    allErrors: true,
    strict: false,
    verbose: true,
    meta: false,
    validateSchema: false,
    code: { regExp },
  });
}

/** The JSON Schema of declared values, and their compiled check. */
export function compileInputSet(
  ajv: Ajv,
  declared: Readonly<Record<string, InputFormat>>,
  added: Readonly<Record<string, JsonSchema>> = {},
): InputSet {
  const defaults: Record<string, unknown> = {};
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, input] of Object.entries(declared)) {
    properties[name] = schemaOf(input);
    if (input.default !== undefined) defaults[name] = input.default;
    else if (input.required) required.push(name);
  }
  Object.assign(properties, added);
  const schema: JsonSchema = { type: 'object', properties, required, additionalProperties: false };
  const validate = ajv.compile(schema);
  const names = new Set(Object.keys(properties));
  return Object.freeze({
    schema,
    names,
    bind(given: Readonly<Record<string, unknown>>) {
      const values = { ...defaults, ...given };
      if (validate(values)) return { values };
      return { errors: (validate.errors ?? []).slice(0, MAX_REPORTED_ERRORS).map((error) => fieldError(error, names)) };
    },
  });
}

/** The JSON Schema of one declared value. */
export function schemaOf(input: InputFormat | NonNullable<InputFormat['items']>): JsonSchema {
  const { type, description, enum: values, minimum, maximum, min_length, max_length, pattern, example } = input;
  const items = 'items' in input ? input.items : undefined;
  return {
    type,
    ...(description !== undefined && { description }),
    ...(input.default !== undefined && { default: input.default }),
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
  };
}

/** An Ajv error as a field error; `names` are the known members, for a suggestion. */
export function fieldError(error: ErrorObject, names: Iterable<string>): FieldError {
  const parameters = error.params as Record<string, unknown>;
  const path = error.instancePath;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(parameters.additionalProperty);
      return {
        path: `${path}/${pointer(name)}`,
        message: `is not known${path === '' ? didYouMean(name, names) : ''}`,
      };
    }
    case 'required':
      return { path: `${path}/${pointer(String(parameters.missingProperty))}`, message: 'is required' };
    case 'type':
      return { path, message: `must be ${String(parameters.type)}` };
    case 'enum':
      return {
        path,
        message: `must be one of ${(parameters.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`,
      };
    default:
      return { path, message: error.message ?? 'is not valid' };
  }
}

function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
