import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { FileChange } from './connector-sources.ts';

/**
 * Writes all changes below a folder, or none. Each file is written beside its place and moved there, so that nobody reads
 * half of one; a file that somebody changed since it was read stops the whole, and what was moved before is put back.
 * Throws {@link CommandFailure} (failed).
 */
export async function writeFiles(folder: string, changes: readonly FileChange[]): Promise<void> {
  const prepared: { target: string; temporary: string; before: string | undefined; moved: boolean }[] = [];
  try {
    for (const { path, before, after } of changes) {
      const target = await realpath(join(folder, path)).catch(() => join(folder, path));
      await mkdir(dirname(target), { recursive: true });
      const temporary = temporaryOf(target);
      prepared.push({ target, temporary, before, moved: false });
      await writeWhole(temporary, after);
      const mode = before === undefined ? undefined : (await stat(target)).mode;
      if (mode !== undefined) await chmod(temporary, mode);
    }
    for (const { target, before } of prepared) await assertUnchanged(target, before);
    for (const one of prepared) {
      await rename(one.temporary, one.target);
      one.moved = true;
    }
  } catch (error) {
    for (const { target, temporary, before, moved } of prepared.reverse()) {
      await rm(temporary, { force: true }).catch(() => {});
      if (moved) await putBack(target, before);
    }
    throw asFailure(error);
  }
}

/**
 * Writes a new folder with all its files, or nothing: it is made beside its place, where it is hidden from loaders. Throws
 * {@link CommandFailure} (failed), also when somebody made one of that name meanwhile.
 */
export async function writeFolder(folder: string, files: readonly Pick<FileChange, 'path' | 'after'>[]): Promise<void> {
  const temporary = temporaryOf(folder);
  try {
    for (const { path, after } of files) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeWhole(join(temporary, path), after);
    }
    // An empty folder of the name would be replaced, any other is refused.
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw asFailure(error);
  }
}

/** Hidden, no name that a loader reads, and none that somebody could have put a link at. */
function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.new`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function assertUnchanged(path: string, before: string | undefined): Promise<void> {
  const now = await readFile(path, 'utf8').catch(() => undefined);
  if (now !== before)
    throw new CommandFailure(EXIT.failed, `${path} was changed meanwhile; nothing was written.`, 'Try again.');
}

async function putBack(path: string, before: string | undefined): Promise<void> {
  if (before === undefined) return rm(path, { force: true }).catch(() => {});
  const temporary = temporaryOf(path);
  await writeWhole(temporary, before)
    .then(() => rename(temporary, path))
    .catch(() => {});
}

function asFailure(error: unknown): unknown {
  if (error instanceof CommandFailure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return code === undefined ? error : new CommandFailure(EXIT.failed, `Nothing was written (${code}).`);
}
