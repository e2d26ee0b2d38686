import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { offsetInScalar } from '../../connector/scalar-offset.ts';
import type { Path } from '../../connector/yaml-file.ts';

/** A place in a file that a person can open. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A file that was loaded without faults, with the places of its parts. */
export interface SourceFile {
  readonly value: unknown;
  /** The node of a path, behind aliases, or the nearest one above it; with `offset`, a character of its text. */
  place(path: Path, offset?: number): Place;
}

/** Parses a file as the loader does. */
export function parseSource(file: string, text: string): SourceFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'core', version: '1.2', merge: false, lineCounter: lines });

  function nodeAt(path: Path): unknown {
    let node: unknown = document.contents;
    for (const step of path) {
      const real: unknown = isAlias(node) ? node.resolve(document) : node;
      const next = isMap(real)
        ? real.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))?.value
        : isSeq(real)
          ? real.items[Number(step)]
          : undefined;
      if (next === undefined || next === null) return real;
      node = next;
    }
    return isAlias(node) ? node.resolve(document) : node;
  }

  return {
    value: document.toJS({ maxAliasCount: -1 }),
    place(path, offset) {
      const node = nodeAt(path);
      const start = isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
      const at = offset !== undefined && isScalar(node) ? offsetInScalar(node, text, offset) : start;
      const { line, col } = lines.linePos(at);
      return { file, line, column: col };
    },
  };
}
