import { Ajv, type CodeOptions, type ErrorObject, type ValidateFunction } from 'ajv';
import { RE2JS } from 're2js';
import type { FieldError } from '../problems.ts';
import type { InputSet, JsonSchema } from './connector.ts';
import type { InputFormat } from './format.ts';
import { fillerOf, membersSchema } from './input-schema.ts';
import { didYouMean } from './suggest.ts';

// A body full of faults should give a list that can be read, and cost little to make.
const MAX_REPORTED_ERRORS = 50;

/** Compiles the checks of callers' values; one serves all actions of a load, which have much in common. */
export interface InputChecks {
  /** The same function for an equal schema. Its `errors` are those of its last call. */
  compile(schema: JsonSchema): ValidateFunction;
}

/** Patterns in its schemas are RE2: linear in time. */
export function createInputChecks(): InputChecks {
  const compilePattern = (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // Ajv tells the patterns of all its schemas apart by their text.
    return { test: (text: string) => compiled.matcher(text).find(), source: pattern, toString: () => pattern };
  };
  // Ajv's type asks for a whole RegExp, but only test() is called; `code` is for standalone output, which is not made.
  const regExp = Object.assign(compilePattern, { code: 'pattern' }) as unknown as NonNullable<CodeOptions['regExp']>;
  // The schemas are made here, from declarations that were checked: they need not be validated as schemas again.
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    verbose: true,
    meta: false,
    validateSchema: false,
    // Optimising takes longer than all the rest of a compilation, and makes no difference that can be measured.
    code: { regExp, optimize: false },
  });
  const compiled = new Map<string, ValidateFunction>();
  return {
    compile(schema) {
      const text = JSON.stringify(schema);
      const check = compiled.get(text) ?? ajv.compile(schema);
      compiled.set(text, check);
      return check;
    },
  };
}

/** The JSON Schema of declared values, and their compiled check. */
export function compileInputSet(
  checks: InputChecks,
  declared: Readonly<Record<string, InputFormat>>,
  added: Readonly<Record<string, JsonSchema>> = {},
): InputSet {
  const members = membersSchema(declared);
  const properties = { ...(members.properties as Record<string, JsonSchema>), ...added };
  const schema: JsonSchema = { type: 'object', ...members, properties };
  const fill = fillerOf(declared);
  // Takes milliseconds; a start that puts off the examples puts this off with them.
  let validate: ValidateFunction | undefined;
  const names = new Set(Object.keys(properties));
  return Object.freeze({
    schema,
    names,
    bind(given: Readonly<Record<string, unknown>>) {
      const values = fill(given);
      validate ??= checks.compile(schema);
      if (validate(values)) return { values };
      return { errors: (validate.errors ?? []).slice(0, MAX_REPORTED_ERRORS).map((error) => fieldError(error, names)) };
    },
  });
}

/** How the message about a member begins that is not declared. */
export const UNKNOWN_MEMBER = 'is not known';
/** The message about one that is not there. */
export const MISSING_MEMBER = 'is required';

/** An Ajv error as a field error; `names` are the known members, for a suggestion. */
export function fieldError(error: ErrorObject, names: Iterable<string>): FieldError {
  const parameters = error.params as Record<string, unknown>;
  const path = error.instancePath;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(parameters.additionalProperty);
      const below = (error.parentSchema as { properties?: object } | undefined)?.properties ?? {};
      return {
        path: `${path}/${pointer(name)}`,
        message: `${UNKNOWN_MEMBER}${didYouMean(name, path === '' ? names : Object.keys(below))}`,
      };
    }
    case 'required':
      return { path: `${path}/${pointer(String(parameters.missingProperty))}`, message: MISSING_MEMBER };
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
