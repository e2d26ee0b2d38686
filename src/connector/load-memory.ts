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
  readonly overrides: Overrides;
  last: Compiled | undefined;
}

/**
 * Those that a folder was compiled with. What looks at the map at every call sees what is added to it later; what was compiled
 * from it has to be compiled anew.
 */
interface Overrides {
  readonly map: ReadonlyMap<string, string>;
  readonly text: string;
}

interface Compiled {
  sources: ConnectorSources;
  /** What became of the connector's own origins. */
  origins: string;
  connector: Connector;
  putOff: readonly (() => readonly Diagnostic[])[];
}

export function createLoadMemory(): LoadMemory {
  const folders = new Map<string, Folder>();
  return {
    checks: createFormatChecks(),
    compile(sources, checks, originOverrides, { later } = {}) {
      const overrides = { map: originOverrides, text: JSON.stringify([...originOverrides]) };
      const folder = folderWith(sources.folder, overrides);
      const { last, memory } = folder;
      if (last && last.origins === originsOf(last.connector, originOverrides) && sameSources(last.sources, sources)) {
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
      if (!Array.isArray(compiled)) {
        const origins = originsOf(compiled, originOverrides);
        folder.last = { sources, origins, connector: compiled, putOff };
      }
      return compiled;
    },
    keepOnly(names) {
      for (const name of folders.keys()) if (!names.includes(name)) folders.delete(name);
    },
  };

  function folderWith(name: string, overrides: Overrides): Folder {
    const known = folders.get(name);
    if (known && (known.overrides.map === overrides.map || known.overrides.text === overrides.text)) return known;
    const folder = { memory: createConnectorMemory(), overrides, last: undefined };
    folders.set(name, folder);
    return folder;
  }
}

function originsOf(connector: Connector, overrides: ReadonlyMap<string, string>): string {
  return JSON.stringify([...connector.declaredOrigins].map((origin) => overrides.get(origin) ?? origin));
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
