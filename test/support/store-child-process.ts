import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './redis.ts';

const SCRIPT = fileURLToPath(new URL('./store-child.ts', import.meta.url));

export interface StoreChild {
  process: ChildProcess;
  /** What it has said so far. */
  lines: string[];
  /** Waits until it says so. */
  says(line: string, deadlineMs?: number): Promise<void>;
  /** Waits for its end; the exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

/** Starts `store-child.ts` as a process of its own. */
export function startStoreChild(mode: string, url: string, partition: string, number = '1'): StoreChild {
  const child = spawn(process.execPath, [SCRIPT, mode, url, partition, number], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  // 'close' and not 'exit': only then everything it said has been read.
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return {
    process: child,
    lines,
    says: (line, deadlineMs = 30_000) =>
      until(deadlineMs, `child never said ${line}, but ${lines.slice(-5).join(' ')}`, () => lines.includes(line)),
    ended,
  };
}
