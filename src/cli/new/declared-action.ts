import { NAME_PATTERN, VALUE_TYPES } from '../../connector/format/parts.ts';
import type { ActionFormat } from '../../connector/format.ts';
import type { ExampleDraft } from '../../openapi/draft.ts';
import { nameInPath, quotedText } from '../../openapi/expression-text.ts';
import { labelOf, snakeCase } from '../../openapi/names.ts';
import { generated } from '../../openapi/sample.ts';
import { ANY_SHAPE } from '../../openapi/shape.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

type Method = NonNullable<ActionFormat['request']>['method'];
type ValueType = (typeof VALUE_TYPES)[number];

/** What an action is made of that somebody describes in words. */
export interface ActionWords {
  id: string;
  method: string;
  path: string;
  answers: string;
  /** Where the list or the record stands in the answer. */
  at: string;
  label?: string | undefined;
  description?: string | undefined;
  docs?: string | undefined;
  api?: string | undefined;
  scopes: readonly string[];
  token: ActionFormat['token'];
  /** `name:type` or `name:type:required`. */
  inputs: readonly string[];
  /** `name:type`, by the provider's names. */
  fields: readonly string[];
}

const METHODS: Readonly<Record<string, Method>> = {
  list: 'GET',
  get: 'GET',
  search: 'GET',
  find: 'GET',
  read: 'GET',
  create: 'POST',
  add: 'POST',
  update: 'PATCH',
  change: 'PATCH',
  replace: 'PUT',
  set: 'PUT',
  delete: 'DELETE',
  remove: 'DELETE',
};
const EFFECTS: Readonly<Record<Method, ActionFormat['effect']>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
};

/** The method that goes with the verb of an id, if it is a known one. */
export function methodOf(id: string): Method | undefined {
  return METHODS[id.split('_')[0] ?? ''];
}

/** Whether an action of this id gives a list. */
export function answersOf(id: string): 'list' | 'object' {
  return /^(list|search|find)_/.test(id) ? 'list' : 'object';
}

export function methodComplaint(text: string): string | undefined {
  return Object.hasOwn(EFFECTS, text.toUpperCase()) ? undefined : `write one of ${Object.keys(EFFECTS).join(', ')}`;
}

/** The action, and drafts of its examples with a made up answer. Throws {@link CommandFailure} (usage) for what is no input or field. */
export function declareAction(words: ActionWords): { action: ActionFormat; examples: ExampleDraft[] } {
  const method = words.method.toUpperCase() as Method;
  const bodyless = method === 'GET' || method === 'HEAD';
  const path = words.path.replace(/\{([^{}/]+)\}/g, (_match, name: string) => `{${snakeCase(name)}}`);
  const inPath = [...path.matchAll(/\{([^{}/]+)\}/g)].map(([, name = '']) => name);
  const given = words.inputs.map((text) => declared('--input', text));
  const others = given.filter(({ name }) => !inPath.includes(name));
  const inputs = [
    ...inPath.map(
      (name) => given.find((one) => one.name === name) ?? { name, type: 'string' as const, required: true },
    ),
    ...others,
  ].map((one) => ({ ...one, required: one.required || inPath.includes(one.name) }));
  const fields = (words.fields.length > 0 ? words.fields : ['id:string', 'name:string']).map((text) =>
    declared('--field', text),
  );
  const sent = Object.fromEntries(others.map(({ name }) => [name, `\${inputs.${name}}`]));
  const record = `{ ${fields.map(({ name }) => `${quotedText(snakeCase(name))}: ${nameInPath(name)}`).join(', ')} }`;
  const label = words.label ?? labelOf(words.id);
  const declaredFields = Object.fromEntries(fields.map(({ name, type }) => [snakeCase(name), { type }]));
  const action: ActionFormat = {
    id: words.id,
    label,
    description: words.description ?? `${label}.`,
    ...(words.docs !== undefined && { docs: words.docs }),
    ...(words.api !== undefined && { api: words.api }),
    effect: EFFECTS[method],
    scopes: [...words.scopes],
    token: words.token,
    ...(inputs.length > 0 && {
      inputs: Object.fromEntries(
        inputs.map(({ name, type, required }) => [name, { type, ...(required && { required }) }]),
      ),
    }),
    request: {
      method,
      path,
      ...(others.length > 0 && (bodyless ? { query: sent } : { body: sent })),
    },
    output:
      words.answers === 'list'
        ? { list: words.at, item: record, fields: declaredFields }
        : { object: `${words.at}.${record}`, fields: declaredFields },
  };
  return { action, examples: madeUp(action, words, inputs, fields) };
}

function madeUp(
  action: ActionFormat,
  { answers, at }: ActionWords,
  inputs: readonly Declared[],
  fields: readonly Declared[],
): ExampleDraft[] {
  const given = Object.fromEntries(inputs.filter(({ required }) => required).map((one) => [one.name, sample(one)]));
  const record = Object.fromEntries(fields.map((one) => [one.name, sample(one)]));
  const places = at.split('.').slice(1);
  const body = places.reduceRight<unknown>(
    (inside, name) => ({ [name]: inside }),
    answers === 'list' ? [record] : record,
  );
  const headers = { 'content-type': 'application/json' };
  const source = 'made up; take what the provider shows instead';
  const answer = action.effect === 'create' ? 201 : 200;
  return [
    {
      name: `${action.label} is answered.`,
      source,
      inputs: given,
      response: { status: answer, headers, body },
      shows: 'answer',
    },
    { name: 'The provider refuses it.', source: 'made up', inputs: given, response: { status: 400 }, shows: 'refusal' },
  ];
}

function sample({ name, type }: Declared): unknown {
  return generated({ ...ANY_SHAPE, type }, name, 'sent');
}

interface Declared {
  name: string;
  type: ValueType;
  required: boolean;
}

function declared(flag: string, text: string): Declared {
  const [name = '', type = 'string', required, ...rest] = text.split(':');
  const known = VALUE_TYPES.find((one) => one === type);
  const isName = flag === '--field' ? /^[A-Za-z][A-Za-z0-9_]*$/.test(name) : new RegExp(NAME_PATTERN).test(name);
  if (isName && known && rest.length === 0 && (required === undefined || required === 'required'))
    return { name, type: known, required: required === 'required' };
  throw new CommandFailure(
    EXIT.usage,
    `${flag} ${JSON.stringify(text.slice(0, 80))} is not understood`,
    `Write name:type${flag === '--input' ? ' or name:type:required' : ''}, with one of the types ${VALUE_TYPES.join(', ')}.`,
  );
}
