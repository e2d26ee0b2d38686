import { type ConnectorSources, compileConnector, createFormatChecks, type FormatChecks } from './compile-connector.ts';
import type { Connector } from './connector.ts';
import { type ConnectorMemory, createConnectorMemory } from './connector-memory.ts';
import type { Diagnostic } from './diagnostics.ts';

/**
 * What the loads of one directory leave to the next: a connector whose files are all unchanged stays the same object, and of
 * one that changed only what changed is done anew. It changes nothing in what comes out, and keeps nothing of registries that
 * were given up.
 */
export interface LoadMemory {
  readonly checks: FormatChecks;
  /** As {@link compileConnector}. */
  readonly compile: typeof compileConnector;
  /** Forgets the connectors of all other folders. */
  keepOnly(folders: readonly string[]): void;
}

interface Folder {
  readonly memory: ConnectorMemory;
  last: Compiled | undefined;
}

interface Compiled {
  sources: ConnectorSources;
  overrides: string;
  connector: Connector;
  putOff: readonly (() => readonly Diagnostic[])[];
}

export function createLoadMemory(): LoadMemory {
  const folders = new Map<string, Folder>();
  return {
    checks: createFormatChecks(),
    compile(sources, checks, originOverrides, { later } = {}) {
      const folder = folders.get(sources.folder) ?? { memory: createConnectorMemory(), last: undefined };
      folders.set(sources.folder, folder);
      const { last, memory } = folder;
      const overrides = JSON.stringify([...originOverrides]);
      if (last && last.overrides === overrides && sameSources(last.sources, sources)) {
        // It may have been compiled for a start, which leaves examples unread; whoever does not want that is told of them.
        const faults = later ? [] : last.putOff.flatMap((work) => work());
        return faults.length > 0 ? faults : last.connector;
      }
      const putOff: (() => readonly Diagnostic[])[] = [];
      const compiled = compileConnector(sources, checks, originOverrides, {
        memory,
        later:
          later &&
          ((work) => {
            putOff.push(work);
            later(work);
          }),
      });
      // The one before stays when there are faults: the files may become again what they were.
      if (!Array.isArray(compiled)) folder.last = { sources, overrides, connector: compiled, putOff };
      return compiled;
    },
    keepOnly(names) {
      for (const name of folders.keys()) if (!names.includes(name)) folders.delete(name);
    },
  };
}

function sameSources(one: ConnectorSources, other: ConnectorSources): boolean {
  const files = filesOf(one);
  const others = filesOf(other);
  return (
    files.length === others.length &&
    files.every(({ file, text }, index) => text === others[index]?.text && file === others[index]?.file)
  );
}

function filesOf({ connector, actions, examples, guides }: ConnectorSources) {
  return [connector, ...actions, ...examples, ...guides];
}
