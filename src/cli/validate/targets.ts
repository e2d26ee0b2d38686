import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Diagnostic } from '../../connector/diagnostics.ts';
import { connectorFolders, isYamlName } from '../../connector/read-sources.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

/** What is to be looked at. All paths are absolute. */
export interface Target {
  /** Of a connector. */
  readonly folder: string;
  /** Files and folders of it whose faults are asked for; undefined: all. */
  readonly only: readonly string[] | undefined;
}

const PARTS = ['actions', 'examples', 'guides'];
const HINT =
  'A path is a folder of connectors, the folder of one, or files of it: connector.yaml and those in actions, examples, guides.';

/**
 * The connectors that paths (from `cwd` on) are about, each once. Throws {@link CommandFailure} of `usage` for a path that is
 * not there or has nothing to do with a connector: a check of nothing must not look like a success.
 */
export async function findTargets(paths: readonly string[], cwd: string): Promise<Target[]> {
  const found = new Map<string, Target>();
  for (const path of paths) {
    for (const { folder, only } of await targetsOf(path, resolve(cwd, path))) {
      const before = found.get(folder);
      const all = only === undefined || (before !== undefined && before.only === undefined);
      found.set(folder, { folder, only: all ? undefined : [...(before?.only ?? []), ...only] });
    }
  }
  return [...found.values()];
}

/** Where changes may matter to the targets of paths: a connector that is new in a folder of connectors, too. Absolute. */
export async function foldersToWatch(paths: readonly string[], cwd: string): Promise<string[]> {
  const targets = await findTargets(paths, cwd);
  const folders = new Set(targets.map(({ folder }) => folder));
  for (const path of paths.map((given) => resolve(cwd, given))) if ((await stat(path)).isDirectory()) folders.add(path);
  return [...folders].filter((folder) => ![...folders].some((other) => folder.startsWith(`${other}${sep}`)));
}

async function targetsOf(given: string, path: string): Promise<Target[]> {
  const there = await stat(path).catch((error: unknown) => {
    throw new CommandFailure(EXIT.usage, `There is no ${JSON.stringify(given)} (${codeOf(error)}).`, HINT);
  });
  return there.isDirectory() ? targetsOfFolder(given, path) : targetOfFile(given, path, there);
}

async function targetOfFile(given: string, path: string, there: Stats): Promise<Target[]> {
  const above = dirname(path);
  if (there.isFile() && basename(path) === 'connector.yaml') return [{ folder: above, only: [path] }];
  if (there.isFile() && isYamlName(basename(path)) && PARTS.includes(basename(above)))
    return [{ folder: dirname(above), only: [path] }];
  throw new CommandFailure(EXIT.usage, `${JSON.stringify(given)} is no file of a connector.`, HINT);
}

async function targetsOfFolder(given: string, path: string): Promise<Target[]> {
  if (await isConnector(path)) return [{ folder: path, only: undefined }];
  if (PARTS.includes(basename(path)) && (await isConnector(dirname(path))))
    return [{ folder: dirname(path), only: [path] }];
  const broken: Diagnostic[] = [];
  const names = await connectorFolders(path, broken);
  // A link that leads nowhere is looked at like a folder, which says so.
  const links = broken.map(({ file }) => resolve(file));
  const folders = [...names.map((name) => join(path, name)), ...links].sort();
  const connectors = await Promise.all(folders.map(isConnector));
  if (!connectors.includes(true) && links.length === 0)
    throw new CommandFailure(EXIT.usage, `There is no connector in ${JSON.stringify(given)}.`, HINT);
  return folders.map((folder) => ({ folder, only: undefined }));
}

/** Whether somebody meant it as one, complete or not. */
async function isConnector(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  return entries.some((entry) => entry.name === 'connector.yaml' || (entry.name === 'actions' && !entry.isFile()));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
