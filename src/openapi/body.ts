import type { DraftInput } from './draft.ts';
import { template } from './expression-text.ts';
import type { MakeInput } from './input.ts';
import { boundedCopy, isObject, member, objectOf } from './json.ts';
import { type Namer, snakeCase } from './names.ts';
import type { Notes } from './notes.ts';
import type { ReadSchema } from './read-schema.ts';
import type { Resolver } from './resolve.ts';
import type { Shape } from './shape.ts';

export interface BodyMapping {
  inputs: DraftInput[];
  /** As the action declares it; undefined where none is sent. */
  body: unknown;
  /** Media type of the body. */
  contentType: string;
}

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The media type that can be dealt with best, with what is said of it. */
export function preferredMedia(content: unknown, forms: boolean): [type: string, media: unknown] | undefined {
  const all = Object.entries(objectOf(content));
  const named = (fits: (type: string) => boolean) =>
    all.find(([type]) => fits(type.split(';')[0]?.trim().toLowerCase() ?? ''));
  return (
    named((type) => type === 'application/json') ??
    named((type) => /^[a-z]+\/(.+\+)?json$/.test(type)) ??
    (forms ? named((type) => type === FORM_TYPE) : undefined) ??
    named((type) => type === '*/*' || type === 'application/*')
  );
}

/** The body of a request: an input for each member of its top level. */
export function mapBody(
  requestBody: unknown,
  tools: { resolver: Resolver; readSchema: ReadSchema; namer: Namer; makeInput: MakeInput; notes: Notes },
): BodyMapping {
  const { resolver, readSchema, namer, makeInput, notes } = tools;
  const nothing: BodyMapping = { inputs: [], body: undefined, contentType: JSON_TYPE };
  const node = resolver.at(requestBody);
  const types = Object.keys(objectOf(node.content));
  if (types.length === 0) return nothing;
  const chosen = preferredMedia(node.content, true);
  if (!chosen) {
    notes.leftOut(
      'request body',
      `${types[0]?.slice(0, 80)} is not supported; JSON and forms are${hintOf(types[0] ?? '')}`,
    );
    return nothing;
  }
  const [type, media] = chosen;
  const example = mediaExample(resolver, media);
  const shape = readSchema(objectOf(media).schema, 'request body');
  const mediaType = type.split(';')[0]?.trim().toLowerCase();
  const contentType = mediaType === undefined || mediaType.includes('*') ? JSON_TYPE : mediaType;
  if (shape.type === 'object' && shape.properties.size > 0) return members(shape);
  if (contentType !== FORM_TYPE) return whole(shape);
  notes.leftOut('request body', 'a form without known members');
  return nothing;

  function members(of: Shape): BodyMapping {
    const inputs: DraftInput[] = [];
    const body: [string, unknown][] = [];
    for (const [name, one] of of.properties) {
      if (one.readOnly) continue;
      const required = of.required.has(name);
      const constant = required ? constantOf(one) : undefined;
      if (constant !== undefined) {
        body.push([name, constant]);
        continue;
      }
      if (one.deprecated && !required) {
        notes.leftOut(`request body.${name}`, 'it is deprecated');
        continue;
      }
      const shown = member(example, name);
      const input = declare(name, one, required, shown);
      body.push([name, template(`inputs.${input.name}`)]);
      inputs.push(input);
    }
    return { inputs, body: body.length === 0 ? undefined : Object.fromEntries(body), contentType };
  }

  function whole(of: Shape): BodyMapping {
    const name = of.type === 'array' ? 'items' : 'body';
    const shaped: Shape = of.type === undefined ? { ...of, type: 'object' } : of;
    const input = declare(name, shaped, true, example);
    notes.changed(
      'request body',
      `it is ${shaped.type === 'array' ? 'a list' : `one ${shaped.type}`}: input ${input.name} is the whole of it`,
    );
    return { inputs: [input], body: template(`inputs.${input.name}`), contentType };
  }

  function declare(original: string, of: Shape, required: boolean, shown: unknown): DraftInput {
    const wanted = snakeCase(original);
    const name = namer.take(wanted, `body_${wanted}`);
    const about = `request body.${original}`;
    // A value of any type: only an object can hold what is not known.
    const shaped: Shape = of.type === undefined ? { ...of, type: anyType(shown) } : of;
    if (of.type === undefined) notes.guess(about, `the file gives no type; ${shaped.type} is taken`);
    const input = makeInput({ shape: shaped, required, example: shown, about });
    return { name, input, shape: shaped, example: shown, from: 'body', original };
  }
}

function hintOf(type: string): string {
  if (!/multipart|octet-stream|image|binary/i.test(type)) return '';
  return '. For a file, declare "file" and a step with upload_file';
}

function anyType(shown: unknown): 'string' | 'array' | 'object' | 'number' | 'boolean' {
  if (Array.isArray(shown)) return 'array';
  const type = typeof shown;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

/** The one value that a shape allows, or undefined. A text that would be taken as a template is none. */
function constantOf(shape: Shape): unknown {
  const [value, ...others] = shape.enum ?? [];
  if (shape.enum && others.length === 0 && value !== null && typeof value !== 'object')
    return typeof value === 'string' && value.includes('$' + '{') ? undefined : value;
  if (shape.type !== 'object' || shape.properties.size === 0 || shape.open) return undefined;
  const members = [...shape.properties].map(([name, one]) => [name, constantOf(one)] as const);
  return members.every(([, constant]) => constant !== undefined) ? Object.fromEntries(members) : undefined;
}

/** The example of a media type or of its schema; JSON text is read. */
export function mediaExample(resolver: Resolver, media: unknown): unknown {
  const { example, examples, schema } = objectOf(media);
  const [first] = Object.values(objectOf(examples));
  const ofSchema = resolver.at(schema);
  const [edited] = Object.values(objectOf(ofSchema['x-examples']));
  const given = [
    example,
    resolver.at(first).value,
    ofSchema.example,
    Array.isArray(ofSchema.examples) ? ofSchema.examples[0] : undefined,
    isObject(edited) && 'value' in edited ? edited.value : edited,
  ].find((one) => one !== undefined && one !== null);
  return boundedCopy(typeof given === 'string' ? jsonOrText(given) : given);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
