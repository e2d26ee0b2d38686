import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/** Where an action is declared. The text is not kept: it is read again for the few who ask. */
export interface ActionSource {
  /** As the loader read it. */
  readonly file: string;
  /** Of the whole file as it was loaded. */
  readonly bytes: number;
  readonly fingerprint: string;
  /** First and last line, from 1. */
  readonly line: number;
  readonly lastLine: number;
}

/** The declaration as it stands in its file; undefined when the file is not what it was when it was loaded. */
export async function readActionSource(source: ActionSource): Promise<string | undefined> {
  const { file, bytes, fingerprint, line, lastLine } = source;
  try {
    // Whatever is there now may be of any size, or a pipe.
    const found = await stat(file);
    if (!found.isFile() || found.size !== bytes) return undefined;
    const text = await readFile(file, 'utf8');
    if (fingerprintOf(text) !== fingerprint) return undefined;
    return linesOf(text)
      .slice(line - 1, lastLine)
      .join('\n');
  } catch {
    return undefined;
  }
}

export function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
