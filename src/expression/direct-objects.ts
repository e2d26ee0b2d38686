import { type Frame, giveUp, type Run, work } from './direct-frame.ts';
import type { Grouping } from './direct-paths.ts';
import { push } from './direct-values.ts';
import { MAX_EVALUATION_DEPTH } from './limits.ts';
import { isHiddenName } from './plain.ts';

/** A name and a value of `{…}`, compiled. */
export interface Member {
  /** The name, where it is a text of the expression. */
  readonly literal: string | undefined;
  readonly name: Run;
  readonly value: Run;
  /** Nodes of the value's tree. */
  readonly size: number;
}

/** `{…}` on its own: an object of one item. Undefined when it is left to the interpreter. */
export function objectRunner(members: readonly Member[]): Run | undefined {
  const literals = members.map(({ literal }) => literal);
  if (literals.every((name) => name !== undefined)) return plainObjectRunner(literals, members);
  return (input, frame) => {
    if (Array.isArray(input)) giveUp();
    const names = members.map(({ name }) => nameOf(name(input, frame)));
    if (new Set(names.filter((name) => name !== undefined)).size < names.filter((name) => name !== undefined).length)
      giveUp();
    const made: Record<string, unknown> = {};
    for (const [index, name] of names.entries()) {
      const value = name === undefined ? undefined : members[index]?.value(input, frame);
      if (name !== undefined && value !== undefined) made[name] = value;
    }
    return made;
  };
}

function plainObjectRunner(names: readonly string[], members: readonly Member[]): Run | undefined {
  if (new Set(names).size < names.length || names.some(isHiddenName)) return undefined;
  const values = members.map(({ value }) => value);
  return (input, frame) => {
    // Items of a list would be grouped by their names.
    if (Array.isArray(input)) giveUp();
    const made: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index += 1) {
      const value = (values[index] as Run)(input, frame);
      if (value !== undefined) made[names[index] as string] = value;
    }
    return made;
  };
}

interface Group {
  readonly member: Member;
  /** One item, or the list of several. */
  data: unknown;
}

/** `list{…}`: items with the same name come together. */
export function groupingOf(members: readonly Member[]): Grouping {
  const largest = Math.max(0, ...members.map(({ size }) => size));
  return (items, frame) => {
    const groups = new Map<string, Group>();
    work(frame, items.length);
    for (const item of items) {
      if (Array.isArray(item)) giveUp();
      for (const member of members) {
        const name = nameOf(member.name(item, frame));
        if (name !== undefined) addTo(groups, name, member, item);
      }
    }
    // The interpreter evaluates all groups side by side, and limits how much may be under way.
    if (groups.size * (largest + 1) > MAX_EVALUATION_DEPTH / 2) giveUp();
    return valuesOf(groups, frame);
  };
}

function addTo(groups: Map<string, Group>, name: string, member: Member, item: unknown): void {
  const known = groups.get(name);
  if (known === undefined) {
    groups.set(name, { member, data: item });
    return;
  }
  if (known.member !== member || item === undefined || known.data === undefined) giveUp();
  if (!Array.isArray(known.data)) known.data = [known.data];
  push(known.data as unknown[], item);
}

function valuesOf(groups: ReadonlyMap<string, Group>, frame: Frame): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, { member, data }] of groups) {
    const value = member.value(data, frame);
    if (value !== undefined) made[name] = value;
  }
  return made;
}

function nameOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || isHiddenName(value)) giveUp();
  return value as string;
}
