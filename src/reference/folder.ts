import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connector } from '../connector/connector.ts';
import { MADE_BY, referencePages } from './pages.ts';

/**
 * Brings the reference below a folder (`<folder>/<connector>/*.md`) up to date and gives the paths of the pages that were not;
 * with `check` it changes nothing. Pages of what is gone are removed, other files of the folder are left alone. Nothing is
 * written where a link leads: a page takes the place of the link, a folder that is one is refused. With `whole`, the folder holds
 * the reference of these connectors only: made pages of others are of what is gone.
 */
export async function updateReference(
  folder: string,
  connectors: Iterable<Connector>,
  { check, whole = false }: { check: boolean; whole?: boolean },
): Promise<string[]> {
  const stale: string[] = [];
  const known = new Set<string>();
  for (const connector of connectors) {
    known.add(connector.id);
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
    stale.push(...(await removeMade(own, pages, check)));
  }
  const others = whole ? (await readdir(folder).catch(() => [])).filter((name) => !known.has(name)) : [];
  for (const name of others)
    if (!(await isLink(join(folder, name)))) stale.push(...(await removeMade(join(folder, name), new Map(), check)));
  return stale;
}

/** Removes the made pages that are not wanted, and gives their paths; with `check` only the latter. */
async function removeMade(own: string, wanted: ReadonlyMap<string, string>, check: boolean): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(own).catch(() => [])) {
    const path = join(own, name);
    if (wanted.has(name) || !name.endsWith('.md') || !(await isMade(path))) continue;
    removed.push(path);
    if (!check) await rm(path);
  }
  return removed;
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
