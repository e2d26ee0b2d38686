import { describe, expect, it } from 'vitest';
import { createSettle } from '../../../src/cli/dev/settle.ts';
import type { Clock } from '../../../src/clock.ts';

/** A clock that is moved by hand. */
function handClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  const turns = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    now: () => now,
    sleep: (ms) => new Promise((resolve) => sleepers.push({ at: now + ms, wake: resolve })),
    async advance(ms) {
      await turns();
      for (const end = now + ms; now < end; ) {
        now += 1;
        for (const sleeper of sleepers.splice(0)) {
          if (sleeper.at <= now) sleeper.wake();
          else sleepers.push(sleeper);
        }
        await turns();
      }
    },
  };
}

describe('a burst of news', () => {
  it('is one piece of work, done when it is quiet', async () => {
    const clock = handClock();
    const done: number[] = [];
    const settle = createSettle({ clock, longestMs: 1_000, work: async () => void done.push(clock.now()) });
    for (let news = 0; news < 20; news += 1) {
      settle.note(20);
      await clock.advance(10);
    }
    expect(done).toEqual([]);
    await clock.advance(100);
    expect(done).toEqual([210]);
    settle.note(20);
    await clock.advance(100);
    expect(done).toHaveLength(2);
  });

  it('that does not end is worked on all the same', async () => {
    const clock = handClock();
    let done = 0;
    const work = async () => {
      done += 1;
    };
    const settle = createSettle({ clock, longestMs: 100, work });
    for (let news = 0; news < 100; news += 1) {
      settle.note(20);
      await clock.advance(10);
    }
    expect(done).toBeGreaterThanOrEqual(8);
    expect(done).toBeLessThanOrEqual(11);
  });

  it('during the work makes it be done again, and never twice at once', async () => {
    const clock = handClock();
    let under = 0;
    let done = 0;
    const settle = createSettle({
      clock,
      longestMs: 100,
      work: async () => {
        under += 1;
        expect(under).toBe(1);
        await clock.sleep(50);
        under -= 1;
        done += 1;
      },
    });
    settle.note(10);
    await clock.advance(30);
    settle.note(10);
    settle.note(10);
    await clock.advance(200);
    await settle.idle();
    expect(done).toBe(2);
  });
});
