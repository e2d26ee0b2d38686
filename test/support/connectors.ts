import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONNECTORS = fileURLToPath(new URL('../../connectors', import.meta.url));

/** A copy of the connectors that a test may change. */
export interface ConnectorsCopy {
  directory: string;
  edit(file: string, change: (text: string) => string): Promise<void>;
  remove(): Promise<void>;
}

// What most suites call.
export const FEW_ACTIONS = ['hubs', 'projects', 'user', 'buckets'] as const;

/**
 * All connectors; with `actions`, the Autodesk connector alone with these of its files of actions, without examples and
 * guides. That loads in a third of the time, which is most of what a server's start costs.
 */
export async function copyConnectors(actions?: readonly string[]): Promise<ConnectorsCopy> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-connectors-'));
  if (actions) {
    await mkdir(join(directory, 'autodesk/actions'), { recursive: true });
    const files = ['autodesk/connector.yaml', ...actions.map((name) => `autodesk/actions/${name}.yaml`)];
    await Promise.all(files.map((file) => cp(join(CONNECTORS, file), join(directory, file))));
  } else {
    await cp(CONNECTORS, directory, { recursive: true });
  }
  return {
    directory,
    async edit(file, change) {
      const path = join(directory, file);
      const before = await readFile(path, 'utf8');
      const after = change(before);
      if (after === before) throw new Error(`nothing changed in ${file}`);
      await writeFile(path, after);
    },
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** A folder without connectors, for servers that are only to start: half of what a start costs is to read them. */
export async function noConnectors(): Promise<string> {
  const directory = join(tmpdir(), 'corbel-no-connectors');
  await mkdir(directory, { recursive: true });
  return directory;
}

/** A connector.yaml without one of its rate limits, for tests that call an endpoint more often than its provider allows. */
export function withoutRateLimit(text: string, id: string): string {
  return text.replace(new RegExp(`^ +- \\{ id: ${id}, .*\\n`, 'm'), '');
}
