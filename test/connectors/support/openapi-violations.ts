import { Ajv, type ErrorObject } from 'ajv';
import { isObject } from './json.ts';
import type { Operation, Parameter, Schema } from './openapi.ts';

/** A request as it goes out. */
export interface SentRequest {
  method: string;
  url: URL;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** Parsed; undefined where there is none. */
  body: unknown;
}

// What HTTP itself gives a meaning to; a specification need not name them.
const GENERAL_HEADERS = ['accept', 'content-type'];
// "Filter the data. See the Filtering section": any field, and one of that section's comparisons.
const ANY_FILTER = /^filter\[[^\]]+\](-(eq|lt|le|ge|gt|starts|ends|contains))?$/;

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });

/** Everything in which a request is not what its operation takes. */
export function violationsOf(operation: Operation, request: SentRequest): string[] {
  const { url, headers, body } = request;
  const given = (place: string) => operation.parameters.filter((one) => one.in === place);
  return [
    ...pathViolations(operation, url),
    ...namedViolations('query parameter', given('query'), [...url.searchParams]),
    ...namedViolations(
      'header',
      given('header').map((one) => ({ ...one, name: one.name.toLowerCase() })),
      Object.entries(headers),
    ),
    ...bodyViolations(operation, headers['content-type'], body),
  ];
}

function pathViolations({ path, parameters }: Operation, url: URL): string[] {
  const segments = url.pathname.split('/').map(decodeURIComponent);
  return path.split('/').flatMap((segment, index) => {
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    return parameter ? textViolations(`path parameter "${name}"`, parameter.schema, segments[index] ?? '') : [];
  });
}

function namedViolations(
  what: string,
  parameters: readonly Parameter[],
  values: readonly (readonly [string, string])[],
): string[] {
  const missing = parameters
    .filter(({ name, required }) => required && !values.some(([given]) => given === name))
    .map(({ name }) => `${what} "${name}" is missing`);
  const wrong = values.flatMap(([name, text]) => {
    const parameter = parameters.find(
      (one) => one.name === name || (one.name === 'filter[*]' && ANY_FILTER.test(name)),
    );
    if (parameter) return textViolations(`${what} "${name}"`, parameter.schema, text);
    return what === 'header' && GENERAL_HEADERS.includes(name) ? [] : [`${what} "${name}" is not known`];
  });
  return [...missing, ...wrong];
}

function textViolations(what: string, schema: Schema, text: string): string[] {
  return errorsOf(schema, meaningOf(schema, text)).map(({ message }) => `${what} ${message}`);
}

/** The value that a text stands for. Lists are joined by commas: so the reference pages have it, the files say nothing. */
function meaningOf(schema: Schema, text: string): unknown {
  const { type, items } = schema;
  if (type === 'array') return text.split(',').map((item) => meaningOf(isObject(items) ? items : {}, item));
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function bodyViolations({ body: declared }: Operation, contentType: string | undefined, body: unknown): string[] {
  if (body === undefined) return declared?.required ? ['a body is missing'] : [];
  if (!declared) return ['no body is taken'];
  const schema = declared.schemas.get(contentType ?? '');
  if (!schema) return [`content type ${contentType} is not taken`];
  return [
    ...errorsOf(schema, body).map(({ instancePath, message }) => `body${plain(instancePath)} ${message}`),
    ...unknownMembers('body', schema, body),
  ];
}

/** The files rarely forbid other members, and providers ignore them: a misspelt one would never be noticed. */
function unknownMembers(path: string, schema: Schema, value: unknown): string[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return isObject(items) ? value.flatMap((item) => unknownMembers(`${path}/*`, items, item)) : [];
  }
  const { properties } = schema;
  if (!isObject(value) || !isObject(properties)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const declared = properties[name];
    return isObject(declared) ? unknownMembers(`${path}/${name}`, declared, member) : [`${path}/${name} is not known`];
  });
}

const validators = new WeakMap<Schema, ReturnType<typeof ajv.compile>>();

function errorsOf(schema: Schema, value: unknown): readonly ErrorObject[] {
  const validate = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validate);
  return validate(value) ? [] : (validate.errors ?? []);
}

/** Without the position in lists: a fault is one, however many items have it. */
function plain(pointer: string): string {
  return pointer.replace(/\/\d+(?=\/|$)/g, '/*');
}
