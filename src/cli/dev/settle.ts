import type { Clock } from '../../clock.ts';

/** Gathers a burst of news into one piece of work. */
export interface Settle {
  /** Something happened: the work is done when nothing else did for `quietMs`. News during the work make it be done again. */
  note(quietMs: number): void;
  /** Resolves when no work is due any more. */
  idle(): Promise<void>;
}

/** `longestMs`: however long a burst lasts, the work is begun after this time. `work` must not reject. */
export function createSettle(options: { clock: Clock; longestMs: number; work: () => Promise<void> }): Settle {
  const { clock, longestMs, work } = options;
  let due: { firstAt: number; at: number } | undefined;
  let working: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (due) {
      const waitMs = due.at - clock.now();
      if (waitMs > 0) {
        // Later news move the time; it is looked at again.
        await clock.sleep(waitMs);
        continue;
      }
      due = undefined;
      await work();
    }
  }

  return {
    note(quietMs) {
      const now = clock.now();
      const firstAt = due?.firstAt ?? now;
      due = { firstAt, at: Math.min(firstAt + longestMs, Math.max(due?.at ?? 0, now + quietMs)) };
      working ??= run().finally(() => {
        working = undefined;
      });
    },
    idle: async () => {
      while (working) await working;
    },
  };
}
