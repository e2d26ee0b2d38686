import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a child process ended. */
export interface ChildEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process that a command started. */
export interface Child {
  readonly pid: number | undefined;
  /** The first line of its standard output, from its start on, that the test accepts; undefined when it ends before. */
  line(accept: (line: string) => boolean): Promise<string | undefined>;
  /** Never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** Ends the process, by its id, and resolves when it is gone. */
  stop(): Promise<void>;
}

// A process that does not end by itself within this time after being asked is killed.
const STOP_MS = 5_000;
// Only the first lines say where a program listens; what it prints later is not kept.
const MAX_KEPT_LINES = 200;

const END_WITH_PARENT = new URL('./end-with-parent.ts', import.meta.url).href;

/**
 * Runs a script with the Node.js that runs this one. Its standard error goes where that of this process goes. It does not
 * outlive this process, even where that is killed.
 */
export function startChild(
  script: string,
  parameters: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): Child {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, script, ...parameters], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };
  // Should this process end in a way that was not foreseen, its children must not stay.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let over = false;
  const ended = new Promise<ChildEnd>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      over = true;
      process.removeListener('exit', kill);
      wake();
      resolve({ code, signal });
    };
    child.once('close', end);
    child.once('error', () => end(null, null));
  });
  const input = child.stdout;
  if (input)
    createInterface({ input }).on('line', (line) => {
      if (lines.length < MAX_KEPT_LINES) lines.push(line);
      wake();
    });
  return {
    pid: child.pid,
    line: (accept) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.find(accept);
          if (found === undefined && !over) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    ended,
    async stop() {
      if (over) return;
      child.kill('SIGTERM');
      const late = setTimeout(kill, STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
}
