import { type Frame, giveUp, work } from './direct-frame.ts';
import { MAX_SEQUENCE_ITEMS } from './limits.ts';
import { isHiddenName, isPlainObject } from './plain.ts';

/*
 * Values while an expression is evaluated without the interpreter. It works on copies that hold nothing but JSON and no hidden
 * names; here the originals are read, so that each read must leave out what the copy would: `cleanValue` and `readMember`.
 *
 * The interpreter marks lists that it made ("sequences") and turns those of one item into the item, those of none into
 * nothing, at the end of every node: `unwrapped`. Beyond that point no list of fewer than two items is a sequence, and for
 * longer ones the mark makes no difference, so that no mark is kept.
 */

type PlainObject = Readonly<Record<string, unknown>>;

/** A value as the copy of the context would have it; undefined for what is not JSON. */
export function cleanValue(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return value;
      if (Array.isArray(value)) return cleanList(value);
      return isPlainObject(value) ? value : undefined;
    default:
      return undefined;
  }
}

/** The copy would leave out items that are not JSON, which moves the others. */
function cleanList(list: readonly unknown[]): readonly unknown[] {
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index];
    if (typeof item !== 'string' && cleanValue(item) === undefined) giveUp();
  }
  return list;
}

/** `object` is one that {@link cleanValue} gave; `name` is no hidden one. */
export function readMember(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? cleanValue((object as PlainObject)[name]) : undefined;
}

/** Names of an object's members, as the copy would have them. */
export function memberNames(object: object): string[] {
  return Object.keys(object).filter((name) => !isHiddenName(name) && readMember(object, name) !== undefined);
}

/** A list that the interpreter would have made as a sequence. */
export function unwrapped(list: readonly unknown[]): unknown {
  return list.length > 1 ? list : list[0];
}

/** Adds an item where the interpreter limits how many there may be. */
export function push(list: unknown[], item: unknown): void {
  if (list.length >= MAX_SEQUENCE_ITEMS) giveUp();
  list.push(item);
}

/** The member of an object, or of each object in a list, lists in it included. */
export function lookUp(value: unknown, name: string, frame: Frame): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return readMember(value, name);
  const found: unknown[] = [];
  lookUpInList(value, name, found, frame);
  return unwrapped(found);
}

function lookUpInList(list: readonly unknown[], name: string, found: unknown[], frame: Frame): void {
  work(frame, list.length);
  for (const item of list) {
    if (Array.isArray(item)) {
      lookUpInList(item, name, found, frame);
      continue;
    }
    if (typeof item !== 'object' || item === null) continue;
    const member = readMember(item, name);
    if (Array.isArray(member)) for (const one of member) push(found, one);
    else if (member !== undefined) push(found, member);
  }
}

/** Whether a value counts as true; nothing does not. */
export function isTrue(value: unknown, frame: Frame): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) giveUp();
      return value !== 0 && !Number.isNaN(value);
    case 'object':
      if (value === null) return false;
      return Array.isArray(value) ? isListTrue(value, frame) : memberNames(value).length > 0;
    default:
      return false;
  }
}

/** Every item is looked at, because one that is out of range fails. */
function isListTrue(list: readonly unknown[], frame: Frame): boolean {
  work(frame, list.length);
  let any = false;
  for (const item of list) if (isTrue(item, frame)) any = true;
  return any;
}

/** What "=" says of two values that are there. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left === 'object' && typeof right === 'object' && left !== null && right !== null) giveUp();
  return false;
}
