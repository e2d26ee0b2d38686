import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
} from 'yaml';
import { isObject } from '../../local/check/difference.ts';

/** A value of a file that is to be another one. */
export interface Replacement {
  path: readonly (string | number)[];
  value: unknown;
}

interface Splice {
  start: number;
  end: number;
  text: string;
}

// As the loader reads them.
const SCHEMA = { schema: 'core', version: '1.2', merge: false } as const;
const INDENT = 2;
// What was written in one line stays in one as long as it is one that people read.
const MAX_FLOW_CHARS = 80;

/**
 * The text with some values replaced, and every byte that they do not touch as it was: comments, quotes, folding. Where that
 * cannot be done the whole document is written anew, comments kept. Throws for a text that is no YAML and for a path that is
 * not there.
 */
export function editYaml(text: string, replacements: readonly Replacement[]): string {
  const document = parseDocument(text, SCHEMA);
  if (document.errors.length > 0) throw new Error('the file is not YAML any more');
  const splices = replacements.flatMap(({ path, value }) => {
    const node = document.getIn(path, true);
    if (!isNode(node)) throw new Error(`there is no ${path.join('.')} in the file any more`);
    return replaced(document, text, node, value, { inFlow: isInFlow(document, path), keyColumn: undefined });
  });
  const edited = spliced(text, splices);
  for (const { path, value } of replacements) document.setIn(path, document.createNode(value));
  const wanted: unknown = document.toJS();
  return isSame(edited, wanted) ? edited : document.toString({ lineWidth: 0 });
}

function isSame(text: string, wanted: unknown): boolean {
  const document = parseDocument(text, SCHEMA);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted);
}

interface Surroundings {
  inFlow: boolean;
  /** Column, from 0, of the key that the value belongs to; undefined in a list. */
  keyColumn: number | undefined;
}

function replaced(document: Document, text: string, node: Node, value: unknown, around: Surroundings): Splice[] {
  if (isDeepStrictEqual(node.toJS(document), value)) return [];
  const inFlow = around.inFlow || ('flow' in node && node.flow === true);
  if (isMap(node) && isObject(value) && Object.keys(value).length > 0) {
    const members = membersReplaced(document, text, node, value, inFlow);
    if (members) return members;
  }
  if (isSeq(node) && Array.isArray(value) && value.length === node.items.length)
    return node.items.flatMap((item, index) =>
      isNode(item) ? replaced(document, text, item, value[index], { inFlow, keyColumn: undefined }) : [],
    );
  return [whole(text, node, value, around)];
}

/** Undefined where members cannot be replaced one by one. */
function membersReplaced(
  document: Document,
  text: string,
  node: YAMLMap,
  value: Record<string, unknown>,
  inFlow: boolean,
): Splice[] | undefined {
  const pairs = node.items.map((pair) => ({ pair, key: isScalar(pair.key) ? String(pair.key.value) : '' }));
  const known = new Set(pairs.map(({ key }) => key));
  const kept = pairs.filter(({ key }) => Object.hasOwn(value, key));
  const added = Object.entries(value).filter(([key]) => !known.has(key));
  const last = kept.at(-1);
  if (!last || kept[0] !== pairs[0]) return undefined;
  const splices: Splice[] = [];
  for (const { pair, key } of kept) {
    const column = columnOf(text, startOf(pair));
    const at = { inFlow, keyColumn: column };
    if (isNode(pair.value)) splices.push(...replaced(document, text, pair.value, value[key], at));
    else return undefined;
  }
  for (const { pair, key } of pairs) if (!Object.hasOwn(value, key)) splices.push(removed(text, pair, inFlow));
  if (added.length === 0) return splices;
  const end = endOf(text, last.pair);
  if (inFlow) {
    const members = added.map(([key, member]) => `, ${inline(key)}: ${inline(member)}`);
    return [...splices, { start: end, end, text: members.join('') }];
  }
  const column = columnOf(text, startOf(last.pair));
  const lines = stringify(Object.fromEntries(added), { lineWidth: 0 }).trimEnd();
  return [...splices, { start: end, end, text: `\n${indented(lines, column)}` }];
}

/** With its line, or in flow with the comma before it. */
function removed(text: string, pair: Pair, inFlow: boolean): Splice {
  const end = endOf(text, pair);
  const before = text.lastIndexOf(inFlow ? ',' : '\n', startOf(pair));
  return { start: Math.max(before, 0), end: inFlow ? end : lineEnd(text, end), text: '' };
}

function whole(text: string, node: Node, value: unknown, { inFlow, keyColumn }: Surroundings): Splice {
  const start = node.range?.[0] ?? 0;
  const end = trimmedEnd(text, start, node.range?.[1] ?? start);
  const isBlock = !inFlow && typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const isShort = 'flow' in node && node.flow === true && inline(value).length <= MAX_FLOW_CHARS;
  if (!isBlock || isShort) return { start, end, text: inline(value) };
  const lines = stringify(value, { lineWidth: 0 }).trimEnd();
  const startsLine = text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '';
  if (keyColumn === undefined || startsLine) {
    const column = columnOf(text, start);
    return { start, end, text: indented(lines, column).trimStart() };
  }
  // Behind its key; the blank between them would be left at the end of the line.
  const from = text.slice(0, start).trimEnd().length;
  return { start: from, end, text: `\n${indented(lines, keyColumn + INDENT)}` };
}

function inline(value: unknown): string {
  const multiline = typeof value === 'string' && value.includes('\n');
  return multiline ? JSON.stringify(value) : stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trim();
}

function indented(lines: string, column: number): string {
  return lines
    .split('\n')
    .map((line) => (line === '' ? line : `${' '.repeat(column)}${line}`))
    .join('\n');
}

function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((one, other) => other.start - one.start)
    .reduce((before, { start, end, text: other }) => before.slice(0, start) + other + before.slice(end), text);
}

function startOf({ key }: Pair): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}

function endOf(text: string, pair: Pair): number {
  const node = isNode(pair.value) ? pair.value : isNode(pair.key) ? pair.key : undefined;
  const start = node?.range?.[0] ?? 0;
  return trimmedEnd(text, start, node?.range?.[1] ?? start);
}

function trimmedEnd(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function isInFlow(document: Document, path: readonly (string | number)[]): boolean {
  return path.some((_step, index) => {
    const node = index === 0 ? document.contents : document.getIn(path.slice(0, index), true);
    return isNode(node) && 'flow' in node && node.flow === true;
  });
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}
