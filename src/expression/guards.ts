import { ExpressionError } from './expression.ts';
import {
  MAX_BUILT_TEXT_CHARS,
  MAX_PAD_WIDTH_CHARS,
  MAX_PICTURE_CHARS,
  MAX_SEQUENCE_ITEMS,
  MAX_TIMESTAMP_CHARS,
  MAX_VALUE_DEPTH,
  MAX_VALUE_NODES,
} from './limits.ts';

/** Looks at a function's arguments before it runs; throws `limit` or `evaluation`. */
export type Guard = (values: readonly unknown[]) => void;

type Implementation = (this: unknown, ...values: unknown[]) => unknown;

/** Functions whose cost or result can be far larger than their arguments. */
export const GUARDS: ReadonlyMap<string, Guard> = new Map<string, Guard>([
  ['pad', ([, width]) => checkPadWidth(width)],
  ['join', ([texts, separator]) => checkJoin(texts, separator)],
  ['string', ([value, pretty]) => checkTextSize(value, pretty === true)],
  ['sort', ([items]) => checkItems(items)],
  ['spread', ([items]) => checkItems(items)],
  ['distinct', ([items]) => checkItems(items)],
  ['formatNumber', ([, picture]) => checkPicture(picture)],
  ['formatInteger', ([, picture]) => checkPicture(picture)],
  ['parseInteger', ([text, picture]) => checkParsed(text, picture)],
  ['fromMillis', ([, picture]) => checkDatePicture(picture)],
  ['toMillis', ([text, picture]) => checkTimestamp(text, picture)],
]);

/** Functions done anew, with the same answers, because the interpreter's take quadratic time and memory. */
export const REPLACEMENTS: ReadonlyMap<string, Implementation> = new Map<string, Implementation>([
  ['sort', sort],
  ['distinct', distinct],
]);

/** Throws `limit` for a width that data should never ask for. */
export function checkPadWidth(width: unknown): void {
  if (typeof width === 'number' && Math.abs(width) > MAX_PAD_WIDTH_CHARS) {
    throw new ExpressionError('limit', `$pad goes up to ${MAX_PAD_WIDTH_CHARS} characters`);
  }
}

/** Throws `limit` for a picture of numbers that is too long. */
export function checkPicture(picture: unknown): void {
  if (typeof picture === 'string' && picture.length > MAX_PICTURE_CHARS) {
    throw new ExpressionError('limit', 'the picture is too long');
  }
}

/** Throws `limit` for a date picture that is too long or asks for very wide parts. */
export function checkDatePicture(picture: unknown): void {
  checkPicture(picture);
  if (typeof picture === 'string' && /\d{5}/.test(picture)) {
    throw new ExpressionError('limit', 'the picture asks for too wide a part');
  }
}

/**
 * Throws `evaluation` for a date picture that cannot be parsed with in bounded time, or that would fill in today's date:
 * it must hold the year, and parts without separator between them must be of fixed width.
 */
export function checkParsePicture(picture: unknown): void {
  checkDatePicture(picture);
  if (typeof picture !== 'string') return;
  if (!/\[Y/.test(picture)) throw new ExpressionError('evaluation', 'the picture must hold the year');
  for (const [, part = '', separator = ''] of picture.matchAll(/\[([^\]]*)\]([^[\]]*)(?=\[)/g)) {
    const isFixed = separator === '' && /^[YMDdHhms](0+\d|\d{2,})$/.test(part);
    const isName = /[Nn]/.test(part);
    const isSeparated = isName ? /[^A-Za-z]/.test(separator) : /\D/.test(separator);
    if (!isFixed && !isSeparated) {
      throw new ExpressionError(
        'evaluation',
        'parts of the picture need a separator or a fixed width, like [M01][D01]',
      );
    }
  }
}

function checkTimestamp(text: unknown, picture: unknown): void {
  if (picture === undefined) return;
  checkParsePicture(picture);
  if (typeof text === 'string' && text.length > MAX_TIMESTAMP_CHARS) {
    throw new ExpressionError('limit', 'the text is too long for a timestamp');
  }
}

function checkParsed(text: unknown, picture: unknown): void {
  checkPicture(picture);
  checkPicture(text);
}

function checkItems(items: unknown): void {
  if (Array.isArray(items) && items.length > MAX_SEQUENCE_ITEMS) {
    throw new ExpressionError('limit', `more than ${MAX_SEQUENCE_ITEMS} items`);
  }
}

function checkJoin(texts: unknown, separator: unknown): void {
  if (!Array.isArray(texts)) return;
  let chars = typeof separator === 'string' ? separator.length * texts.length : 0;
  for (const text of texts) chars += typeof text === 'string' ? text.length : 0;
  if (chars > MAX_BUILT_TEXT_CHARS) throw new ExpressionError('limit', 'the text became too long');
}

/** Counts before anything is written: nested copies of one value can double at every level. */
function checkTextSize(value: unknown, pretty: boolean): void {
  let chars = 0;
  let nodes = 0;
  const count = (at: unknown, depth: number): void => {
    nodes += 1;
    chars += pretty ? 1 + 2 * depth : 1;
    if (typeof at === 'string') chars += at.length;
    if (chars > MAX_BUILT_TEXT_CHARS || nodes > MAX_VALUE_NODES || depth > MAX_VALUE_DEPTH) {
      throw new ExpressionError('limit', 'the value is too large for a text');
    }
    if (Array.isArray(at)) {
      for (const item of at) count(item, depth + 1);
    } else if (isData(at)) {
      for (const [name, member] of Object.entries(at)) {
        chars += name.length;
        count(member, depth + 1);
      }
    }
  };
  if (typeof value === 'object') count(value, 0);
}

/** Functions carry their whole environment with them. */
function isData(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return !('_jsonata_lambda' in value) && !('_jsonata_function' in value);
}

/** Stable merge sort; without a comparison function for lists of numbers or of strings only. */
async function sort(this: unknown, items: unknown, comparator: unknown): Promise<unknown> {
  if (!Array.isArray(items) || items.length <= 1) return items;
  if (typeof comparator === 'function') {
    return mergeSort(items, async (left, right) => Boolean(await comparator(left, right)));
  }
  const isOneType = items.every((item) => typeof item === 'string') || items.every((item) => Number.isFinite(item));
  if (!isOneType) {
    throw new ExpressionError('evaluation', 'only lists of numbers or of strings sort without a comparison function');
  }
  return [...items].sort((left, right) => (left > right ? 1 : left < right ? -1 : 0));
}

async function mergeSort(
  items: readonly unknown[],
  comesAfter: (left: unknown, right: unknown) => Promise<boolean>,
): Promise<unknown[]> {
  let runs = [...items];
  for (let width = 1; width < runs.length; width *= 2) {
    const merged: unknown[] = [];
    for (let start = 0; start < runs.length; start += 2 * width) {
      const middle = Math.min(start + width, runs.length);
      const end = Math.min(start + 2 * width, runs.length);
      let left = start;
      let right = middle;
      while (left < middle && right < end) {
        if (await comesAfter(runs[left], runs[right])) merged.push(runs[right++]);
        else merged.push(runs[left++]);
      }
      while (left < middle) merged.push(runs[left++]);
      while (right < end) merged.push(runs[right++]);
    }
    runs = merged;
  }
  return runs;
}

/** The first of each group of equal values, in order; equal is what "=" calls equal. */
function distinct(this: unknown, items: unknown): unknown {
  if (!Array.isArray(items) || items.length <= 1) return items;
  const kept = isSequence(items) && hasSequences(this) ? this.createSequence() : [];
  const seen = new Set<unknown>();
  for (const item of items) {
    const key = typeof item === 'object' && item !== null ? canonical(item) : item;
    // A string could look like another value's canonical text.
    const mark = typeof key === 'string' ? `${typeof item}:${key}` : key;
    if (seen.has(mark)) continue;
    seen.add(mark);
    kept.push(item);
  }
  return kept;
}

/** One text per value, whatever the order of members. */
function canonical(value: object): string {
  checkTextSize(value, false);
  return JSON.stringify(value, (_name, at: unknown) =>
    typeof at === 'object' && at !== null && !Array.isArray(at)
      ? Object.fromEntries(Object.entries(at).sort(([left], [right]) => (left < right ? -1 : 1)))
      : at,
  );
}

function isSequence(items: unknown[]): boolean {
  return 'sequence' in items && items.sequence === true;
}

function hasSequences(focus: unknown): focus is { createSequence(): unknown[] } {
  return typeof focus === 'object' && focus !== null && 'createSequence' in focus;
}
