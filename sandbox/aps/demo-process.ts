import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that the demo started. */
export interface Child {
  /** The first line of standard output, from now on, that the test accepts. Rejects when the process ends before. */
  line(accept: (line: string) => boolean): Promise<string>;
  onUnexpectedEnd(tell: (why: string) => void): void;
  /** Ends the process and resolves when it is gone. */
  stop(): Promise<void>;
}

// A process that does not end by itself within this time after being asked is killed.
const STOP_MS = 8_000;

/** Starts a script with the Node.js that runs this one. */
export function startChild(script: string, parameters: readonly string[], environment: NodeJS.ProcessEnv): Child {
  const child: ChildProcess = spawn(process.execPath, [script, ...parameters], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      for (const check of waiting) check();
      resolve();
    });
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      // Only the lines of the start are waited for.
      if (seen.length < 100) seen.push(line);
      for (const check of waiting) check();
    });
  }
  return {
    line: (accept) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const line = seen.find(accept);
          if (line === undefined && !ended) return;
          waiting.delete(check);
          if (line === undefined) reject(new Error(`${script} ended before it was ready.`));
          else resolve(line);
        };
        waiting.add(check);
        check();
      }),
    onUnexpectedEnd: (tell) =>
      void gone.then(() => tell(`${script} ended unexpectedly (${child.signalCode ?? child.exitCode}).`)),
    async stop() {
      if (ended) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(late);
    },
  };
}
