import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type ConnectorSources, compileConnector, createFormatChecks, type Later } from './compile-connector.ts';
import type { Action, Connector, Registry } from './connector.ts';
import { ConnectorError, type Diagnostic } from './diagnostics.ts';
import { MAX_FILE_BYTES } from './yaml-file.ts';

export interface LoadOptions {
  /** Origins to call instead of declared ones, for test providers: declared origin -> other origin. */
  originOverrides?: ReadonlyMap<string, string>;
  /** Takes what a start need not wait for, see compileConnector. Without it everything is done, and refused, at once. */
  later?: Later;
}

/**
 * Loads every connector below a directory: `<id>/connector.yaml`, `<id>/actions/*.yaml`, `<id>/examples/*.yaml`.
 * All or nothing: throws {@link ConnectorError} with every fault in every file.
 */
export async function loadRegistry(directory: string, options: LoadOptions = {}): Promise<Registry> {
  const faults: Diagnostic[] = [];
  const hash = createHash('sha256');
  const connectors = new Map<string, Connector>();
  const actions = new Map<string, Action>();
  const checks = createFormatChecks();
  for (const name of await connectorFolders(directory)) {
    const sources = await readSources(directory, name, faults);
    for (const { path, text } of [sources.connector, ...sources.actions, ...sources.examples])
      hash.update(`${path}\0${text}\0`);
    const compiled = compileConnector(sources, checks, options.originOverrides ?? new Map(), options.later);
    if (Array.isArray(compiled)) {
      faults.push(...compiled);
      continue;
    }
    connectors.set(compiled.id, compiled);
    for (const [id, action] of compiled.actions) actions.set(id, action);
  }
  if (faults.length > 0) throw new ConnectorError(faults.sort(byPlace));
  return Object.freeze({ hash: hash.digest('hex'), connectors, actions });
}

/** The directory's folders, links to folders included; hidden ones are somebody else's. */
async function connectorFolders(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw new ConnectorError([unreadable(directory, error)]);
  });
  const kept = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map(async (name) => ((await stat(join(directory, name)).catch(() => undefined))?.isDirectory() ? [name] : [])),
  );
  return kept.flat().sort();
}

interface ReadFile {
  /** As people see it in a diagnostic. */
  file: string;
  /** Below the directory: the same from wherever the process was started. */
  path: string;
  text: string | undefined;
}

async function readSources(directory: string, id: string, faults: Diagnostic[]) {
  const read = async (path: string): Promise<ReadFile> => {
    const full = join(directory, path);
    const file = relative(process.cwd(), full);
    try {
      // Read no more than needed to be refused for its size.
      const { size } = await stat(full);
      return {
        file,
        path,
        text: size > MAX_FILE_BYTES ? ' '.repeat(MAX_FILE_BYTES + 1) : await readFile(full, 'utf8'),
      };
    } catch (error) {
      faults.push(unreadable(full, error));
      return { file, path, text: undefined };
    }
  };
  const readAll = async (folder: string) => {
    const path = join(id, folder);
    const names = await readdir(join(directory, path)).catch((error: unknown) => {
      // A connector may do without the folder, but one that is there must not go unnoticed.
      if (codeOf(error) !== 'ENOENT') faults.push(unreadable(join(directory, path), error));
      return [];
    });
    const wanted = names.filter((name) => /\.ya?ml$/.test(name)).sort();
    const files = await Promise.all(wanted.map((name) => read(join(path, name))));
    return files.filter((source): source is ReadFile & { text: string } => source.text !== undefined);
  };
  const sources = {
    folder: id,
    connector: await read(join(id, 'connector.yaml')),
    actions: await readAll('actions'),
    examples: await readAll('examples'),
  };
  return sources satisfies ConnectorSources;
}

function unreadable(path: string, error: unknown): Diagnostic {
  const file = relative(process.cwd(), path);
  return { file, line: 1, column: 1, rule: 'YML004', message: `cannot be read (${codeOf(error)})`, frame: '' };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function byPlace(one: Diagnostic, other: Diagnostic): number {
  return one.file.localeCompare(other.file) || one.line - other.line || one.column - other.column;
}
