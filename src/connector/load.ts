import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type ConnectorSources, compileConnector, createFormatChecks } from './compile-connector.ts';
import type { Action, Connector, Registry } from './connector.ts';
import { ConnectorError, type Diagnostic } from './diagnostics.ts';
import { MAX_FILE_BYTES } from './yaml-file.ts';

export interface LoadOptions {
  /** Origins to call instead of declared ones, for test providers: declared origin -> other origin. */
  originOverrides?: ReadonlyMap<string, string>;
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
  const folders = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name } of folders.sort((one, other) => one.name.localeCompare(other.name))) {
    const sources = await readSources(directory, name, faults);
    for (const { file, text } of [sources.connector, ...sources.actions, ...sources.examples])
      hash.update(`${file}\0${text}\0`);
    const compiled = compileConnector(sources, checks, options.originOverrides ?? new Map());
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

async function readSources(directory: string, id: string, faults: Diagnostic[]): Promise<ConnectorSources> {
  const read = async (path: string) => {
    const full = join(directory, path);
    const file = relative(process.cwd(), full);
    try {
      // Read no more than needed to be refused for its size.
      const { size } = await stat(full);
      return { file, text: size > MAX_FILE_BYTES ? ' '.repeat(MAX_FILE_BYTES + 1) : await readFile(full, 'utf8') };
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      faults.push({ file, line: 1, column: 1, rule: 'YML004', message: `cannot be read (${reason})`, frame: '' });
      return { file, text: undefined };
    }
  };
  const readAll = async (folder: string) => {
    const names = await readdir(join(directory, id, folder)).catch(() => []);
    const files = await Promise.all(
      names
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => read(join(id, folder, name))),
    );
    return files.filter((source): source is { file: string; text: string } => source.text !== undefined);
  };
  const connector = await read(join(id, 'connector.yaml'));
  return {
    folder: id,
    connector: { file: connector.file, text: connector.text },
    actions: await readAll('actions'),
    examples: await readAll('examples'),
  };
}

function byPlace(one: Diagnostic, other: Diagnostic): number {
  return one.file.localeCompare(other.file) || one.line - other.line || one.column - other.column;
}
