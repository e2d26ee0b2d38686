import { type Frame, giveUp, type Run, work } from './direct-frame.ts';
import { isTrue, lookUp, push, readMember, unwrapped } from './direct-values.ts';
import { MAX_SEQUENCE_ITEMS } from './limits.ts';

/** `[…]` behind a value: gives the list of what is left of it. */
export type Filter = (value: unknown, frame: Frame) => readonly unknown[];

/** `{…}` behind a value: makes an object of the list. */
export type Grouping = (items: readonly unknown[], frame: Frame) => unknown;

export interface PathStep {
  /** The member's name, where the step is nothing else. */
  readonly name: string | undefined;
  readonly run: Run;
  readonly filters: readonly Filter[];
}

export interface PathPlan {
  /** A variable that the path begins with. */
  readonly base: Run | undefined;
  readonly steps: readonly PathStep[];
  readonly grouping: Grouping | undefined;
}

/** What a path comes to: a list of results, unless the only one is a list itself, which stays as it is. */
interface Walked {
  readonly list: readonly unknown[];
  readonly isValue: boolean;
}

const NOTHING: Walked = { list: [], isValue: false };

export function pathRunner({ base, steps, grouping }: PathPlan): Run {
  const named = steps.findIndex(({ name }) => name === undefined);
  const names = steps.slice(0, named === -1 ? steps.length : named).map(({ name }) => String(name));
  const finish = (walked: Walked, frame: Frame): unknown =>
    grouping ? groupWalked(grouping, walked, frame) : walked.isValue ? walked.list : unwrapped(walked.list);

  return (input, frame) => {
    let at = base ? base(input, frame) : input;
    if (at === undefined && base) return finish(NOTHING, frame);
    let step = 0;
    // As long as there are no lists, nothing but names matters.
    for (; step < names.length; step += 1) {
      if (typeof at !== 'object' || at === null) return finish(NOTHING, frame);
      if (Array.isArray(at)) break;
      at = readMember(at, names[step] as string);
      if (at === undefined) return finish(NOTHING, frame);
    }
    const isList = Array.isArray(at);
    if (step === steps.length) {
      if (!grouping && (step > 0 || !isList)) return at;
      return finish({ list: isList ? (at as unknown[]) : [at], isValue: isList }, frame);
    }
    const list: readonly unknown[] = isList ? (at as unknown[]) : [at];
    if (list.length > MAX_SEQUENCE_ITEMS) giveUp();
    return finish(walk(list, steps, step, frame), frame);
  };
}

function walk(from: readonly unknown[], steps: readonly PathStep[], first: number, frame: Frame): Walked {
  let list = from;
  for (let index = first; index < steps.length; index += 1) {
    const step = steps[index] as PathStep;
    const results = resultsOf(step, list, frame);
    const [only] = results;
    if (index === steps.length - 1 && results.length === 1 && Array.isArray(only) && step.filters.length === 0)
      return { list: only, isValue: true };
    list = flattened(results);
    if (list.length === 0) return NOTHING;
  }
  return { list, isValue: false };
}

/** What a step gives for each item; nothing is left out. */
function resultsOf({ run, filters }: PathStep, list: readonly unknown[], frame: Frame): unknown[] {
  const results: unknown[] = [];
  work(frame, list.length);
  for (const item of list) {
    let result = run(item, frame);
    for (const filter of filters) result = filter(result, frame);
    if (result !== undefined) push(results, result);
  }
  return results;
}

function flattened(results: readonly unknown[]): readonly unknown[] {
  if (!results.some(Array.isArray)) return results;
  const list: unknown[] = [];
  for (const result of results) {
    if (Array.isArray(result)) for (const item of result) push(list, item);
    else push(list, result);
  }
  return list;
}

function groupWalked(grouping: Grouping, { list, isValue }: Walked, frame: Frame): unknown {
  // The interpreter would add an item to the list, which is the data's own.
  if (isValue && list.length === 0) giveUp();
  return grouping(list.length === 0 ? [undefined] : list, frame);
}

/** The step of one plain name. */
export function nameRunner(name: string): Run {
  return (input, frame) => lookUp(input, name, frame);
}

/** `[2]`, `[-1]`. */
export function indexFilter(position: number): Filter {
  const index = Math.floor(position);
  return (value) => {
    const list = Array.isArray(value) ? value : [value];
    const item: unknown = list[index < 0 ? list.length + index : index];
    if (Array.isArray(item)) giveUp();
    return item === undefined ? [] : [item];
  };
}

/** `[name = "x"]`, or `[$i]` with a number as the value. */
export function conditionFilter(condition: Run): Filter {
  return (value, frame) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const kept: unknown[] = [];
    work(frame, list.length);
    for (const [index, item] of list.entries()) {
      const said = condition(item, frame);
      if (!(typeof said === 'number' ? isAt(said, index, list.length) : isMet(said, frame))) continue;
      if (item === undefined) giveUp();
      push(kept, item);
    }
    return kept;
  };
}

function isAt(position: number, index: number, length: number): boolean {
  if (!Number.isFinite(position)) giveUp();
  const whole = Math.floor(position);
  return (whole < 0 ? length + whole : whole) === index;
}

function isMet(said: unknown, frame: Frame): boolean {
  // A list of numbers is a list of positions.
  if (Array.isArray(said)) giveUp();
  return isTrue(said, frame);
}
