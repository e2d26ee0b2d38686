import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment, projectPath, stop } from './processes.ts';

/** The one call that a load repeats. */
export interface LoadRequest {
  url: string;
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface Load {
  request: LoadRequest;
  concurrency: number;
  /** At most so many calls … */
  calls: number;
  /** … and none begun later than this. */
  longestMs: number;
}

export interface LoadAnswer {
  /** How many calls were begun. */
  calls: number;
  durationMs: number;
  latenciesMs: number[];
  /** How many calls were not answered 200, by status or error code. */
  refused: Readonly<Record<string, number>>;
  /** Of an answer, for checking. */
  body: string;
}

export interface LoadGenerator {
  /** Rejects when the generator itself fails; calls that fail are in the answer. */
  run(load: Load): Promise<LoadAnswer>;
  stop(): Promise<void>;
}

export function startLoadGenerator(): LoadGenerator {
  const child = fork(projectPath('bench/load-process.ts'), { env: cleanEnvironment() });
  return {
    async run(load) {
      child.send(load);
      const done = new AbortController();
      const { signal } = done;
      const [answer] = (await Promise.race([
        once(child, 'message', { signal }),
        once(child, 'exit', { signal }).then(() => [{ failed: 'the load generator ended' }]),
      ]).finally(() => done.abort())) as [LoadAnswer | { failed: string }];
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    },
    stop: () => stop(child),
  };
}
