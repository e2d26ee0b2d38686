import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
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
  'A path is a folder of connectors, a connector’s folder, or files of one: connector.yaml, actions/*.yaml, examples/*.yaml, guides/*.yaml.';

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
  const names = await connectorFolders(path, []);
  const folders = names.map((name) => join(path, name));
  const connectors = await Promise.all(folders.map(isConnector));
  if (!connectors.includes(true))
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
