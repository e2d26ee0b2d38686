import { type Frame, giveUp, work, workOnText } from './direct-frame.ts';
import { cleanValue, isTrue, lookUp, memberNames, push, readMember, unwrapped } from './direct-values.ts';
import { GUARDED_FUNCTIONS, type NativeFunction } from './functions.ts';
import { MAX_BUILT_TEXT_CHARS, MAX_SEQUENCE_ITEMS } from './limits.ts';
import { isHiddenName } from './plain.ts';

/** A function of the language on evaluated arguments. What the interpreter would refuse is left to it. */
export type Builtin = (frame: Frame, ...values: readonly unknown[]) => unknown;

/** A function of the expression, handed to one of the language. */
export interface Callback {
  call(values: readonly unknown[]): unknown;
}

export interface BuiltinEntry {
  /** How many arguments it must be given; with fewer the context would stand in. */
  readonly from: number;
  readonly to: number;
  readonly run: Builtin;
}

/** JSON's own precision in text, see `$string`. */
const SIGNIFICANT_DIGITS = 15;

export const BUILTINS: ReadonlyMap<string, BuiltinEntry> = new Map<string, BuiltinEntry>([
  ['exists', { from: 1, to: 1, run: (_frame, value) => checked(value) !== undefined }],
  ['boolean', { from: 1, to: 1, run: (frame, value) => negated(frame, value, false) }],
  ['not', { from: 1, to: 1, run: (frame, value) => negated(frame, value, true) }],
  ['count', { from: 1, to: 1, run: (_frame, value) => countOf(checked(value)) }],
  ['string', { from: 1, to: 1, run: (_frame, value) => textOf(value) }],
  ['type', { from: 1, to: 1, run: (_frame, value) => typeOf(checked(value)) }],
  ['lookup', { from: 2, to: 2, run: lookUpNamed }],
  ['keys', { from: 1, to: 1, run: keysOf }],
  ['contains', { from: 2, to: 2, run: contains }],
  ['split', { from: 2, to: 2, run: split }],
  ['replace', { from: 3, to: 3, run: replace }],
  ...natives(),
]);

/** "&". */
export function concatenated(left: unknown, right: unknown): string {
  const text = (textOf(left) ?? '') + (textOf(right) ?? '');
  if (text.length > MAX_BUILT_TEXT_CHARS) giveUp();
  return text;
}

/** `$sift(object, function($value, $name){…})`. */
export function sift(value: unknown, callback: Callback, frame: Frame): unknown {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) giveUp();
  const names = memberNames(value as object);
  work(frame, names.length);
  const kept: Record<string, unknown> = {};
  let any = false;
  for (const name of names) {
    const member = readMember(value as object, name);
    if (!isTrue(callback.call([member, name, value]), frame)) continue;
    kept[name] = member;
    any = true;
  }
  return any ? kept : undefined;
}

/** `$filter(list, function($item, $index){…})`. */
export function filter(value: unknown, callback: Callback, frame: Frame): unknown {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [checked(value)];
  work(frame, list.length);
  const kept: unknown[] = [];
  for (const [index, item] of list.entries()) if (isTrue(callback.call([item, index, list]), frame)) push(kept, item);
  return unwrapped(kept);
}

/** `$map(list, function($item, $index){…})`. */
export function map(value: unknown, callback: Callback, frame: Frame): unknown {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [checked(value)];
  work(frame, list.length);
  const results: unknown[] = [];
  for (const [index, item] of list.entries()) {
    const result = callback.call([item, index, list]);
    if (result !== undefined) push(results, result);
  }
  return unwrapped(results);
}

/** A regular expression as the interpreter sees it. */
export interface Matcher {
  lastIndex: number;
  exec(text: string): ((string | undefined)[] & { index: number }) | null;
}

/** `$contains(text, /…/)`. */
export function containsMatch(text: unknown, matcher: Matcher, frame: Frame): unknown {
  if (text === undefined) return undefined;
  return matcher.exec(given(text, frame)) !== null;
}

/** `$replace(text, /…/, "…")`, the replacement without "$". */
export function replaceMatches(value: unknown, matcher: Matcher, replacement: string, frame: Frame): unknown {
  if (value === undefined) return undefined;
  const text = given(value, frame);
  let result = '';
  let at = 0;
  for (let match = matcher.exec(text); match !== null; match = matcher.exec(text)) {
    const found = match[0] ?? '';
    // The second empty match is an error, and the first one rare.
    if (found === '') giveUp();
    result += text.slice(at, match.index) + replacement;
    at = match.index + found.length;
    if (result.length > MAX_BUILT_TEXT_CHARS) giveUp();
    if (matcher.lastIndex >= text.length) break;
    work(frame, 1);
  }
  return result + text.slice(at);
}

/** Every function refuses numbers out of range and texts that are too long. */
function checked(value: unknown): unknown {
  if (typeof value === 'string' && value.length > MAX_BUILT_TEXT_CHARS) giveUp();
  if (typeof value === 'number' && !Number.isFinite(value)) giveUp();
  return value;
}

function given(value: unknown, frame: Frame): string {
  if (typeof value !== 'string' || value.length > MAX_BUILT_TEXT_CHARS) giveUp();
  workOnText(frame, value as string);
  return value as string;
}

function negated(frame: Frame, value: unknown, negate: boolean): unknown {
  return checked(value) === undefined ? undefined : isTrue(value, frame) !== negate;
}

function countOf(value: unknown): number {
  if (value === undefined) return 0;
  return Array.isArray(value) ? value.length : 1;
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'string':
      return checked(value) as string;
    case 'boolean':
      return String(value);
    case 'number':
      checked(value);
      return JSON.stringify(Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS)));
    default:
      return value === null ? 'null' : giveUp();
  }
}

function typeOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'null';
  // What is left is not a number to the interpreter.
  if (Number.isNaN(value)) return giveUp();
  return Array.isArray(value) ? 'array' : typeof value;
}

function lookUpNamed(frame: Frame, value: unknown, name: unknown): unknown {
  checked(value);
  // A missing name is looked up as "undefined".
  if (name === undefined) return lookUp(value, 'undefined', frame) === undefined ? undefined : giveUp();
  if (typeof name !== 'string') return giveUp();
  return isHiddenName(name) ? undefined : lookUp(value, name, frame);
}

function keysOf(frame: Frame, value: unknown): unknown {
  if (Array.isArray(value)) giveUp();
  checked(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const names = memberNames(value);
  work(frame, names.length);
  if (names.length > MAX_SEQUENCE_ITEMS) giveUp();
  return unwrapped(names);
}

function contains(frame: Frame, text: unknown, part: unknown): unknown {
  const wanted = given(part, frame);
  return text === undefined ? undefined : given(text, frame).includes(wanted);
}

function split(frame: Frame, text: unknown, separator: unknown): unknown {
  const by = given(separator, frame);
  return text === undefined ? undefined : given(text, frame).split(by);
}

function replace(frame: Frame, text: unknown, part: unknown, replacement: unknown): unknown {
  const wanted = given(part, frame);
  const by = given(replacement, frame);
  if (text === undefined) return undefined;
  if (wanted === '') giveUp();
  const pieces = given(text, frame).split(wanted);
  if (String(text).length + pieces.length * by.length > MAX_BUILT_TEXT_CHARS) giveUp();
  return pieces.join(by);
}

/** Functions of scalars and of lists of them, which are the interpreter's own. */
function natives(): [string, BuiltinEntry][] {
  const names: readonly (readonly [name: string, from: number, to: number])[] = [
    ...(['abs', 'ceil', 'floor', 'sqrt', 'number'] as const).map((name) => [name, 1, 1] as const),
    ...(['length', 'lowercase', 'uppercase', 'trim'] as const).map((name) => [name, 1, 1] as const),
    ...(['base64encode', 'base64decode', 'encodeUrl', 'encodeUrlComponent'] as const).map((n) => [n, 1, 1] as const),
    ...(['decodeUrl', 'decodeUrlComponent', 'sum', 'max', 'min', 'average'] as const).map((n) => [n, 1, 1] as const),
    ...(['substringBefore', 'substringAfter', 'power', 'formatInteger', 'parseInteger'] as const).map(
      (name) => [name, 2, 2] as const,
    ),
    ['substring', 2, 3],
    ['pad', 2, 3],
    ['round', 1, 2],
    ['join', 1, 2],
    ['formatBase', 1, 2],
    ['fromMillis', 1, 3],
    ['toMillis', 1, 2],
  ];
  return names.map(([name, from, to]) => {
    const native = GUARDED_FUNCTIONS.get(name);
    if (native === undefined) throw new TypeError(`the interpreter has no function "${name}"`);
    return [name, { from, to, run: (frame, ...values) => callNative(native, values, frame) }];
  });
}

interface Signature {
  validate(values: readonly unknown[], context: unknown): unknown[];
}

/** Fits none of these functions, so that an argument missing in front is an error instead of being the context. */
const NO_CONTEXT = (): undefined => undefined;

function callNative({ signature, implementation }: NativeFunction, values: readonly unknown[], frame: Frame): unknown {
  for (const value of values) {
    if (typeof value === 'string') workOnText(frame, value);
    if (typeof value === 'object' && !(Array.isArray(value) && value.every(isScalar))) giveUp();
  }
  const answer = implementation.apply(undefined, (signature as Signature).validate(values, NO_CONTEXT));
  if (typeof answer === 'object' || typeof answer === 'function') giveUp();
  return cleanValue(answer);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}
