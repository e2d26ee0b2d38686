import type { OutputFormat } from '../connector/format.ts';
import { MAX_EXPRESSION_CHARS } from '../expression/limits.ts';
import type { Answer } from './answer.ts';
import { isReadable, pathText, quotedText } from './expression-text.ts';
import { isObject, member } from './json.ts';
import { createNamer, snakeCase } from './names.ts';
import type { Notes } from './notes.ts';
import { remark } from './prose.ts';
import { isOfType } from './sample.ts';
import { ANY_SHAPE, type Shape } from './shape.ts';

type Field = NonNullable<OutputFormat['fields']>[string];

/** A field of the output, and where it stands in the provider's answer below the record. */
export interface OutputField {
  name: string;
  path: readonly string[];
  shape: Shape;
}

export interface OutputMapping {
  output: OutputFormat;
  kind: 'list' | 'object';
  /** Where the list or the record stands in the body; empty: it is the body. */
  place: readonly string[];
  fields: readonly OutputField[];
}

/** Names that lists of records have by custom, the commonest first. */
const LISTS = ['data', 'results', 'items', 'value', 'values', 'records', 'entries', 'list', 'result'];
/** Names of an envelope around one record. */
const ENVELOPES = ['data', 'result', 'item', 'response'];
// A list within an envelope within the body; deeper ones are somebody's data.
const MAX_ENVELOPES = 2;

// An output that nobody can take in at a glance is no help.
const MAX_FIELDS = 60;

/** The output of an action: the list or the record in the answer, its members by the names of the format. */
export function mapOutput({ shape, example }: Answer, notes: Notes): OutputMapping | undefined {
  if (!shape) return undefined;
  const found = findRecords(shape, [], 0);
  const place = found?.place ?? [];
  const record = found?.record ?? shape;
  const kind = found?.kind ?? 'object';
  const at = pathText(['body', ...place]);
  const shown = recordIn(example, place);
  if (found && place.length > 0) notes.guess('output', `the ${kind === 'list' ? 'list' : 'record'} is ${at}`);
  const fields = fieldsOf(record, shown, notes);
  if (fields.length === 0) return { output: kind === 'list' ? { list: at } : { object: at }, kind, place, fields };
  const nullable = fields.some((field) => isNullable(field, shown));
  const kept = fitting(fields, nullable, at.length, notes);
  const text = recordText(kept, nullable);
  const declared = Object.fromEntries(kept.map((field) => [field.name, fieldOf(field)]));
  if (kind === 'list') return { output: { list: at, item: text, fields: declared }, kind, place, fields: kept };
  return { output: { object: `${at}.${text}`, fields: declared }, kind, place, fields: kept };
}

interface Records {
  kind: 'list' | 'object';
  place: readonly string[];
  record: Shape;
}

/** Where the records are; undefined where the answer is one itself. */
function findRecords(shape: Shape, place: readonly string[], depth: number): Records | undefined {
  if (shape.type === 'array') return { kind: 'list', place, record: shape.items ?? ANY_SHAPE };
  const names = [...shape.properties.keys()];
  const isEnvelope = names.length <= MAX_ENVELOPE_MEMBERS && !names.includes('id');
  if (!isEnvelope) return undefined;
  const envelope = ENVELOPES.find((name) => shape.properties.get(name)?.properties.size);
  const list = envelope === undefined ? listIn(shape) : undefined;
  if (list !== undefined) {
    const record = shape.properties.get(list)?.items ?? ANY_SHAPE;
    return { kind: 'list', place: [...place, list], record };
  }
  const inside = envelope === undefined ? undefined : shape.properties.get(envelope);
  if (envelope === undefined || !inside || depth >= MAX_ENVELOPES) return undefined;
  const within = [...place, envelope];
  return findRecords(inside, within, depth + 1) ?? { kind: 'object', place: within, record: inside };
}

/** The list of an envelope: one by a common name, or the only one of an answer that says little besides. */
function listIn({ properties }: Shape): string | undefined {
  const lists = [...properties].filter(
    ([name, { type }]) => type === 'array' && isReadable(name) && !BESIDES.test(name),
  );
  const named = LISTS.find((name) => lists.some(([one]) => one === name));
  const [only, ...others] = lists.map(([name]) => name);
  const besides = [...properties.keys()].filter((name) => name !== only && !BESIDES.test(name));
  return named ?? (others.length === 0 && besides.length === 0 ? only : undefined);
}

// What envelopes hold besides: how many there are and where the next ones are, warnings and related records.
const BESIDES =
  /^_?(pagination|paging|page|meta|metadata|links?|next|prev(ious)?|first|last|total|count|size|limit|offset|cursor|included|errors|warnings|jsonapi|status|success|object|type|kind|self|href|url|region|ok|code|message)(?![a-z])/i;
// An answer with more members than data, links, meta and the like is a record itself, which has a list.
const MAX_ENVELOPE_MEMBERS = 8;

/** The first record of an example, or undefined. */
export function recordIn(example: unknown, place: readonly string[]): unknown {
  let at = example;
  for (const name of place) at = member(at, name);
  return Array.isArray(at) ? at[0] : at;
}

function fieldsOf(record: Shape, shown: unknown, notes: Notes): OutputField[] {
  const namer = createNamer(new Set());
  const found: OutputField[] = [];
  const add = (wanted: string, path: readonly string[], shape: Shape) => {
    if (path.every(isReadable)) found.push({ name: namer.take(wanted), path, shape });
    else notes.leftOut(`answer.${path.join('.').slice(0, 80)}`, 'no expression can read a member of this name');
  };
  // JSON:API (jsonapi.org/format/#document-resource-objects): what a record says is spread over three members.
  const { attributes, relationships } = Object.fromEntries(record.properties);
  const isResource = record.properties.has('type') && attributes?.type === 'object' && attributes.properties.size > 0;
  for (const [name, shape] of record.properties) {
    if (shape.writeOnly) continue;
    if (!isResource || (name !== 'attributes' && name !== 'relationships' && name !== 'links' && name !== 'meta'))
      add(snakeCase(name), [name], shape);
  }
  if (!isResource) return typed(found, shown);
  for (const [name, shape] of attributes.properties) add(snakeCase(name), ['attributes', name], shape);
  for (const [name, shape] of relationships?.properties ?? []) {
    const id = shape.properties.get('data')?.properties.get('id');
    if (id) add(`${snakeCase(name)}_id`, ['relationships', name, 'data', 'id'], id);
  }
  const rest = ['relationships', 'links', 'meta'].filter((name) => record.properties.has(name));
  if (rest.length > 0) notes.leftOut('output', `of ${rest.join(', ')} only ids of related records are taken`);
  return typed(found, shown);
}

/** What has no type, or another one in the example, is as the example shows it. */
function typed(fields: readonly OutputField[], shown: unknown): OutputField[] {
  return fields.map(({ shape, ...found }) => {
    const field = { ...found, shape: { ...shape, type: shape.type ?? ('object' as const) } };
    const value = valueAt(shown, field.path);
    if (value === undefined || value === null || isOfType(value, field.shape.type)) return field;
    const type = Array.isArray(value) ? 'array' : typeof value;
    if (type === 'bigint' || type === 'symbol' || type === 'undefined' || type === 'function') return field;
    return { ...field, shape: { ...field.shape, type, enum: undefined, pattern: undefined } };
  });
}

function isNullable({ shape, path }: OutputField, shown: unknown): boolean {
  return shape.nullable || valueAt(shown, path) === null;
}

export function valueAt(from: unknown, path: readonly string[]): unknown {
  let at = from;
  for (const name of path) at = isObject(at) ? member(at, name) : undefined;
  return at;
}

function fitting(fields: readonly OutputField[], nullable: boolean, around: number, notes: Notes): OutputField[] {
  const kept = fields.slice(0, MAX_FIELDS);
  while (kept.length > 1 && recordText(kept, nullable).length + around + 100 > MAX_EXPRESSION_CHARS) kept.pop();
  const rest = fields.slice(kept.length);
  if (rest.length > 0)
    notes.leftOut(
      'output',
      `fields beyond the first ${kept.length}: ${rest
        .slice(0, 20)
        .map(({ name }) => name)
        .join(', ')}`,
    );
  return kept;
}

/** `{ "bucket_key": bucketKey, … }`. Members that are null are taken away where the provider is known to send such. */
function recordText(fields: readonly OutputField[], nullable: boolean): string {
  const pairs = fields.map(({ name, path }) => `${quotedText(name)}: ${pathText(path)}`);
  const short = `{ ${pairs.join(', ')} }`;
  // With the key before it, what fits on one line of 120 columns.
  const text = short.length <= 90 ? short : `{\n${pairs.map((pair) => `  ${pair}`).join(',\n')}\n}`;
  return nullable ? `$sift(${text}, function($value) { $value != null })` : text;
}

function fieldOf({ shape }: OutputField): Field {
  const said = remark(shape.description);
  return { type: shape.type ?? 'object', ...(said !== undefined && { description: said }) };
}
