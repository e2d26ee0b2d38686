import type { Answer } from './answer.ts';

/** Rendered answers by request, so that a bench against the sandbox measures the client and not the sandbox. */
export interface AnswerCache {
  get(key: string): Answer | undefined;
  set(key: string, answer: Answer): void;
  clear(): void;
}

const MAX_TOTAL_BYTES = 64 * 1024 ** 2;

/** Drops the oldest answers above 64 MiB. */
export function createAnswerCache(): AnswerCache {
  const answers = new Map<string, Answer>();
  let bytes = 0;
  return {
    get: (key) => answers.get(key),
    set(key, answer) {
      answers.set(key, answer);
      bytes += answer.body.length;
      for (const [oldest, old] of answers) {
        if (bytes <= MAX_TOTAL_BYTES) break;
        answers.delete(oldest);
        bytes -= old.body.length;
      }
    },
    clear() {
      answers.clear();
      bytes = 0;
    },
  };
}
