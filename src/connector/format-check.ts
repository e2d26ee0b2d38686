import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import type { Diagnostic } from './diagnostics.ts';
import { didYouMean, nearest } from './suggest.ts';
import { mostTelling } from './union-errors.ts';
import { MAX_FAULTS_PER_FILE, type Path, type YamlFile } from './yaml-file.ts';

// Several errors of a union become one fault; a file with more is not read to the end.
const MAX_ERRORS = 10 * MAX_FAULTS_PER_FILE;

/** Checks parsed files against one schema of the format. */
export type FormatCheck = (file: YamlFile) => Diagnostic[];

/** Checks against a schema of the format, which is compiled once, when the first file comes. */
export function createFormatCheck(schema: TSchema): FormatCheck {
  let validate: ValidateFunction | undefined;
  return (file) => {
    validate ??= compile(schema);
    if (validate(file.value)) return [];
    const errors = (validate.errors ?? []).slice(0, MAX_ERRORS);
    return withoutMisspelt(mostTelling(errors))
      .slice(0, MAX_FAULTS_PER_FILE)
      .map((error) => diagnosticOf(file, error));
  };
}

/** The schemas are the format's own: they need not be checked, and each validates too few files to be worth optimising. */
function compile(schema: TSchema): ValidateFunction {
  const unchecked = { strict: false, meta: false, validateSchema: false } as const;
  return new Ajv({ allErrors: true, verbose: true, ...unchecked, code: { optimize: false } }).compile(schema);
}

/** Without the keys that are missing only because they are misspelt: of those one is told already, with what was meant. */
function withoutMisspelt(errors: readonly ErrorObject[]): ErrorObject[] {
  const meant = new Set<string>();
  for (const { keyword, instancePath, params, parentSchema } of errors) {
    if (keyword !== 'additionalProperties') continue;
    const known = Object.keys((parentSchema as { properties?: object }).properties ?? {});
    meant.add(`${instancePath} ${nearest(String(params.additionalProperty), known)}`);
  }
  return errors.filter(
    ({ keyword, instancePath, params }) =>
      keyword !== 'required' || !meant.has(`${instancePath} ${String(params.missingProperty)}`),
  );
}

function diagnosticOf(file: YamlFile, error: ErrorObject): Diagnostic {
  const path = pathOf(error.instancePath);
  const parameters = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(parameters.additionalProperty);
      if (parameters.excludedBy !== undefined) {
        const message = `key "${key}" does not go with "${String(parameters.excludedBy)}"`;
        return file.at([...path, key], 'FMT001', message, { key: true });
      }
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      const hint = known.length > 0 ? didYouMean(key, known) : ' (not a valid name)';
      return file.at([...path, key], 'FMT001', `unknown key "${key}"${hint}`, { key: true });
    }
    case 'required':
      return file.at(path, 'FMT002', `key "${String(parameters.missingProperty)}" is missing`);
    case 'enum': {
      const allowed = (parameters.allowedValues as unknown[]).map(String);
      return file.at(path, 'FMT003', `must be one of ${allowed.join(', ')}${didYouMean(String(error.data), allowed)}`);
    }
    case 'const':
      return file.at(path, 'FMT003', `must be ${JSON.stringify(parameters.allowedValue)}`);
    case 'type':
      return file.at(path, 'FMT003', `must be ${wordOf(String(parameters.type))}, is ${describe(error.data)}`);
    default:
      return file.at(path, 'FMT003', `${error.message ?? 'is not valid'}, is ${describe(error.data)}`);
  }
}

/** A JSON type, or several with "or" between them, as YAML has it. */
function wordOf(types: string): string {
  const words: Readonly<Record<string, string>> = { array: 'a list', object: 'a mapping', integer: 'a whole number' };
  return types.replaceAll(/\w+/g, (type) => (type === 'or' ? type : (words[type] ?? `a ${type}`)));
}

function describe(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function pathOf(instancePath: string): Path {
  return instancePath === ''
    ? []
    : instancePath
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
