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

/** Of the document that `corbel test --json` prints. */
function playedOf(line: string): PlayedExamples | undefined {
  try {
    const { summary, failures } = JSON.parse(line) as {
      summary?: { passed?: number };
      failures?: { action: string; example: string; differences: { path: string; message: string }[] }[];
    };
    if (!Array.isArray(failures)) return undefined;
    return {
      passed: summary?.passed ?? 0,
      failures: failures.map(({ action, example, differences }) => ({
        action,
        example,
        message: differences.map(({ path, message }) => `${path} ${message}`).join('\n'),
      })),
    };
  } catch {
    return undefined;
  }
}
