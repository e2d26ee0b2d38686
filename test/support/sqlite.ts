import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporarySqlite {
  path: string;
  url: string;
  /** Removes the file with its directory; close the stores first. */
  remove(): Promise<void>;
}

/** A path for a store file of one's own, in a directory of its own. */
export async function temporarySqlite(): Promise<TemporarySqlite> {
  const dir = await mkdtemp(join(tmpdir(), 'corbel-sqlite-'));
  const path = join(dir, 'store', 'corbel.db');
  return { path, url: `sqlite:${path}`, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 3 }) };
}
