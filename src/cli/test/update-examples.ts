import { randomUUID } from 'node:crypto';
import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { ExampleFormat } from '../../connector/format/example.ts';
import { isForm } from '../../connector/media-type.ts';
import { parseYamlFile } from '../../connector/yaml-file.ts';
import type { Checked } from '../../local/check/check-example.ts';
import type { DeclaredRequest } from '../../local/check/declared-request.ts';
import { isObject } from '../../local/check/difference.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import { editYaml } from './yaml-edit.ts';

/** A file of examples that was written anew. */
export interface UpdatedFile {
  file: string;
  before: string;
  after: string;
}

/**
 * Writes what happened into the failing examples: their requests, output or problem, never what the provider answers. Gives
 * the files that changed; each is replaced in one step. An example is left as it is where its requests are not the right
 * number: what the provider would answer, nobody knows.
 */
export async function updateExamples(failures: readonly Checked[]): Promise<UpdatedFile[]> {
  const updated: UpdatedFile[] = [];
  for (const [file, own] of Map.groupBy(failures, ({ example }) => example.at.file)) {
    const before = await readFile(file, 'utf8');
    const parsed = parseYamlFile(file, before);
    if (Array.isArray(parsed)) throw changedMeanwhile(file);
    const declared = parsed.value as ExampleFormat[];
    const replacements = own.map((failure) => {
      const { index } = failure.example.at;
      const one = declared[index];
      if (one?.name !== failure.example.name) throw changedMeanwhile(file);
      return { path: [index], value: exampleWith(one, failure) };
    });
    const after = editYaml(before, replacements);
    if (after === before) continue;
    await replaceFile(file, after);
    updated.push({ file, before, after });
  }
  return updated;
}

/** The example as it would have to be declared. */
export function exampleWith(declared: ExampleFormat, { differences, actual, example }: Checked): ExampleFormat {
  const has = (part: string) => differences.some((difference) => difference.part === part);
  const updated = structuredClone(declared);
  if (has('request')) {
    if (updated.request) updated.request = requestWith(updated.request, actual.requests.get(0));
    for (const [index, exchange] of (updated.exchanges ?? []).entries())
      exchange.request = requestWith(exchange.request, actual.requests.get(index));
  }
  const complete = actual.requests.size === example.exchanges.length;
  // A refusal by Corbel itself leaves exchanges behind that would have to go with it.
  if ((!has('output') && !has('problem')) || (!complete && actual.problem !== undefined)) return updated;
  if (actual.output) {
    const { data, more, warnings } = actual.output;
    updated.output = {
      data,
      ...((more || declared.output?.more !== undefined) && { more }),
      ...((warnings.length > 0 || declared.output?.warnings !== undefined) && { warnings: [...warnings] }),
    };
    delete updated.problem;
  } else if (actual.problem !== undefined && actual.problem !== 'internal') {
    updated.problem = { code: actual.problem };
    delete updated.output;
  }
  return updated;
}

type RequestFormat = NonNullable<ExampleFormat['request']>;

function requestWith(declared: RequestFormat, sent: DeclaredRequest | undefined): RequestFormat {
  if (!sent) return declared;
  const { method, url, headers, body, bytes } = sent;
  // In the order in which they stand there.
  const names = [
    ...Object.keys(declared.headers ?? {}).filter((name) => Object.hasOwn(headers, name)),
    ...Object.keys(headers).filter((name) => !Object.hasOwn(declared.headers ?? {}, name)),
  ];
  return {
    method,
    url,
    ...(names.length > 0 && { headers: Object.fromEntries(names.map((name) => [name, headers[name] ?? ''])) }),
    ...(body !== undefined && { body: isForm(headers['content-type']) ? inTypesOf(declared.body, body) : body }),
    ...(bytes !== undefined && { bytes }),
  };
}

/** A form carries texts only: where a text is that of the value which stands there, that value stays. */
function inTypesOf(declared: unknown, sent: unknown): unknown {
  if (typeof sent === 'string' && (typeof declared === 'number' || typeof declared === 'boolean'))
    return String(declared) === sent ? declared : sent;
  if (Array.isArray(declared) && Array.isArray(sent))
    return sent.map((item, index) => inTypesOf(declared[index], item));
  if (!isObject(declared) || !isObject(sent)) return sent;
  return Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, inTypesOf(declared[name], value)]));
}

/** Whoever reads it at the same time sees the old text or the new one. */
async function replaceFile(link: string, text: string): Promise<void> {
  const file = await realpath(link);
  const { mode } = await stat(file);
  const other = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(other, text, { mode, flush: true });
    await rename(other, file);
  } catch (error) {
    await rm(other, { force: true });
    throw error;
  }
}

function changedMeanwhile(file: string): CommandFailure {
  return new CommandFailure(EXIT.failed, `${file} was changed meanwhile.`, 'Run the command again.');
}
