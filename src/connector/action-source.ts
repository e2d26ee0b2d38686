import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ActionFormat } from './format.ts';
import { MAX_FILE_BYTES, type YamlFile } from './yaml-file.ts';

/** Where an action is declared. The text is not kept: it is read again for the few who ask. */
export interface ActionSource {
  /** As the loader read it. */
  readonly file: string;
  /** Of the whole file as it was loaded. */
  readonly fingerprint: string;
  /** First and last line, from 1. */
  readonly line: number;
  readonly lastLine: number;
}

/** Where each action of a connector's files stands, by public id. */
export function actionSources(
  connector: string,
  files: readonly YamlFile[],
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, ActionSource> {
  const sources = new Map<string, ActionSource>();
  for (const yaml of files) {
    const text = texts.get(yaml.file);
    if (text === undefined) continue;
    const { file } = yaml;
    const fingerprint = fingerprintOf(text);
    const lines = linesOf(text);
    const declared = yaml.value as ActionFormat[];
    for (const [index, { id }] of declared.entries()) {
      const line = yaml.line([index]);
      const behind = index + 1 < declared.length ? yaml.line([index + 1]) - 1 : lines.length;
      const lastLine = lastOwnLine(lines, line, behind);
      sources.set(`${connector}_${id}`, Object.freeze({ file, fingerprint, line, lastLine }));
    }
  }
  return sources;
}

/** The declaration as it stands in its file; undefined when the file is not what it was when it was loaded. */
export async function readActionSource({
  file,
  fingerprint,
  line,
  lastLine,
}: ActionSource): Promise<string | undefined> {
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
    const text = await readFile(file, 'utf8');
    if (fingerprintOf(text) !== fingerprint) return undefined;
    return linesOf(text)
      .slice(line - 1, lastLine)
      .join('\n');
  } catch {
    return undefined;
  }
}

// A comment at the margin is about what comes after it.
const BETWEEN = /^(\s*|#.*)$/;

function lastOwnLine(lines: readonly string[], first: number, behind: number): number {
  let last = behind;
  while (last > first && BETWEEN.test(lines[last - 1] ?? '')) last -= 1;
  return Math.max(first, last);
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
