import type { Clock } from '../clock.ts';
import { WATCH_DELAY_MS } from './store.ts';

/** A moment on both of the machine's clocks. */
export interface Moment {
  wallMs: number;
  steadyMs: number;
}

/**
 * Remembers up to which moment every change is known to have been told.
 *
 * Two clocks, because each of them lies in its own way: the wall clock may be stepped back (and would make old news look
 * fresh), the steady one stands still while a virtual machine is suspended. Both must call it fresh.
 */
export class Freshness {
  readonly #clock: Clock;
  #known: Moment | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The present, to be passed to {@link Freshness.knownUpTo} when an answer asked for now has arrived. */
  now(): Moment {
    return { wallMs: this.#clock.now(), steadyMs: performance.now() };
  }

  /** Every change made before `moment` has been told. */
  knownUpTo(moment: Moment): void {
    this.#known = moment;
  }

  /** Nothing is known any more. */
  forget(): void {
    this.#known = undefined;
  }

  /** Whether no change can have gone untold for longer than {@link WATCH_DELAY_MS}. */
  isFresh(): boolean {
    if (this.#known === undefined) return false;
    const wallAgeMs = this.#clock.now() - this.#known.wallMs;
    const steadyAgeMs = performance.now() - this.#known.steadyMs;
    return steadyAgeMs <= WATCH_DELAY_MS && wallAgeMs >= 0 && wallAgeMs <= WATCH_DELAY_MS;
  }
}
