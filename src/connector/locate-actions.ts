import { type ActionSource, fingerprintOf, linesOf } from './action-source.ts';
import type { ActionFormat } from './format.ts';
import type { YamlFile } from './yaml-file.ts';

/** Where each action of a connector's files stands, by public id. `texts`: those of the files. */
export function locateActions(
  connector: string,
  files: readonly YamlFile[],
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, ActionSource> {
  const sources = new Map<string, ActionSource>();
  for (const yaml of files) {
    const text = texts.get(yaml.file);
    if (text === undefined) continue;
    const ofFile = { file: yaml.file, bytes: Buffer.byteLength(text), fingerprint: fingerprintOf(text) };
    const lines = linesOf(text);
    const declared = yaml.value as ActionFormat[];
    for (const [index, { id }] of declared.entries()) {
      const line = yaml.line([index]);
      const behind = index + 1 < declared.length ? yaml.line([index + 1]) - 1 : lines.length;
      sources.set(`${connector}_${id}`, Object.freeze({ ...ofFile, line, lastLine: lastOwnLine(lines, line, behind) }));
    }
  }
  return sources;
}

// A comment at the margin is about what comes after it.
const BETWEEN = /^(\s*|#.*)$/;

function lastOwnLine(lines: readonly string[], first: number, behind: number): number {
  let last = behind;
  while (last > first && BETWEEN.test(lines[last - 1] ?? '')) last -= 1;
  return Math.max(first, last);
}
