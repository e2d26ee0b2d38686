import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { JsonSchema } from '../../connector/connector.ts';
import { inputsOfTexts } from '../../http/text-inputs.ts';
import { Problem } from '../../problems.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';

/** Larger inputs are not sent either. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * Values as they are given on the command line: a JSON object, `@file` with one (or YAML), and `key=value`, which becomes what
 * the schema declares; later ones win. Throws {@link CommandFailure} (usage).
 */
export async function readValues(
  terminal: Terminal,
  given: readonly string[],
  schema: JsonSchema | undefined,
  what = 'inputs',
): Promise<Record<string, unknown>> {
  const texts: [string, string][] = [];
  const values: Record<string, unknown> = {};
  for (const text of given) {
    if (text.trimStart().startsWith('{')) Object.assign(values, objectIn(text, what));
    else if (text.startsWith('@'))
      Object.assign(values, objectIn(await readText(terminal, text.slice(1)), text.slice(1)));
    else {
      const equals = text.indexOf('=');
      if (equals <= 0)
        throw new CommandFailure(
          EXIT.usage,
          `${JSON.stringify(text)} is no ${what}.`,
          'Give a JSON object, @file, or name=value.',
        );
      texts.push([text.slice(0, equals), text.slice(equals + 1)]);
    }
  }
  try {
    return { ...values, ...inputsOfTexts(schema ?? {}, texts) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const [fault] = error.options.errors ?? [];
    throw new CommandFailure(EXIT.usage, `${fault?.path.slice(1) ?? what} ${fault?.message ?? 'is not valid'}.`);
  }
}

/** The text of a file, or with `-` of standard input. Throws {@link CommandFailure} when it cannot be read. */
export async function readText({ cwd }: Terminal, path: string): Promise<string> {
  try {
    const text = path === '-' ? await readStandardInput() : await readFile(resolve(cwd, path), 'utf8');
    if (text.length > MAX_FILE_BYTES) throw new CommandFailure(EXIT.usage, `${path} is too large.`);
    return text;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CommandFailure(EXIT.usage, `${path} cannot be read${code}.`);
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}

function objectIn(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    // JSON is YAML; the other way round a person's file may be either. Where nothing is logged ('silent'), nothing is thrown.
    value = parse(text, { schema: 'core', logLevel: 'error', maxAliasCount: 100 });
  } catch {
    throw new CommandFailure(EXIT.usage, `${where} is neither JSON nor YAML.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CommandFailure(EXIT.usage, `${where} is no object.`);
  return value as Record<string, unknown>;
}
