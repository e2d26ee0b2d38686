import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  Scalar,
  visit,
} from 'yaml';
import { codeFrame, type Diagnostic } from './diagnostics.ts';
import type { RuleId } from './rules.ts';

// A connector's largest real file is some tens of KB; both caps keep a hostile file from costing more than milliseconds.
export const MAX_FILE_BYTES = 256 * 1024;
const MAX_ALIASES = 100;
// Deeper than any sensible declaration; keeps recursive walks from exhausting the stack.
const MAX_DEPTH = 64;

export type Path = readonly (string | number)[];

/** A parsed file: its value, and where each part of it stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** A fault at the node of a path, or at its key; `offset` counts characters into the text of the scalar there. */
  at(path: Path, rule: RuleId, message: string, place?: { key?: boolean; offset?: number | undefined }): Diagnostic;
}

/** Parses one file. Either the parsed file, or every syntax fault in it; never throws. */
export function parseYamlFile(file: string, text: string): YamlFile | Diagnostic[] {
  const lines = new LineCounter();
  const diagnostic = (offset: number, rule: RuleId, message: string): Diagnostic => {
    const { line, col } = lines.linePos(Math.min(Math.max(offset, 0), text.length));
    // linePos gives line 0 for an empty text.
    const place = { line: Math.max(1, line), column: Math.max(1, col) };
    return { file, ...place, rule, message, frame: codeFrame(text, place.line, place.column) };
  };

  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return [
      { file, line: 1, column: 1, rule: 'YML003', message: `file is larger than ${MAX_FILE_BYTES} bytes`, frame: '' },
    ];
  }
  if (nestsTooDeep(text)) {
    return [{ file, line: 1, column: 1, rule: 'YML003', message: `nested deeper than ${MAX_DEPTH} levels`, frame: '' }];
  }
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    schema: 'core',
    version: '1.2',
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents) || documents.length === 0) return [diagnostic(0, 'YML001', 'file is empty')];
  const [document] = documents;
  if (!document) return [diagnostic(0, 'YML001', 'file is empty')];

  const faults: Diagnostic[] = [];
  for (const { errors } of documents) {
    for (const error of errors) {
      const duplicate = error.code === 'DUPLICATE_KEY';
      faults.push(
        diagnostic(
          error.pos[0],
          duplicate ? 'YML002' : 'YML001',
          duplicate ? duplicateMessage(text, error.pos[0]) : error.message,
        ),
      );
    }
  }
  const second = documents[1];
  if (second) faults.push(diagnostic(second.range?.[0] ?? 0, 'YML005', 'one document a file'));

  let aliases = 0;
  visit(document, (key, node) => {
    if (isAlias(node)) {
      aliases += 1;
      if (aliases === MAX_ALIASES + 1)
        faults.push(diagnostic(node.range?.[0] ?? 0, 'YML003', `more than ${MAX_ALIASES} aliases`));
    }
    if (isPair(node)) {
      if (isScalar(node.key) && node.key.value === '<<') {
        faults.push(diagnostic(node.key.range?.[0] ?? 0, 'YML005', 'merge keys are not supported'));
      } else if (!isScalar(node.key) || typeof node.key.value !== 'string') {
        const offset = (node.key as Node | null)?.range?.[0] ?? 0;
        faults.push(diagnostic(offset, 'YML001', 'a key must be a string; put quotes around it'));
      } else if (node.key.value === '__proto__') {
        faults.push(diagnostic(node.key.range?.[0] ?? 0, 'FMT001', 'unknown key "__proto__"'));
      }
    } else if (
      (isScalar(node) || isCollection(node)) &&
      node.tag &&
      key !== 'key' &&
      !node.tag.startsWith('tag:yaml.org,2002:')
    ) {
      faults.push(diagnostic(node.range?.[0] ?? 0, 'YML005', `tag ${node.tag} is not supported`));
    }
  });
  if (faults.length > 0) return faults;

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return [diagnostic(0, 'YML003', error instanceof Error ? error.message : String(error))];
  }
  return {
    file,
    value,
    at: (path, rule, message, place = {}) => diagnostic(offsetOf(document.contents, path, text, place), rule, message),
  };
}

function duplicateMessage(text: string, offset: number): string {
  const key = /^["']?([^"':\s]+)/.exec(text.slice(offset, offset + 200))?.[1];
  return key ? `key "${key}" stands twice` : 'a key stands twice';
}

// Indentation and flow brackets are the only ways to nest; a cheap scan before the parser, which recurses.
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    else if (character === '\n') depth = 0;
    if (depth > MAX_DEPTH) return true;
  }
  return text.split('\n').some((line) => {
    const indent = /^[ -]*/.exec(line)?.[0] ?? '';
    return indent.length > MAX_DEPTH * 4 || (indent.match(/-/g)?.length ?? 0) > MAX_DEPTH;
  });
}

function offsetOf(
  root: unknown,
  path: Path,
  text: string,
  place: { key?: boolean; offset?: number | undefined },
): number {
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

/** Where the character at `offset` of a scalar's value stands in the file; exact but for folded and escaped texts. */
function offsetInScalar(node: Scalar, text: string, offset: number): number {
  const start = node.range?.[0] ?? 0;
  if (node.type === Scalar.QUOTE_SINGLE || node.type === Scalar.QUOTE_DOUBLE) return start + 1 + offset;
  if (node.type !== Scalar.BLOCK_LITERAL && node.type !== Scalar.BLOCK_FOLDED) return start + offset;
  const before = String(node.value).slice(0, offset).split('\n');
  const source = text.slice(start).split('\n').slice(1);
  const indent = /^ */.exec(source.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  const row = before.length - 1;
  const rowStart = source
    .slice(0, row)
    .reduce((sum, line) => sum + line.length + 1, start + text.slice(start).indexOf('\n') + 1);
  return rowStart + indent + (before[row]?.length ?? 0);
}
