/** One evaluation under way. */
export interface Frame {
  /** The context of the expression, `$$`. */
  readonly root: unknown;
  /** Values of variables, by the number that each got when it was compiled. */
  readonly slots: unknown[];
  readonly timeLimitMs: number;
  /** Steps done so far, and at how many the clock is looked at next. */
  work: number;
  checkAt: number;
  /** Zero until the clock was looked at. */
  deadline: number;
}

/** Evaluates one node of the tree for an input. */
export type Run = (input: unknown, frame: Frame) => unknown;

/** Thrown where the interpreter has to decide. Evaluations have no effects, so that it can begin anew. */
export const GIVE_UP = new Error('left to the interpreter');

/** Thrown when the time is over. */
export const OUT_OF_TIME = new Error('out of time');

export function giveUp(): never {
  throw GIVE_UP;
}

// A step takes up to some microseconds, looking at the clock some tens of nanoseconds.
const CHECK_EVERY = 256;
// Searching a text of so many characters costs about as much as one step.
const CHARS_PER_STEP = 1_024;

export function newFrame(root: unknown, slots: number, timeLimitMs: number): Frame {
  return { root, slots: new Array(slots), timeLimitMs, work: 0, checkAt: CHECK_EVERY, deadline: 0 };
}

/** Counts steps of a loop. Throws OUT_OF_TIME. */
export function work(frame: Frame, steps: number): void {
  frame.work += steps;
  if (frame.work < frame.checkAt) return;
  frame.checkAt = frame.work + CHECK_EVERY;
  const now = Date.now();
  if (frame.deadline === 0) frame.deadline = now + frame.timeLimitMs;
  else if (now > frame.deadline) throw OUT_OF_TIME;
}

/** Counts what looking through a text costs. */
export function workOnText(frame: Frame, text: string): void {
  if (text.length >= CHARS_PER_STEP) work(frame, Math.ceil(text.length / CHARS_PER_STEP));
}
