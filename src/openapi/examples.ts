import { schemaOf } from '../connector/input-schema.ts';
import type { InputChecks } from '../connector/input-set.ts';
import type { Answer } from './answer.ts';
import type { DraftInput, ExampleDraft } from './draft.ts';
import { boundedCopy, isObject } from './json.ts';
import type { Notes } from './notes.ts';
import { type OutputField, type OutputMapping, recordIn, valueAt } from './output.ts';
import type { Paging } from './pagination.ts';
import { generated, isOfType, sampleOf } from './sample.ts';

export interface ExampleSources {
  inputs: readonly DraftInput[];
  answer: Answer;
  mapping: OutputMapping | undefined;
  paging: Paging | undefined;
  /** The file and the operation, for `source`. */
  file: string;
  operation: string;
}

// A list of two shows that it is one.
const SHOWN_RECORDS = 2;
/** Refusals by how much they tell about the action; not 401, after which a token is renewed. */
const TELLING = [404, 400, 403, 409, 422];
const SIZE_INPUT = 'page_size';

/** Examples of an operation: an answer (of what is paginated, a page with a next one and the last one), and a refusal. */
export function draftExamples(sources: ExampleSources): ExampleDraft[] {
  const { answer, mapping, paging, file, operation } = sources;
  const inputs = Object.fromEntries(
    sources.inputs.flatMap(({ name, input, example }) =>
      input.required || example !== undefined ? [[name, example]] : [],
    ),
  );
  const body = mapping ? bodyOf(answer, mapping) : { value: undefined, made: 'made' as const };
  const source = SOURCES[body.made](file, operation);
  const headers = { 'content-type': answer.contentType ?? 'application/json' };
  const { status } = answer;
  const required = Object.fromEntries(
    sources.inputs.flatMap(({ name, input, example }) => (input.required ? [[name, example]] : [])),
  );
  const refusal = refusalOf(answer, required, file, operation);
  if (!mapping)
    return [
      { name: 'It is answered, without a body.', source, inputs, response: { status }, shows: 'answer' },
      refusal,
    ];
  if (!paging) {
    const response = { status, headers, body: body.value };
    return [{ name: 'It is answered.', source, inputs, response, shows: 'answer' }, refusal];
  }
  const page = { headers, body: body.value };
  const [next, last] = [paging.withNext(page), paging.asLast(page)];
  const records = valueAt(body.value, mapping.place);
  const asked = paging.pageSize ? { ...inputs, [SIZE_INPUT]: Array.isArray(records) ? records.length : 1 } : inputs;
  return [
    {
      name: 'A page that has a next one.',
      source,
      inputs: asked,
      response: { status, headers: next.headers, body: next.body },
      shows: 'page_with_next',
    },
    {
      name: 'The last page has no next one.',
      source: `made up after ${operation} in ${file}`,
      inputs,
      response: { status, headers: last.headers, body: last.body },
      shows: 'last_page',
    },
    refusal,
  ];
}

function refusalOf(
  { refusals }: Answer,
  inputs: ExampleDraft['inputs'],
  file: string,
  operation: string,
): ExampleDraft {
  const status = TELLING.find((one) => refusals.includes(one)) ?? 400;
  return {
    name: `The provider refuses it with status ${status}.`,
    source: `made up after the statuses of ${operation} in ${file}`,
    inputs,
    response: { status },
    shows: 'refusal',
  };
}

/**
 * What the output reads of the file's own example, as far as it fits the fields, with every field shown; else a body that is
 * made after the schema.
 */
function bodyOf({ example, shape }: Answer, mapping: OutputMapping): { value: unknown; made: keyof typeof SOURCES } {
  const { kind, place, fields } = mapping;
  if (fields.length === 0) {
    if (example !== undefined) return { value: example, made: 'given' };
    return { value: shape && sampleOf(shape, 'answer', 'answered'), made: 'made' };
  }
  const shown = recordIn(example, place);
  const complete = fields.reduce<unknown>((record, field) => withField(record, field, shownValue(field, shown)), {});
  if (!isObject(shown)) return { value: placed(kind === 'list' ? [complete] : complete, place, {}), made: 'made' };
  const isWhole = fields.every(({ path }) => same(valueAt(complete, path), valueAt(shown, path)));
  const made = isWhole ? 'given' : 'completed';
  if (kind === 'object') return { value: placed(complete, place, {}), made };
  const all = valueAt(example, place);
  const others = (Array.isArray(all) ? all : [])
    .slice(1, SHOWN_RECORDS)
    .filter((record) => fitsAll(record, fields))
    .map((record) => fields.reduce<unknown>((kept, field) => withField(kept, field, valueAt(record, field.path)), {}));
  return { value: placed([complete, ...others], place, {}), made };
}

const SOURCES = {
  given: (file: string, operation: string) => `${file}, example of ${operation}, trimmed`,
  completed: (file: string, operation: string) =>
    `${file}, example of ${operation}, trimmed and completed after its schema`,
  made: (file: string, operation: string) => `made up after the schema of ${operation} in ${file}`,
};

/** The value of a field in the file's example; one that is missing, null or of another type is made after the schema. */
function shownValue(field: OutputField, shown: unknown): unknown {
  const value = valueAt(shown, field.path);
  // One that is null is taken away by the output; with a value it is seen.
  const fits = value !== undefined && value !== null && isOfType(value, field.shape.type);
  return fits ? value : madeValue(field);
}

function fitsAll(record: unknown, fields: readonly OutputField[]): boolean {
  return fields.every(({ path, shape }) => {
    const value = valueAt(record, path);
    return value === undefined || isOfType(value, shape.type);
  });
}

function madeValue({ name, shape }: OutputField): unknown {
  const value = sampleOf(shape, name, 'answered', 1);
  return isOfType(value, shape.type) ? value : generated(shape, name, 'answered', 1);
}

function withField(record: unknown, { path }: OutputField, value: unknown): unknown {
  return value === undefined ? record : placed(value, path, record);
}

/** The value, put into its place of something else. */
function placed(value: unknown, [name, ...rest]: readonly string[], around: unknown): unknown {
  if (name === undefined) return value;
  const members = isObject(around) ? around : {};
  return { ...members, [name]: placed(value, rest, members[name]) };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * The inputs with the value that examples give them: for those that are required, and for members of a body of which the
 * file has an example. A declaration that no value can be found for is loosened, with a note.
 */
export function withExampleValues(drafts: readonly DraftInput[], checks: InputChecks, notes: Notes): DraftInput[] {
  const needsOne =
    drafts.some(({ from }) => from === 'body') && !drafts.some(({ from, input }) => from === 'body' && input.required);
  const firstOfBody = drafts.find(({ from, input }) => from === 'body' && input.type !== 'object');
  return drafts.map((draft) => {
    const { input, name, shape, from } = draft;
    const { description: _description, example: _example, required: _required, default: _default, ...bounds } = input;
    const valid = checks.compile(schemaOf(bounds));
    const given = boundedCopy(draft.example);
    const fits = (value: unknown) => value !== undefined && value !== null && valid(value) && canBeSent(value, from);
    if (!input.required) {
      const shown = fits(given)
        ? given
        : needsOne && draft === firstOfBody
          ? generated(shape, name, 'sent')
          : undefined;
      return { ...draft, example: from === 'body' && fits(shown) ? shown : undefined };
    }
    const found = [given, sampleOf(shape, name, 'sent'), generated(shape, name, 'sent')].find(fits);
    if (found !== undefined) return { ...draft, example: found };
    notes.leftOut(`input ${name}`, 'what bounds its values; no example could be found that keeps to it');
    const { type, required, description } = input;
    const loose = { type, ...(required && { required }), ...(description !== undefined && { description }) };
    const plain = generated(
      { ...shape, pattern: undefined, enum: undefined, properties: new Map(), minLength: 1 },
      name,
      'sent',
    );
    return { ...draft, input: loose, example: plain };
  });
}

function canBeSent(value: unknown, from: DraftInput['from']): boolean {
  if (from === 'path') return !/[/\\]|^\.+$|^$|[^\x20-\x7e]/.test(String(value));
  return from === 'header' ? /^[\x20-\x7e]*$/.test(String(value)) : true;
}
