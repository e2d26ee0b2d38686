import { createHash } from 'node:crypto';
import { compileConnector, createFormatChecks, type FormatChecks, type Later } from './compile-connector.ts';
import type { Action, Connector, Registry } from './connector.ts';
import { ConnectorError, type Diagnostic } from './diagnostics.ts';
import type { LoadMemory } from './load-memory.ts';
import { connectorFolders, type ReadSources, readSources } from './read-sources.ts';

export interface LoadOptions {
  /** Origins to call instead of declared ones, for test providers: declared origin -> other origin. */
  originOverrides?: ReadonlyMap<string, string>;
  /** Takes what a start need not wait for, see compileConnector. Without it everything is done, and refused, at once. */
  later?: Later;
  /** Those of an earlier load, for one who loads again and again: they are compiled once. */
  checks?: FormatChecks;
  /** For one who loads a directory again and again, with the same overrides: what did not change is kept as it is. */
  memory?: LoadMemory;
}

/** One folder of the directory, with everything that is wrong with it. */
export interface LoadedFolder {
  readonly sources: ReadSources;
  readonly faults: readonly Diagnostic[];
  /** Undefined when there are faults. */
  readonly connector: Connector | undefined;
}

/** Loads the connector in one folder of the directory; never throws for what is in it. */
export async function loadFolder(
  directory: string,
  name: string,
  checks: FormatChecks,
  { originOverrides = new Map(), later, memory }: LoadOptions = {},
): Promise<LoadedFolder> {
  const faults: Diagnostic[] = [];
  const sources = await readSources(directory, name, faults);
  const compile = memory?.compile ?? compileConnector;
  const compiled = compile(sources, checks, originOverrides, { later });
  if (Array.isArray(compiled)) faults.push(...compiled);
  const connector = Array.isArray(compiled) || faults.length > 0 ? undefined : compiled;
  return { sources, faults: faults.sort(byPlace), connector };
}

/**
 * Loads every connector below a directory: `<id>/connector.yaml`, `<id>/actions/*.yaml`, `<id>/examples/*.yaml`,
 * `<id>/guides/*.yaml`.
 * All or nothing: throws {@link ConnectorError} with every fault in every file.
 */
export async function loadRegistry(directory: string, options: LoadOptions = {}): Promise<Registry> {
  const faults: Diagnostic[] = [];
  const hash = createHash('sha256');
  const connectors = new Map<string, Connector>();
  const actions = new Map<string, Action>();
  const checks = options.checks ?? options.memory?.checks ?? createFormatChecks();
  const folders = await connectorFolders(directory, faults);
  options.memory?.keepOnly(folders);
  for (const name of folders) {
    const { sources, faults: own, connector } = await loadFolder(directory, name, checks, options);
    for (const { path, text } of [sources.connector, ...sources.actions, ...sources.examples, ...sources.guides])
      hash.update(`${path}\0${text}\0`);
    faults.push(...own);
    if (!connector) continue;
    connectors.set(connector.id, connector);
    for (const [id, action] of connector.actions) actions.set(id, action);
  }
  if (faults.length > 0) throw new ConnectorError(faults.sort(byPlace));
  return Object.freeze({ hash: hash.digest('hex'), connectors, actions });
}

/** The order in which people mend: by files, lines, columns. */
export function byPlace(one: Diagnostic, other: Diagnostic): number {
  return one.file.localeCompare(other.file) || one.line - other.line || one.column - other.column;
}
