import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import type { Registry } from '../../connector/connector.ts';
import { ConnectorError } from '../../connector/diagnostics.ts';
import { loadRegistry } from '../../connector/load.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

const run = promisify(execFile);
// A folder of connectors has some hundred KB.
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * The connectors that one side of a comparison names: a folder, or `<revision>:<folder>` as git has it. Throws
 * {@link CommandFailure}: usage when there is no such thing, failed when it does not load.
 */
export async function loadSide(cwd: string, side: string): Promise<Registry> {
  const folder = resolve(cwd, side);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return load(folder, side);
  const [, revision, path] = /^([^:-][^:]*):(.+)$/.exec(side) ?? [];
  if (revision === undefined || path === undefined)
    throw new CommandFailure(
      EXIT.usage,
      `There is no folder ${side}.`,
      'Name a folder, or <revision>:<folder> of git.',
    );
  const copy = await mkdtemp(join(tmpdir(), 'corbel-diff-'));
  try {
    await checkOut(cwd, revision, path, copy);
    return await load(copy, side);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function load(folder: string, side: string): Promise<Registry> {
  try {
    return await loadRegistry(folder, { later: () => {} });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const count = error.diagnostics.length;
    throw new CommandFailure(
      EXIT.failed,
      `${side} does not load with this version of Corbel: ${count} ${count === 1 ? 'fault' : 'faults'}.`,
      'corbel validate shows them.',
    );
  }
}

/** Writes the files of a folder of a revision; nothing is run and nothing but blobs is read. */
async function checkOut(cwd: string, revision: string, path: string, target: string): Promise<void> {
  const git = async (...words: string[]) =>
    (await run('git', ['--literal-pathspecs', ...words], { cwd, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' }))
      .stdout;
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`).catch(() => {
    throw new CommandFailure(EXIT.usage, `Git knows no revision ${revision} here.`);
  });
  const base = path.replace(/\/+$/, '');
  const listed = await git('ls-tree', '-r', '--name-only', '-z', commit.trim(), '--', `${base}/`).catch(() => {
    throw new CommandFailure(EXIT.usage, `${base} is no folder of this repository.`);
  });
  const files = listed.split('\0').filter((file) => /\.ya?ml$/.test(file));
  if (files.length === 0) throw new CommandFailure(EXIT.usage, `${revision} has no connectors in ${base}.`);
  // Paths that git lists start at the folder that it is asked in.
  for (const file of files) {
    const copy = join(target, relative(base, file));
    // A tree may name folders "..", which git itself never makes.
    if (!copy.startsWith(target + sep))
      throw new CommandFailure(EXIT.failed, `${revision} has a file that leads out of its folder: ${file}`);
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(copy, await git('show', `${commit.trim()}:./${file}`));
  }
}
