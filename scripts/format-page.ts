import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { EXPRESSION_TITLE, NAME_PATTERN, TEMPLATE_TITLE } from '../src/connector/format/parts.ts';
import type { KindOfFile, PublishedSchema } from '../src/connector/json-schema.ts';
import { anchorOf, table } from '../src/reference/markdown.ts';

const FILES: Readonly<Record<KindOfFile, string>> = {
  connector: 'connector.yaml',
  actions: 'actions/*.yaml',
  examples: 'examples/*.yaml',
  guides: 'guides/*.yaml',
};

// Longer ones make a table unreadable; editors show them all the same.
const MAX_EXAMPLE_CHARS = 70;

const MAX_PATTERN_CHARS = 30;
// A few keys that two objects share by chance are told twice.
const MIN_SHARED_KEYS = 6;

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
};

/** The reference of the connector format as Markdown: the introduction, then a section for each object of the schemas. */
export function formatPage(introduction: string, schemas: Readonly<Record<KindOfFile, PublishedSchema>>): string {
  const sections = Object.entries(FILES).map(([kind, file]) => ({
    file,
    objects: objectsOf(schemas[kind as KindOfFile]),
  }));
  const seen = new Set<string>();
  const reference = sections.map(({ file, objects }) => {
    const fresh = objects.filter(({ title = '' }) => !seen.has(title) && seen.add(title));
    return { heading: `Keys of ${file}`, fresh };
  });
  const contents = reference.map(
    ({ heading, fresh }) => `- [${heading}](#${anchorOf(heading)}): ${fresh.map(linkTo).join(' · ')}`,
  );
  const all = sections.flatMap(({ objects }) => objects);
  const parts = reference.flatMap(({ heading, fresh }) => [
    `## ${heading}`,
    ...fresh.map((object) => section(object, all)),
  ]);
  return `${[
    '<!-- made by npm run generate from scripts/format-intro.md and src/connector/format -->',
    introduction.trim(),
    '## Every key',
    contents.join('\n'),
    ...parts,
  ].join('\n\n')}\n`;
}

/** A schema's named objects and unions, each before what is in it. */
function objectsOf(schema: PublishedSchema): PublishedSchema[] {
  const inner = [
    ...(schema.anyOf ?? []),
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.patternProperties ?? {}),
    ...(schema.items ? [schema.items] : []),
  ].flatMap(objectsOf);
  return isNamed(schema) ? [schema, ...inner] : inner;
}

function isNamed({ title, properties, anyOf }: PublishedSchema): boolean {
  return title !== undefined && (properties !== undefined || anyOf !== undefined);
}

function section(object: PublishedSchema, all: readonly PublishedSchema[]): string {
  const namesakes = all.filter(({ title }) => title === object.title);
  // Where it is used in several places, each tells what it is for there.
  const said = namesakes.every(({ description }) => description === object.description) ? object.description : '';
  const union = all.find(({ anyOf = [] }) => anyOf.some(({ title }) => title === object.title && title !== undefined));
  const parts = [`### ${object.title}`, linked(said ?? '')];
  if (union?.title !== undefined) {
    const shared = Object.keys(commonKeys(union)).length > 0 ? ', with the keys that all of them have' : '';
    parts.push(`One kind of ${linkTo(union)}${shared}.`);
  }
  if (object.anyOf) {
    const kinds = object.anyOf.map((branch) => `- ${linkTo(branch)}: ${linked(branch.description ?? '')}`);
    parts.push(kinds.join('\n'));
    const common = commonKeys(object);
    if (Object.keys(common).length > 0)
      parts.push('All of them have:', keyTable(common, object.anyOf[0]?.required ?? []));
    return parts.filter((part) => part !== '').join('\n\n');
  }
  const larger = all.slice(0, all.indexOf(object)).find((other) => holds(other, object));
  if (larger) {
    const missing = Object.keys(larger.properties ?? {}).filter((name) => !(name in (object.properties ?? {})));
    parts.push(`It has the keys of ${linkTo(larger)}, but not ${missing.map((name) => `\`${name}\``).join(', ')}.`);
    return parts.filter((part) => part !== '').join('\n\n');
  }
  const common = union ? commonKeys(union) : {};
  const own = Object.entries(object.properties ?? {}).filter(([name]) => !(name in common));
  // What tells the kind comes first.
  const sorted = own.sort(([, one], [, other]) => Number(other.const !== undefined) - Number(one.const !== undefined));
  if (sorted.length > 0) parts.push(keyTable(Object.fromEntries(sorted), object.required ?? []));
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Whether an object has all keys of another one, and more. */
function holds(larger: PublishedSchema, smaller: PublishedSchema): boolean {
  const keys = Object.entries(smaller.properties ?? {});
  return (
    larger.title !== smaller.title &&
    keys.length >= MIN_SHARED_KEYS &&
    Object.keys(larger.properties ?? {}).length > keys.length &&
    keys.every(
      ([name, key]) =>
        isDeepStrictEqual(larger.properties?.[name], key) &&
        larger.required?.includes(name) === smaller.required?.includes(name),
    )
  );
}

/** The keys that are the same in all branches of a union. */
function commonKeys({ anyOf = [] }: PublishedSchema): Record<string, PublishedSchema> {
  const [first, ...others] = anyOf;
  const common = Object.entries(first?.properties ?? {}).filter(([name, key]) =>
    others.every(
      ({ properties, required = [] }) =>
        isDeepStrictEqual(properties?.[name], key) && required.includes(name) === first?.required?.includes(name),
    ),
  );
  return Object.fromEntries(common);
}

function keyTable(keys: Readonly<Record<string, PublishedSchema>>, required: readonly string[]): string {
  const rows = Object.entries(keys).map(([name, key]) => [
    `\`${name}\``,
    typeOf(key),
    required.includes(name) ? 'yes' : '',
    defaultOf(key),
    explanationOf(key),
  ]);
  return table(['key', 'type', 'required', 'default', 'what'], rows);
}

function typeOf(schema: PublishedSchema): string {
  const { title, type, items, patternProperties, anyOf } = schema;
  if (title === EXPRESSION_TITLE) return '[expression](#expressions)';
  if (title === TEMPLATE_TITLE) return '[value or expression](#values-and-expressions)';
  if (isNamed(schema)) return linkTo(schema);
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return 'one of these words';
  if (items) return `list of ${typeOf(items)}`;
  const [value] = Object.values(patternProperties ?? {});
  if (value) return `mapping of names to ${typeOf(value)}`;
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (schema.pattern === NAME_PATTERN) return '[name](#names)';
  return typeof type === 'string' ? `${TYPES[type] ?? type}${range(schema)}` : 'any value';
}

function range({ minimum, exclusiveMinimum, maximum }: PublishedSchema): string {
  const least = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  if (least !== undefined && maximum !== undefined) return `, ${least} to ${maximum}`;
  if (least !== undefined) return exclusiveMinimum === undefined ? `, at least ${least}` : `, ${least}`;
  return maximum === undefined ? '' : `, at most ${maximum}`;
}

function defaultOf({ default: value, markdownDescription = '' }: PublishedSchema): string {
  // Where it would be in an editor's way, it stands in the words only.
  return value === undefined ? (/\n\nDefault: (.*)\.$/.exec(markdownDescription)?.[1] ?? '') : code(value);
}

function explanationOf(schema: PublishedSchema): string {
  const words = wordsOf(schema) ?? wordsOf(schema.items ?? {}) ?? [];
  const shown = (schema.examples ?? []).map(code).filter((text) => text.length <= MAX_EXAMPLE_CHARS);
  const examples = shown.length > 0 ? [`_Example:_ ${shown.join(' or ')}`] : [];
  const { pattern } = schema;
  const patterns = pattern !== undefined && isReadable(pattern) ? [`_Pattern:_ \`${pattern}\``] : [];
  return [
    linked(schema.description ?? '').replace(/ A JSONata expression\.$/, ''),
    ...words,
    ...patterns,
    ...examples,
  ].join('<br>');
}

/** Patterns that say no more than the text beside them, or more than anybody can read, are left to the editor. */
function isReadable(pattern: string): boolean {
  return pattern.length <= MAX_PATTERN_CHARS && pattern !== NAME_PATTERN && !/^\^(https:|\/)|`/.test(pattern);
}

function wordsOf({ enum: words, enumDescriptions = [] }: PublishedSchema): string[] | undefined {
  return words?.map((word, index) => `• ${code(word)}: ${enumDescriptions[index] ?? ''}`);
}

/** A value as it is written in YAML, on one line. */
function code(value: unknown): string {
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim();
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function linkTo({ title = '' }: PublishedSchema): string {
  return `[${title}](#${anchorOf(title)})`;
}

function linked(text: string): string {
  return text.replaceAll('docs/errors.md', '[Errors](errors.md)');
}
