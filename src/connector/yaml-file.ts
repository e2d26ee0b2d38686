import { isAlias, isCollection, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { type Diagnostic, diagnosticAt } from './diagnostics.ts';
import type { RuleId } from './rules.ts';
import { offsetInScalar } from './scalar-offset.ts';
import { lintDocument, MAX_ALIASES, MAX_DEPTH, TOO_DEEP } from './yaml-lint.ts';
import { tellYamlError, withoutEchoes } from './yaml-messages.ts';

/** A connector's largest real file is some tens of KB; a cap keeps a hostile one from costing more than milliseconds. */
export const MAX_FILE_BYTES = 256 * 1024;
/** Nobody mends more at once, and a file can have one fault per character. */
export const MAX_FAULTS_PER_FILE = 100;

export type Path = readonly (string | number)[];

/** Which part of a node is meant: its key, or the character at an offset into the text of a scalar. */
export interface Place {
  key?: boolean;
  offset?: number | undefined;
}

/** Reports a fault at a path. */
export type FaultAt = (at: Path, rule: RuleId, message: string, place?: Place) => void;

/** Reports faults below a path. */
export function below(path: Path, fault: FaultAt): FaultAt {
  return (at, rule, message, place) => fault([...path, ...at], rule, message, place);
}

/** A parsed file: its value, and where each part of it stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** A fault at the node of a path, or at the nearest one above it that is there. */
  at(path: Path, rule: RuleId, message: string, place?: Place): Diagnostic;
  /** The line, from 1, of the node of a path, or of the nearest one above it that is there. */
  line(path: Path): number;
}

// YAML 1.2 §5.1: what may not stand in a stream as it is. A file with one of them is rarely text at all.
const NOT_PRINTABLE = /[\p{Cc}--[\t\n\r\u0085]]|[\p{Surrogate}\uFFFE\uFFFF]/v;
const BYTE_ORDER_MARK = '\uFEFF';
// No sensible line is indented further; the search for a tab ends there.
const MAX_INDENT_CHARS = 4 * MAX_DEPTH;

/** Parses one file. Either the parsed file, or every syntax fault in it (at most 100); never throws. */
export function parseYamlFile(file: string, given: string): YamlFile | Diagnostic[] {
  // Editors show no byte order mark, and count no column for it.
  const text = given.startsWith(BYTE_ORDER_MARK) ? given.slice(1) : given;
  const source = text.split(/\r?\n/);
  const starts = lineStarts(text);
  const diagnostic = (offset: number, rule: RuleId, message: string): Diagnostic => {
    const at = Math.min(Math.max(offset, 0), text.length);
    const line = lineOf(starts, at);
    return diagnosticAt({ file, line, column: at - (starts[line - 1] ?? 0) + 1, rule, message }, source);
  };
  const refuse = (rule: RuleId, message: string) => [{ file, line: 1, column: 1, rule, message, frame: '' }];

  if (Buffer.byteLength(text) > MAX_FILE_BYTES) return refuse('YML003', `file is larger than ${MAX_FILE_BYTES} bytes`);
  const unprintable = text.search(NOT_PRINTABLE);
  if (unprintable >= 0) return [diagnostic(unprintable, 'YML004', notPrintable(text.charCodeAt(unprintable)))];
  if (nestsTooDeep(text)) return refuse('YML003', TOO_DEEP);

  const faults: Diagnostic[] = [];
  const fault = (offset: number, rule: RuleId, message: string) => {
    if (faults.length < MAX_FAULTS_PER_FILE) faults.push(diagnostic(offset, rule, message));
  };
  try {
    // Keys that stand twice are found by the lint: the parser compares each with each.
    const documents = parseAllDocuments(text, {
      schema: 'core',
      version: '1.2',
      uniqueKeys: false,
      merge: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    const [document, second] = documents;
    // The format says what should be in it.
    if (!document)
      return { file, value: null, at: (_path, rule, message) => diagnostic(0, rule, message), line: () => 1 };
    const errors = documents.flatMap((one) => one.errors);
    if (errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return refuse('YML003', TOO_DEEP);
    for (const error of withoutEchoes(errors, (offset) => lineOf(starts, offset))) {
      const start = starts[lineOf(starts, error.pos[0]) - 1] ?? 0;
      const [indent = ''] = /^[ -]*\t/.exec(text.slice(start, start + MAX_INDENT_CHARS)) ?? [];
      if (indent === '') fault(error.pos[0], 'YML001', tellYamlError(error));
      else fault(start + indent.length - 1, 'YML001', 'a tab cannot indent; use spaces');
    }
    if (second && faults.length === 0) fault(second.range?.[0] ?? 0, 'YML005', 'one document a file');
    if (faults.length > 0) return faults;
    lintDocument(document, fault);
    if (faults.length > 0) return faults;
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return {
      file,
      value,
      at: (path, rule, message, place = {}) =>
        diagnostic(offsetOf(document.contents, path, text, place), rule, message),
      line: (path) => lineOf(starts, offsetOf(document.contents, path, text, {})),
    };
  } catch (error) {
    // Too many values by way of aliases, or a stack that deep nesting exhausted.
    return refuse('YML003', error instanceof Error ? error.message : String(error));
  }
}

function notPrintable(unit: number): string {
  const name = `U+${unit.toString(16).toUpperCase().padStart(4, '0')}`;
  if (unit === 0) return `has the character ${name}, which no text has; is it a binary file?`;
  return `has the character ${name}; write it as an escape in double quotes, or remove it`;
}

// The parser's own counter misses the lines of what it cannot read.
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line, from 1, that an offset is in. */
function lineOf(starts: readonly number[], offset: number): number {
  let first = 0;
  let last = starts.length - 1;
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if ((starts[middle] ?? 0) <= offset) first = middle;
    else last = middle - 1;
  }
  return first + 1;
}

/** A cheap look at indentation and flow brackets before the parser, which recurses. What it misses the lint finds. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    else if (character === '\n') depth = 0;
    if (depth > MAX_DEPTH) return true;
  }
  return text.split('\n').some((line) => {
    const indent = /^[ ?-]*/.exec(line)?.[0] ?? '';
    return indent.length > MAX_DEPTH * 4 || (indent.match(/[?-]/g)?.length ?? 0) > MAX_DEPTH;
  });
}

function offsetOf(root: unknown, path: Path, text: string, place: Place): number {
  let node = root;
  let offset = startOf(root) ?? 0;
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === String(step));
      if (!pair) return offset;
      const keyOffset = startOf(pair.key) ?? offset;
      if (index === path.length - 1 && place.key) return keyOffset;
      node = pair.value;
      offset = startOf(node) ?? keyOffset;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return place.offset !== undefined && isScalar(node) ? offsetInScalar(node, text, place.offset) : offset;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}
