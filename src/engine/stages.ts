import type { Clock } from '../clock.ts';
import type { Call, Stage } from './call.ts';

/** Does a piece of work and tells the log how long it took, whatever came of it. */
export type Timed = <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;

export function stageTimer(clock: Clock, observe: Call['observe']): Timed {
  return async (stage, work) => {
    const started = clock.now();
    try {
      return await work();
    } finally {
      observe({ type: 'stage', stage, durationMs: clock.now() - started });
    }
  };
}
