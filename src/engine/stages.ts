import type { Call, Stage } from './call.ts';

/** Does a piece of work and tells the log how long it took, whatever came of it. */
export type Timed = <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;

/** Tells times in milliseconds, to the hundredth: most stages take less than one. */
export function stageTimer(observe: Call['observe']): Timed {
  return async (stage, work) => {
    const started = performance.now();
    try {
      return await work();
    } finally {
      observe({ type: 'stage', stage, durationMs: Math.round((performance.now() - started) * 100) / 100 });
    }
  };
}
