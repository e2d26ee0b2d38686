import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connector } from '../connector/connector.ts';
import { MADE_BY, referencePages } from './pages.ts';

/**
 * Brings the reference below a folder (`<folder>/<connector>/*.md`) up to date and gives the paths of the pages that were not;
 * with `check` it changes nothing. Pages of what is gone are removed, other files of the folder are left alone. Nothing is
 * written where a link leads: a page takes the place of the link, a folder that is one is refused.
 */
export async function updateReference(
  folder: string,
  connectors: Iterable<Connector>,
  { check }: { check: boolean },
): Promise<string[]> {
  const stale: string[] = [];
  for (const connector of connectors) {
    const own = join(folder, connector.id);
    if (await isLink(own)) throw new Error(`${own} is a link; remove it, or choose another folder.`);
    const pages = await referencePages(connector);
    for (const [name, text] of pages) {
      const path = join(own, name);
      if ((await readFile(path, 'utf8').catch(() => undefined)) === text) continue;
      stale.push(path);
      if (check) continue;
      await mkdir(own, { recursive: true });
      await rm(path, { force: true });
      await writeFile(path, text, { flag: 'wx' });
    }
    for (const name of await readdir(own).catch(() => [])) {
      const path = join(own, name);
      if (pages.has(name) || !name.endsWith('.md') || !(await isMade(path))) continue;
      stale.push(path);
      if (!check) await rm(path);
    }
  }
  return stale;
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

async function isMade(path: string): Promise<boolean> {
  return (await readFile(path, 'utf8')).startsWith(MADE_BY);
}
