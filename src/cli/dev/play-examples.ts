import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';
import type { ExampleFailure } from './dev-event.ts';

/** Plays examples in a process of its own, so that the server's calls never wait for them. One run at a time. */
export interface ExamplePlayer {
  /** Resolves with what came of it; undefined when a later call took its place, or the run itself failed. */
  play(actions: readonly string[]): Promise<PlayedExamples | undefined>;
  stop(): Promise<void>;
}

export interface PlayedExamples {
  passed: number;
  failures: ExampleFailure[];
}

const CORBEL = fileURLToPath(new URL('../corbel.ts', import.meta.url));

export function createExamplePlayer(
  directory: string,
  surroundings: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): ExamplePlayer {
  let current: Child | undefined;
  return {
    async play(actions) {
      // What is under way plays files that are not the saved ones any more.
      await current?.stop();
      const child = startChild(CORBEL, ['test', ...actions, '--connectors', directory, '--json'], surroundings);
      current = child;
      yieldTo(child.pid);
      const line = await child.line((text) => text.startsWith('{'));
      await child.ended;
      if (current !== child) return undefined;
      current = undefined;
      return line === undefined ? undefined : playedOf(line);
    },
    async stop() {
      const child = current;
      current = undefined;
      await child?.stop();
    },
  };
}

/** What it does can wait, calls and the next save cannot. */
function yieldTo(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or the system does not let it.
  }
}

interface Difference {
  part: string;
  message: string;
}

/** Of the document that `corbel test --json` prints. */
function playedOf(line: string): PlayedExamples | undefined {
  try {
    const { examples, failures } = JSON.parse(line) as {
      examples?: { passed: number };
      failures?: { action: string; example: string; differences: Difference[] }[];
    };
    if (!examples || !failures) return undefined;
    return {
      passed: examples.passed,
      failures: failures.map(({ action, example, differences }) => ({
        action,
        example,
        message: differences.map(({ part, message }) => `${part}: ${message}`).join('\n'),
      })),
    };
  } catch {
    return undefined;
  }
}
