import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { consoleIsStale } from '../../../scripts/build-console.ts';

const run = promisify(execFile);

/** Builds the console once per run, where its sources are newer than what was built. Its own suites tell when that failed. */
export async function setup(): Promise<void> {
  if (!(await consoleIsStale())) return;
  await run(process.execPath, ['scripts/build-console.ts']).catch((error: unknown) => {
    process.stdout.write(`!!! THE CONSOLE DOES NOT BUILD: ${String(error)} !!!\n`);
  });
}
