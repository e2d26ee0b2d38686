import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

export async function copyConnectors(): Promise<ConnectorsCopy> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-connectors-'));
  await cp(CONNECTORS, directory, { recursive: true });
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

/** A connector.yaml without one of its rate limits, for tests that call an endpoint more often than its provider allows. */
export function withoutRateLimit(text: string, id: string): string {
  return text.replace(new RegExp(`^ +- \\{ id: ${id}, .*\\n`, 'm'), '');
}
