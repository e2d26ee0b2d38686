import { stringify } from 'yaml';

/** The longest line, as in the shipped connectors. */
const MAX_COLUMNS = 120;
const INDENT = 2;

/**
 * Mappings that stand in lines of their own however short they are, as `key` or `parent.key`: the outline of an action or
 * an example, which people look for at the same place.
 */
const OUTLINE: ReadonlySet<string> = new Set([
  'inputs',
  'request',
  'response',
  'query',
  'path_params',
  'output',
  'fields',
  'request.body',
  'response.body',
  'output.data',
]);

/**
 * One item of a list as YAML text, written as people write it: short mappings and lists on one line, long prose folded,
 * code of several lines as it is. `column` is that of its dash. Ends with a line break.
 */
export function listItemText(value: unknown, column = 0): string {
  const [first = '', ...rest] = itemLines(value, column, undefined);
  return [first, ...rest, ''].join('\n');
}

/** A member of a mapping whose keys begin at `column`. Ends with a line break. */
export function memberText(key: string, value: unknown, column = 0): string {
  return [...memberLines(key, value, column, undefined), ''].join('\n');
}

// Line breaks, other spaces than the common one, and what cannot be seen.
const ODD = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function itemLines(value: unknown, column: number, key: string | undefined): string[] {
  const dash = `${' '.repeat(column)}- `;
  // The items of an actions or examples file are never on one line.
  const short = key === undefined ? undefined : flowThatFits(value, column + INDENT);
  if (short !== undefined) return [`${dash}${short}`];
  if (isMapping(value)) return dashed(dash, mappingLines(value, column + INDENT, key));
  if (Array.isArray(value))
    return dashed(
      dash,
      value.flatMap((item) => itemLines(item, column + INDENT, key ?? '')),
    );
  return scalarLines(dash.trimEnd(), value, column);
}

function dashed(dash: string, [first = '', ...rest]: readonly string[]): string[] {
  return [`${dash}${first.trimStart()}`, ...rest];
}

function mappingLines(value: Readonly<Record<string, unknown>>, column: number, parent: string | undefined): string[] {
  return Object.entries(value).flatMap(([key, below]) =>
    below === undefined ? [] : memberLines(key, below, column, parent),
  );
}

function memberLines(key: string, value: unknown, column: number, parent: string | undefined): string[] {
  const start = `${' '.repeat(column)}${scalarText(key)}:`;
  if (!isMapping(value) && !Array.isArray(value)) return scalarLines(start, value, column);
  const isOutline = isMapping(value) && (OUTLINE.has(key) || OUTLINE.has(`${parent}.${key}`));
  if (!isOutline || Object.keys(value).length === 0) {
    const short = flowThatFits(value, start.length + 1);
    if (short !== undefined) return [`${start} ${short}`];
    const below = isMapping(value) ? flowThatFits(value, column + INDENT) : filled(value, column + INDENT);
    if (typeof below === 'string') return [start, `${' '.repeat(column + INDENT)}${below}`];
    if (below) return [start, ...below];
  }
  const lines = Array.isArray(value)
    ? value.flatMap((item) => itemLines(item, column + INDENT, key))
    : mappingLines(value, column + INDENT, key);
  return [start, ...lines];
}

function scalarLines(start: string, value: unknown, column: number): string[] {
  const inside = ' '.repeat(column + INDENT);
  if (typeof value === 'string' && /^[^\s\p{Cc}][^\p{Cc}]*\n/u.test(value) && !/[^\P{Cc}\n]|\n$/u.test(value))
    return [`${start} |-`, ...value.split('\n').map((line) => (line === '' ? '' : `${inside}${line}`))];
  const text = scalarText(value);
  const folds = typeof value === 'string' && !/^ | $| {2}/.test(value) && !ODD.test(value) && value.includes(' ');
  if (!folds || start.length + 1 + text.length <= MAX_COLUMNS) return [`${start} ${text}`];
  return [
    `${start} >-`,
    ...wrapped(value.split(' '), ' ', MAX_COLUMNS - inside.length).map((line) => `${inside}${line}`),
  ];
}

/** A long list of short values: as many on each line as there is room for. */
function filled(value: readonly unknown[], column: number): string[] | undefined {
  if (value.some((one) => typeof one === 'object' && one !== null)) return undefined;
  const texts = value.map((one, index) => `${flowText(one)}${index < value.length - 1 ? ',' : ''}`);
  // Room for the brackets.
  const lines = wrapped(texts, ' ', MAX_COLUMNS - column - 2);
  const inside = ' '.repeat(column);
  return lines.map(
    (line, index) => `${inside}${index === 0 ? '[' : ' '}${line}${index === lines.length - 1 ? ']' : ''}`,
  );
}

function wrapped(words: readonly string[], between: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + between.length + word.length <= width)
      lines[lines.length - 1] = `${last}${between}${word}`;
    else lines.push(word);
  }
  return lines;
}

/** On one line from `column` on, or undefined where it is too long for that or has lines itself. */
function flowThatFits(value: unknown, column: number): string | undefined {
  const text = flowText(value);
  return column + text.length <= MAX_COLUMNS && !hasLines(value) ? text : undefined;
}

function hasLines(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\n');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLines);
}

/** A value on one line. */
export function flowText(value: unknown, key?: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item)).join(', ')}]`;
  if (isMapping(value)) {
    const members = Object.entries(value)
      .filter(([, below]) => below !== undefined)
      .map(([name, below]) => `${scalarText(name)}: ${flowText(below, name)}`);
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }
  if (typeof value === 'string' && ODD.test(value)) return escaped(value);
  // Prose is in double quotes, so that a comma that is put in later does no harm.
  if (key === 'description' && typeof value === 'string')
    return stringify(value, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' }).trimEnd();
  return stringify([value], { lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: false })
    .trimEnd()
    .slice(1, -1);
}

/** In double quotes, with what cannot be seen written as its number. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(
    new RegExp(ODD, 'gu'),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A scalar on one line, outside of brackets. */
function scalarText(value: unknown): string {
  if (typeof value === 'string' && ODD.test(value)) return escaped(value);
  return stringify({ a: value }, { lineWidth: 0 }).trimEnd().slice('a: '.length);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
