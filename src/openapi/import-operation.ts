import type { ActionFormat, ConnectorFormat } from '../connector/format.ts';
import { createInputChecks } from '../connector/input-set.ts';
import { readAnswer } from './answer.ts';
import { type BodyMapping, JSON_TYPE, mapBody } from './body.ts';
import type { OpenApiDocument } from './document.ts';
import type { DraftInput, ExampleDraft } from './draft.ts';
import { effectOf } from './effect.ts';
import { draftExamples, withExampleValues } from './examples.ts';
import { createMakeInput } from './input.ts';
import { objectOf, textOf } from './json.ts';
import { createNamer, labelOf, snakeCase } from './names.ts';
import { createNotes, type Note, type Notes } from './notes.ts';
import { type Operation, operationName } from './operations.ts';
import { mapOutput, type OutputMapping } from './output.ts';
import { guessPaging } from './pagination.ts';
import { mapParameters, readParameters } from './parameters.ts';
import { pathOf } from './path.ts';
import { description } from './prose.ts';
import { createSchemaReader } from './read-schema.ts';
import { createResolver } from './resolve.ts';
import { readSecurity, type Security } from './security.ts';
import { serverOf } from './server.ts';

/** The connector that the action is for. */
export interface ImportInto {
  connector: ConnectorFormat;
  /** Its actions, whose API family those of the same paths share. */
  actions: readonly ActionFormat[];
  /** Id of the action; otherwise after the operation. */
  id?: string | undefined;
  /** API family; otherwise that of the actions with the same beginning of their paths. */
  api?: string | undefined;
  /** Scopes that are not in the catalogue are kept, to be added to it. */
  addScopes: boolean;
}

export interface ImportedOperation {
  action: ActionFormat;
  examples: ExampleDraft[];
  notes: Note[];
  /** To be added to the catalogue: scope -> description. */
  newScopes: ReadonlyMap<string, string>;
}

/**
 * An operation as an action, and drafts of its examples. Whatever the file holds, there is an action: what the format has no
 * place for is left out, and what is not certain is guessed; `notes` tell of both. Pure.
 */
export function importOperation(document: OpenApiDocument, operation: Operation, into: ImportInto): ImportedOperation {
  const notes = createNotes();
  const { root } = document;
  const { node, item, method } = operation;
  const resolver = createResolver(root, notes);
  const readSchema = createSchemaReader(resolver, notes);
  const checks = createInputChecks();
  const makeInput = createMakeInput(checks, notes);
  const namer = createNamer();

  const parameters = readParameters(resolver, readSchema, node.parameters, item.parameters, notes);
  const answer = readAnswer(node.responses, { resolver, readSchema, notes });
  const found = mapOutput(answer, notes);
  const paging = found && guessPaging(method, parameters, answer, found, notes);
  const server = serverOf([node, item, root], notes);
  const givenPath = `${server.basePath}${operation.path}`;
  const api = into.api ?? apiOf(givenPath, into, notes);
  const leave = { query: paging?.parameters ?? new Set<string>(), headers: headersOf(into.connector, api) };
  const mapped = mapParameters(parameters, leave, namer, makeInput, notes);
  const bodyless = method === 'GET' || method === 'HEAD';
  if (bodyless && node.requestBody !== undefined) notes.leftOut('request body', `a ${method} has none`);
  const nothing: BodyMapping = { inputs: [], body: undefined, contentType: JSON_TYPE };
  const body = bodyless ? nothing : mapBody(node.requestBody, { resolver, readSchema, namer, makeInput, notes });

  const path = pathOf(givenPath, mapped.pathNames, namer, notes);
  const used = mapped.inputs.filter(
    ({ from, original }) => from !== 'path' || operation.path.includes(`{${original}}`),
  );
  const inputs = withExampleValues([...used, ...path.inputs, ...body.inputs].sort(byPlace), checks, notes);
  const id =
    into.id ?? snakeCase(operation.id ?? `${method.toLowerCase()} ${operation.path.replace(/\{[^}]*\}/g, '')}`);
  const effect = effectOf(method, operation.id ?? id);
  const security = readSecurity(node, root, resolver, notes);
  const { scopes, newScopes } = knownScopes(security, into, notes);
  const output = found ?? withoutBody(effect, inputs);
  const said = describe(node, id);
  const usual = into.connector.apis?.[api ?? '']?.content_type ?? JSON_TYPE;
  const action = {
    id,
    label: said.label,
    description: said.description,
    ...(said.docs !== undefined && { docs: said.docs }),
    ...(api !== undefined && { api }),
    effect,
    scopes,
    token: obtainable(security.token, into.connector, notes),
    ...(inputs.length > 0 && { inputs: Object.fromEntries(inputs.map(({ name, input }) => [name, input])) }),
    request: {
      method,
      ...hostOf(server.origin, into.connector, notes),
      path: path.path,
      ...filled('path_params', path.pathParams),
      ...filled('query', mapped.query),
      ...(mapped.queryLists && { query_lists: mapped.queryLists }),
      ...filled('headers', mapped.headers),
      ...(body.body !== undefined && body.contentType !== usual && { content_type: body.contentType }),
      ...(body.body !== undefined && { body: body.body }),
    },
    ...(paging && { pagination: paging.pagination }),
    output: output.output,
  } as ActionFormat;
  const examples = draftExamples({
    inputs,
    answer,
    mapping: found,
    paging,
    file: `the OpenAPI description "${document.name}"`,
    operation: operationName(operation),
  });
  return { action, examples, notes: notes.list(), newScopes };
}

const PLACES = ['path', 'body', 'query', 'header'];

function byPlace(one: DraftInput, other: DraftInput): number {
  return PLACES.indexOf(one.from) - PLACES.indexOf(other.from);
}

function filled(key: string, templates: Record<string, string>): object {
  return Object.keys(templates).length > 0 ? { [key]: templates } : {};
}

// A label is a heading.
const MAX_LABEL_CHARS = 60;

function describe(
  node: Operation['node'],
  id: string,
): { label: string; description: string; docs: string | undefined } {
  const summary = description(textOf(node.summary))?.replace(/\.$/, '');
  const url = textOf(objectOf(node.externalDocs).url);
  return {
    label: summary !== undefined && summary.length <= MAX_LABEL_CHARS ? summary : labelOf(id),
    description: description(textOf(node.description)) ?? (summary === undefined ? `${labelOf(id)}.` : `${summary}.`),
    docs: url !== undefined && /^https:\/\/\S+$/.test(url) ? url : undefined,
  };
}

function knownScopes(
  { scopes, described }: Security,
  { connector, addScopes }: ImportInto,
  notes: Notes,
): { scopes: string[]; newScopes: ReadonlyMap<string, string> } {
  const unknown = scopes.filter((scope) => !Object.hasOwn(connector.scopes, scope));
  if (unknown.length === 0) return { scopes, newScopes: new Map() };
  const saying = (scope: string) => description(described.get(scope)) ?? `As the provider says: ${scope}`;
  if (addScopes) {
    notes.changed('scopes', `${unknown.join(' ')}: added to the catalogue in connector.yaml`);
    return { scopes, newScopes: new Map(unknown.map((scope) => [scope, saying(scope)])) };
  }
  notes.leftOut('scopes', `${unknown.join(' ')}: not in the catalogue of connector.yaml; --add-scopes adds them`);
  return { scopes: scopes.filter((scope) => !unknown.includes(scope)), newScopes: new Map() };
}

function obtainable(
  token: ActionFormat['token'],
  { authentication }: ConnectorFormat,
  notes: Notes,
): ActionFormat['token'] {
  if (
    token === 'any' ||
    authentication.some((method) => ('tokens' in method ? method.tokens : ['user']).some((kind) => kind === token))
  )
    return token;
  notes.changed('token', `any: no authentication of the connector gives ${token} tokens`);
  return 'any';
}

/** Lower-case names of the headers that every request has anyway. */
function headersOf({ defaults, apis }: ConnectorFormat, api: string | undefined): ReadonlySet<string> {
  const names = [defaults?.headers, apis?.[api ?? '']?.headers].flatMap((headers) => Object.keys(headers ?? {}));
  return new Set(names.map((name) => name.toLowerCase()));
}

/** The name of a host that is not the connector's first one. */
function hostOf(origin: string | undefined, { hosts }: ConnectorFormat, notes: Notes): { host?: string } {
  const [first, ...others] = Object.entries(hosts);
  if (origin === undefined || first?.[1] === origin) return {};
  const other = others.find(([, one]) => one === origin);
  if (other) return { host: other[0] };
  const name = snakeCase(new URL(origin).hostname.split('.')[0] ?? 'api');
  notes.changed(
    'host',
    `${origin} is none of the connector's hosts, ${first?.[1]} is taken; to call it add under hosts: "${name}: ${origin}"`,
  );
  return {};
}

/** The API family of the actions whose paths begin alike, which it notes as a guess; undefined where they have none, or several. */
export function apiOf(
  path: string,
  { actions, connector }: Pick<ImportInto, 'actions' | 'connector'>,
  notes: Notes,
): string | undefined {
  if (!connector.apis) return undefined;
  const segments = path.split('/');
  const shared = actions.flatMap((action) => {
    const other = action.request?.path.split('/') ?? [];
    const differing = other.findIndex((segment, index) => segment !== segments[index] || segment.startsWith('{'));
    const length = differing < 0 ? other.length : differing;
    return length > 1 ? [{ length, api: action.api }] : [];
  });
  const longest = Math.max(0, ...shared.map(({ length }) => length));
  const families = new Set(shared.filter(({ length }) => length === longest).map(({ api }) => api));
  const [api] = families;
  if (families.size !== 1 || api === undefined) return undefined;
  notes.guess('api', `${api}, as other actions below ${segments.slice(0, longest).join('/')}`);
  return api;
}

const DONE = { read: 'answered', create: 'created', update: 'updated', delete: 'deleted', execute: 'done' } as const;

/** What an action says whose provider answers without a body. */
function withoutBody(effect: ActionFormat['effect'], inputs: readonly DraftInput[]): Pick<OutputMapping, 'output'> {
  const named = inputs.filter(({ from }) => from === 'path');
  const pairs = [...named.map(({ name }) => `"${name}": inputs.${name}`), `"${DONE[effect]}": true`];
  const fields = Object.fromEntries(named.map(({ name, input }) => [name, { type: input.type }]));
  const done = { type: 'boolean' as const, description: 'The provider accepted it' };
  return { output: { object: `{ ${pairs.join(', ')} }`, fields: { ...fields, [DONE[effect]]: done } } };
}
