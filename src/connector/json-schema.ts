import { ActionsFileFormat, ConnectorFormat, ExamplesFileFormat, GuideFormat } from './format.ts';

/** A schema as it is published: JSON Schema draft-07 with what editors show besides (those of VS Code and its relatives). */
export interface PublishedSchema {
  readonly title?: string;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, PublishedSchema>>;
  /** Of a mapping with free names: one pattern, which the names match. */
  readonly patternProperties?: Readonly<Record<string, PublishedSchema>>;
  readonly items?: PublishedSchema;
  readonly anyOf?: readonly PublishedSchema[];
}

/** The kinds of file of a connector, as their schemas are called. */
export type KindOfFile = 'connector' | 'actions' | 'examples' | 'guides';

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** The JSON Schema of each kind of file. */
export function publishedSchemas(): Record<KindOfFile, PublishedSchema> {
  const file = (title: string, format: object): PublishedSchema => ({
    ...{ $schema: DRAFT },
    ...published(format),
    title,
  });
  return {
    connector: file('Connector', ConnectorFormat),
    actions: file('Actions', ActionsFileFormat),
    examples: file('Examples', ExamplesFileFormat),
    guides: file('Guide', GuideFormat),
  };
}

/**
 * The published JSON Schema of a connector's files: `connector.yaml` at the root, the other kinds of file under `$defs`
 * (`#/$defs/actions`, `#/$defs/examples`, `#/$defs/guides`).
 */
export function connectorJsonSchema(): Record<string, unknown> {
  const { connector, ...others } = publishedSchemas();
  return { ...connector, $defs: others };
}

/** The format's definitions, which the loader uses as they are, and what only readers of the published schema need. */
interface DefinedSchema extends PublishedSchema {
  /** Words that the loader knows another rule for: offered and checked by editors. */
  readonly editorWords?: Readonly<Record<string, string>>;
}

function published(defined: DefinedSchema): PublishedSchema {
  const { editorWords, ...given } = defined;
  const { description, properties, patternProperties, items, anyOf } = given;
  const words = editorWords && { enum: Object.keys(editorWords), enumDescriptions: Object.values(editorWords) };
  const types = anyOf?.map(bareType);
  const explained = words?.enumDescriptions ?? given.enumDescriptions;
  return {
    ...given,
    ...words,
    ...(description !== undefined && { markdownDescription: `${description}${saidDefault(given)}` }),
    ...(explained && { markdownEnumDescriptions: explained }),
    // Editors make a skeleton only of keys whose type they see.
    ...(given.enum && given.type === undefined && { type: 'string' }),
    ...(properties && { properties: publishedKeys(properties, given.required ?? []) }),
    ...(patternProperties && { patternProperties: publishedEach(patternProperties) }),
    ...(items && { items: published(items) }),
    // Of several types without anything else, editors would show each as an alternative of its own.
    ...(types?.every((type) => type !== undefined)
      ? { type: types, anyOf: undefined }
      : anyOf && { ...telling(anyOf), anyOf: anyOf.map(published) }),
  } as PublishedSchema;
}

/**
 * The key whose value tells the branches of a union apart, with all its words. Without it an editor proposes, where a branch
 * is written already, the word of this branch only.
 */
function telling(branches: readonly PublishedSchema[]): Pick<PublishedSchema, 'properties' | 'required'> | undefined {
  const [first, ...others] = branches.map(({ properties = {} }) => properties);
  const key = Object.keys(first ?? {}).find((name) =>
    [first, ...others].every((properties) => typeof properties?.[name]?.const === 'string'),
  );
  if (key === undefined) return undefined;
  const constants = branches.map(({ properties }) => properties?.[key] ?? {});
  const meanings = constants.map(({ description = '' }) => description);
  const words = constants.map(({ const: word }) => String(word));
  const description = `One of ${words.join(', ')}: it decides which keys may stand beside it.`;
  const shown = { description, markdownDescription: description, markdownEnumDescriptions: meanings };
  return {
    properties: { [key]: { ...shown, type: 'string', enum: words, enumDescriptions: meanings } },
    required: [key],
  };
}

function publishedEach(schemas: Readonly<Record<string, PublishedSchema>>): Record<string, PublishedSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, published(schema)]));
}

/**
 * Where some keys are required, the others' defaults are told in words only: editors would write every key that has one
 * into the skeleton of the object.
 */
function publishedKeys(
  schemas: Readonly<Record<string, PublishedSchema>>,
  required: readonly string[],
): Record<string, PublishedSchema> {
  const keys = Object.entries(publishedEach(schemas));
  if (required.length === 0) return Object.fromEntries(keys);
  return Object.fromEntries(
    keys.map(([name, { default: value, ...schema }]) => [
      name,
      required.includes(name) && value !== undefined ? { ...schema, default: value } : schema,
    ]),
  );
}

function bareType(schema: PublishedSchema): string | undefined {
  return Object.keys(schema).length === 1 && typeof schema.type === 'string' ? schema.type : undefined;
}

function saidDefault({ default: value }: PublishedSchema): string {
  return value === undefined ? '' : `\n\nDefault: \`${JSON.stringify(value)}\`.`;
}
