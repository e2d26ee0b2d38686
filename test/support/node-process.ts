import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from './compile-cache.ts';
import { until } from './redis.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
// For failures only: on a machine that is busy with other work, everything takes long.
const RECORD_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A node process of the project with everything that it says. */
export interface NodeProcess {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Its output's lines that are JSON objects. */
  records(): Record<string, unknown>[];
  /** The first JSON line, from `from` on, that fits. */
  record(
    fits: (record: Record<string, unknown>) => boolean,
    options?: { deadlineMs?: number; from?: number },
  ): Promise<Record<string, unknown>>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
  running(): boolean;
  /** Sends SIGTERM (or the given signal) and waits for the end; after half a minute SIGKILL. */
  stop(signal?: NodeJS.Signals): Promise<Ending>;
}

/** Starts `node <script> <args>` in the project's folder, with only PATH and the given variables in its environment. */
export function startNode(script: string, args: readonly string[], env: Record<string, string> = {}): NodeProcess {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watch(child);
}

function watch(child: ChildProcess): NodeProcess {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  // A test run that is broken off must not leave its processes behind.
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  let over = false;
  // 'close' and not 'exit': only then everything that it said has been read.
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      process.removeListener('exit', killed);
      resolve({ code, signal });
    });
  });
  const stdout = () => Buffer.concat(out).toString('utf8');
  const stderr = () => Buffer.concat(err).toString('utf8');
  // Read once only: who waits for one asks again and again, and a server under load says thousands.
  const read: Record<string, unknown>[] = [];
  let unread = 0;
  let rest: Buffer = Buffer.alloc(0);
  const records = () => {
    const text = Buffer.concat([rest, ...out.slice(unread)]);
    const end = text.lastIndexOf('\n') + 1;
    unread = out.length;
    rest = text.subarray(end);
    read.push(...text.subarray(0, end).toString('utf8').split('\n').flatMap(jsonObject));
    return [...read, ...jsonObject(rest.toString('utf8'))];
  };
  if (child.pid === undefined) throw new Error('the process did not start');
  return {
    pid: child.pid,
    stdout,
    stderr,
    records,
    async record(fits, { deadlineMs = RECORD_DEADLINE_MS, from = 0 } = {}) {
      let found: Record<string, unknown> | undefined;
      const find = () => {
        found = records().slice(from).find(fits);
        return found !== undefined;
      };
      await until(deadlineMs, 'the process did not say what was waited for', () => {
        if (find()) return true;
        if (over) throw new Error(`the process ended: ${stdout().slice(-2_000)}${stderr().slice(-2_000)}`);
        return false;
      });
      if (!found) throw new Error('unreachable');
      return found;
    },
    signal: (signal) => {
      child.kill(signal);
    },
    ended,
    running: () => !over,
    async stop(signal = 'SIGTERM') {
      if (over) return ended;
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
      const ending = await ended;
      clearTimeout(late);
      return ending;
    },
  };
}

function jsonObject(line: string): Record<string, unknown>[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    // A line that is not complete yet.
    return [];
  }
}
