import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Action } from '../../connector/connector.ts';
import { printable } from '../../connector/diagnostics.ts';
import { MAX_FILE_BYTES, parseYamlFile } from '../../connector/yaml-file.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';

const HEADER = '# yaml-language-server: $schema=../../../docs/schema/examples.json\n';

/** The file that an example of an action belongs into, if none is named. */
export function exampleFile({ cwd }: Terminal, directory: string, action: Action, named: string | true): string {
  if (named !== true) return resolve(cwd, named);
  return join(directory, action.connector, 'examples', `${action.resource}.yaml`);
}

/** The file's text with the example behind what is there. Throws {@link CommandFailure} when that would not be a file of examples. */
export async function withExample(terminal: Terminal, path: string, example: unknown): Promise<string> {
  const before = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CommandFailure(EXIT.failed, `${shown(terminal, path)} cannot be read.`);
  });
  const added = stringify([example], { version: '1.2', schema: 'core', lineWidth: 0, aliasDuplicateObjects: false });
  const text = before === undefined || before.trim() === '' ? HEADER + added : `${before.trimEnd()}\n\n${added}`;
  const parsed = parseYamlFile(shown(terminal, path), text);
  if (!Array.isArray(parsed) && Array.isArray(parsed.value)) return text;
  const tooLarge = Buffer.byteLength(text) > MAX_FILE_BYTES;
  const fault = Array.isArray(parsed) ? parsed[0]?.message : 'it is no list';
  throw new CommandFailure(
    EXIT.found,
    `${shown(terminal, path)} would not be a file of examples any more: ${printable(fault ?? 'it has faults')}.`,
    tooLarge ? 'Ask for less, with page_size=3 for example, or record into another file.' : undefined,
  );
}

export async function writeExample(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

export function shown({ cwd }: Terminal, path: string): string {
  const short = relative(cwd, path);
  return printable(short.startsWith('..') ? path : short);
}
