import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A program of this project, running as a process of its own. */
export interface Running {
  pid: number;
  /** Everything that it wrote to standard output so far. */
  output(): string;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Relative to the root of the project. */
  program: string;
  arguments?: readonly string[];
  nodeOptions?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Where standard output goes: a file, because reading a pipe would take processor time from what is measured. */
  outputFile: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_TIMEOUT_MS = 20_000;
const READY_POLL_MS = 5;
const STOP_TIMEOUT_MS = 8_000;

/** Absolute path of a file of the project. */
export function projectPath(path: string): string {
  return `${ROOT}${path}`;
}

const CHANGES_NODE = ['NODE_OPTIONS', 'NODE_COMPILE_CACHE'];

/** The environment without settings of Corbel, so that what a machine happens to have set changes no result. */
export function cleanEnvironment(additions: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('CORBEL_') && !CHANGES_NODE.includes(name),
  );
  return { ...Object.fromEntries(kept), NODE_ENV: 'production', ...additions };
}

/** Starts a program and waits until `ready` finds in its output what it looks for. Throws when it ends before, or is late. */
export async function start<T>(
  options: StartOptions,
  ready: (output: string) => T | undefined,
): Promise<Running & { found: T }> {
  const descriptor = openSync(options.outputFile, 'w', 0o600);
  const child = spawn(
    process.execPath,
    [...(options.nodeOptions ?? []), projectPath(options.program), ...(options.arguments ?? [])],
    { cwd: ROOT, env: cleanEnvironment(options.environment), stdio: ['ignore', descriptor, 'inherit'] },
  );
  closeSync(descriptor);
  const output = () => readFileSync(options.outputFile, 'utf8');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.program} did not start`);
  const running = { pid, output, stop: () => stop(child) };

  const lateAt = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const found = ready(output());
    if (found !== undefined) return { ...running, found };
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${options.program} ended at its start`);
    if (performance.now() > lateAt) {
      await running.stop();
      throw new Error(`${options.program} was not ready after ${READY_TIMEOUT_MS} ms`);
    }
    await delay(READY_POLL_MS);
  }
}

/** Asks a child to end, and ends it when it does not. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}

/** The first whole line that is a JSON object with this member. */
export function jsonLineWith(member: string): (output: string) => Record<string, unknown> | undefined {
  return (output) => {
    for (const line of output.split('\n').slice(0, -1)) {
      if (!line.startsWith('{')) continue;
      const record = JSON.parse(line) as Record<string, unknown>;
      if (member in record) return record;
    }
    return undefined;
  };
}
