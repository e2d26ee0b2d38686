import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * An append-only file of lines. Another process may take it over (by renaming it) at any moment without a line getting lost:
 * a line counts as written only when it is on the disk in a file that stood under the name afterwards.
 */
export interface JournalFile {
  /** Resolves when the lines are on the disk. */
  append(lines: readonly string[]): Promise<void>;
  /** Makes these the only lines. */
  rewrite(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

// Only the server's own user may look, as with everything else in the data directory.
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const SUFFIX = '.journal';
const TAKEN_SUFFIX = '.taken';
// Each time another process took the file over between the writing and the look: twice in a row is hardly thinkable.
const APPEND_ATTEMPTS = 5;

export function createJournalFile(directory: string, name: string): JournalFile {
  const path = join(directory, `${name}${SUFFIX}`);
  let handle: FileHandle | undefined;

  async function opened(): Promise<FileHandle> {
    if (handle) return handle;
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    handle = await open(path, 'a', FILE_MODE);
    await syncDirectory(directory);
    return handle;
  }

  async function close(): Promise<void> {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  }

  async function append(lines: readonly string[]): Promise<void> {
    for (let attempt = 1; attempt <= APPEND_ATTEMPTS; attempt++) {
      const file = await opened();
      try {
        await file.appendFile(textOf(lines));
        await file.sync();
        if (await standsAt(path, file)) return;
      } catch (error) {
        // It may have left a piece of a line, which must not run into the next one.
        await file.appendFile('\n').catch(() => undefined);
        throw error;
      }
      await close();
    }
    throw new Error('the journal file was taken away again and again');
  }

  return {
    append,
    close,
    async rewrite(lines) {
      if (lines.length === 0) {
        // An empty file needs no new one; when another process took it over meanwhile, it loses nothing that matters.
        const file = await opened();
        await file.truncate(0);
        return;
      }
      await close();
      const fresh = `${path}.new`;
      const file = await open(fresh, 'w', FILE_MODE);
      try {
        await file.writeFile(textOf(lines));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
      await syncDirectory(directory);
    },
  };
}

/** A file that a process left behind, or that is being left to this one. */
export interface TakenFile {
  lines: string[];
  /** Ends it, when nothing in it is needed any more. */
  remove(): Promise<void>;
}

/** Takes over every journal of a directory but the one of the given name; also what an earlier take-over did not finish. */
export async function takeOver(directory: string, ownName: string): Promise<TakenFile[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const taken: TakenFile[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const isJournal = name.endsWith(SUFFIX) && basename(name, SUFFIX) !== ownName;
    if (!isJournal && !name.endsWith(TAKEN_SUFFIX)) continue;
    // With the taker's name: whoever is still reading an earlier take-over must not remove this one.
    const target = isJournal ? `${path}.${ownName}${TAKEN_SUFFIX}` : path;
    try {
      // Renamed over an earlier take-over of the same name, its lines would be lost: that name must be free.
      const free = isJournal ? await freeName(target) : target;
      if (isJournal) await rename(path, free);
      const text = await readFile(free, 'utf8');
      taken.push({
        // What follows the last line break was torn by a crash, so that nobody was told that it is written.
        lines: text
          .split('\n')
          .slice(0, -1)
          .filter((line) => line !== ''),
        remove: async () => {
          await rm(free, { force: true });
          await syncDirectory(dirname(free));
        },
      });
    } catch (error) {
      // Another process that starts at the same moment was faster.
      if (!isMissing(error)) throw error;
    }
  }
  return taken;
}

async function freeName(target: string): Promise<string> {
  for (let number = 0; ; number++) {
    const name = number === 0 ? target : target.replace(/(\.journal)/, `.${number}$1`);
    if (!(await exists(name))) return name;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function standsAt(path: string, file: FileHandle): Promise<boolean> {
  const [own, standing] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return standing !== undefined && standing.ino === own.ino && standing.dev === own.dev;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
