/** The sandbox's time, which a test can move so that tokens expire without waiting. */
export interface SandboxClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Seconds ahead of the true time (behind when negative). */
  offsetS(): number;
  /** Moves the time by so many seconds, back when negative. */
  advance(seconds: number): void;
}

export function createSandboxClock(now: () => number): SandboxClock {
  let offsetS = 0;
  return {
    now: () => now() + offsetS * 1000,
    offsetS: () => offsetS,
    advance(seconds) {
      offsetS += seconds;
    },
  };
}
