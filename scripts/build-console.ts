import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const CONSOLE = join(import.meta.dirname, '../console');
// What the console takes from the server's own code.
const SHARED = join(import.meta.dirname, '../src/guide');
const DIST = join(CONSOLE, 'dist');
const INDEX = join(DIST, 'index.html');
// Below this, compressing saves less than the header that tells of it.
const MIN_COMPRESSED_BYTES = 1_024;
// Pages that were opened before a build still load their parts.
const KEEP_OLD_ASSETS_MS = 60 * 60 * 1_000;

/** Whether the console was never built, or something that it is built from was changed since. */
export async function consoleIsStale(): Promise<boolean> {
  if (!existsSync(INDEX)) return true;
  const builtAt = (await stat(INDEX)).mtimeMs;
  const names = (
    await Promise.all([CONSOLE, SHARED].map((path) => readdir(path, { recursive: true, withFileTypes: true })))
  ).flat();
  const sources = names
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(DIST) && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name));
  const times = await Promise.all(
    [...sources, join(CONSOLE, '../package-lock.json'), import.meta.filename].map((path) =>
      // Somebody may be saving it.
      stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => builtAt + 1,
      ),
    ),
  );
  return times.some((time) => time > builtAt);
}

/** Builds the console into console/dist, compressed as well; pages and servers that use an earlier build go on. */
async function buildConsole(): Promise<void> {
  // Whatever it is where this runs: tests run in another, for which React would be built with its warnings.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  const startedAt = new Date();
  const made = await mkdtemp(join(CONSOLE, '.build-'));
  try {
    await build({
      configFile: join(CONSOLE, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: made, emptyOutDir: true },
    });
    const assets = await readdir(join(made, 'assets'));
    await Promise.all(assets.map((name) => compress(join(made, 'assets', name))));
    await mkdir(join(DIST, 'assets'), { recursive: true });
    const complete = await readdir(join(made, 'assets'));
    // In one step each: whoever asks meanwhile for one of the same name keeps for a year what he gets.
    await Promise.all(complete.map((name) => rename(join(made, 'assets', name), join(DIST, 'assets', name))));
    // Not newer than a source that was saved while it was built.
    await utimes(join(made, 'index.html'), startedAt, startedAt);
    // The last: it names all others.
    await rename(join(made, 'index.html'), INDEX);
    await removeOld(new Set(complete));
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.length < MIN_COMPRESSED_BYTES || !/\.(js|css|svg)$/.test(path)) return;
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  await Promise.all([
    writeFile(`${path}.br`, brotliCompressSync(content, best)),
    writeFile(`${path}.gz`, gzipSync(content, { level: 9 })),
  ]);
}

async function removeOld(current: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(join(DIST, 'assets'))) {
    const path = join(DIST, 'assets', name);
    const old = !current.has(name) && Date.now() - (await stat(path)).mtimeMs > KEEP_OLD_ASSETS_MS;
    if (old) await rm(path, { force: true });
  }
}

function canBuild(): boolean {
  try {
    createRequire(import.meta.url).resolve('vite');
    return existsSync(join(CONSOLE, 'vite.config.ts'));
  } catch {
    return false;
  }
}

if (import.meta.main) {
  // npm runs this after each install, also after one without what it needs.
  if (process.argv.includes('--if-possible') && !canBuild())
    console.log('The console is not built: it needs the development dependencies.');
  else if (!process.argv.includes('--if-stale') || (await consoleIsStale())) await buildConsole();
}
