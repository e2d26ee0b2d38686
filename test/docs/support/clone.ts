import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
// Half of all files, of use only to tests: linked, not copied.
const FIXTURES = 'test/fixtures';

/** A copy of the repository as a contributor has it after cloning, its connectors committed, and what to run commands there with. */
export interface Clone {
  readonly folder: string;
  /** Environment of a stranger: no settings, no home, nothing of the npm that runs the tests. */
  readonly env: Readonly<Record<string, string>>;
  /** From here on `npx corbel` starts the package's command itself: npx takes as long to find it as the command takes to work. */
  quickNpx(): Promise<void>;
  remove(): Promise<void>;
}

/** Copies what git tracks, or would with `git add .`; `npm ci` in the clone takes the packages that are installed here. */
export async function cloneRepository(): Promise<Clone> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'corbel-clone-')));
  const folder = join(base, 'corbel');
  const programs = join(base, 'programs');
  const home = join(base, 'home');
  await Promise.all([mkdir(folder), mkdir(programs), mkdir(home)]);
  const env = {
    PATH: `${programs}:${process.env.PATH ?? ''}`,
    HOME: home,
    NODE_COMPILE_CACHE: join(base, 'compiled'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    GIT_CONFIG_NOSYSTEM: '1',
    // Any port that is free; the page names the usual one.
    CORBEL_PORT: '0',
  };

  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    maxBuffer: 2 ** 24,
  });
  const paths = [...new Set(listed.stdout.split('\0').filter((name) => name !== '' && !name.startsWith(FIXTURES)))];
  for (const parent of new Set(paths.map((path) => dirname(path))))
    await mkdir(join(folder, parent), { recursive: true });
  // A file that is deleted but still tracked is not there.
  for (const path of paths)
    await copyFile(join(ROOT, path), join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  await symlink(join(ROOT, FIXTURES), join(folder, FIXTURES));
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=Corbel', '-c', 'user.email=corbel@example.com', ...args], { cwd: folder, env });
  await git('init', '--quiet');
  // Of the rest nobody asks an older state, and it is thousands of files.
  await git('add', 'connectors');
  await git('commit', '--quiet', '--message', 'As it was cloned');

  const { stdout } = await run('sh', ['-c', 'command -v npm']);
  const program = (name: string, text: string) =>
    writeFile(join(programs, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  await program('npm', `[ "$*" = ci ] && exec ln -s '${join(ROOT, 'node_modules')}' .\nexec '${stdout.trim()}' "$@"`);
  return {
    folder,
    env,
    quickNpx: () =>
      program('npx', `[ "$1" = corbel ] || exit 127\nshift\nexec '${process.execPath}' src/cli/corbel.ts "$@"`),
    remove: () => rm(base, { recursive: true, force: true }),
  };
}
