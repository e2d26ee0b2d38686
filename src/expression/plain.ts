import { ExpressionError } from './expression.ts';
import { MAX_VALUE_DEPTH, MAX_VALUE_NODES } from './limits.ts';

/** How the interpreter marks objects that are functions. */
const FUNCTION_MARKS = ['_jsonata_lambda', '_jsonata_function'] as const;

/**
 * Names that no value may carry in or out: the first three poison objects that are merged later, the others are how the
 * interpreter marks its own functions and streams inside ordinary objects, which data must not be able to fake.
 */
const HIDDEN_NAMES: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  ...FUNCTION_MARKS,
  'outerWrapper',
  'tupleStream',
]);

export interface Budget {
  nodes: number;
}

export interface CopyRules {
  /** NaN and infinities are an `evaluation` error; otherwise they pass (JSON text may hold 1e999). */
  readonly finiteOnly: boolean;
  /** Objects marked as the interpreter's functions vanish whole; otherwise only the mark does. */
  readonly dropFunctions: boolean;
}

/** For what goes in. */
const CONTEXT: CopyRules = { finiteOnly: false, dropFunctions: false };
/** For what the interpreter made. */
export const RESULT: CopyRules = { finiteOnly: true, dropFunctions: true };
/** For data passed on without the interpreter. */
export const PASSED_ON: CopyRules = { finiteOnly: true, dropFunctions: false };

export function newBudget(): Budget {
  return { nodes: MAX_VALUE_NODES };
}

/** The part of a context that an expression reads. A leaf means everything below. */
export interface ReadTree {
  leaf: boolean;
  readonly children: Map<string, ReadTree>;
}

export function isHiddenName(name: string): boolean {
  return HIDDEN_NAMES.has(name);
}

/** An object as JSON has it: no class instance, no array; a missing prototype is fine. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/**
 * A fresh copy that holds only JSON values: plain objects with the ordinary prototype and arrays without extra members.
 * What is not JSON (functions, class instances, undefined) and hidden names are left out.
 * Throws `limit` beyond the depth or the budget; `evaluation` as the rules say.
 */
export function copyPlain(value: unknown, budget: Budget, rules: CopyRules, depth = 0): unknown {
  if (--budget.nodes < 0) throw new ExpressionError('limit', 'the value has too many members');
  if (typeof value === 'number') {
    if (rules.finiteOnly && !Number.isFinite(value)) {
      throw new ExpressionError('evaluation', 'the result holds a number that JSON cannot express');
    }
    return value;
  }
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object') return undefined;
  if (depth >= MAX_VALUE_DEPTH) throw new ExpressionError('limit', 'the value is nested too deeply');
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (let index = 0; index < value.length; index += 1) {
      const item = copyPlain(value[index], budget, rules, depth + 1);
      if (item !== undefined) items.push(item);
    }
    return items;
  }
  if (!isPlainObject(value)) return undefined;
  if (rules.dropFunctions && FUNCTION_MARKS.some((mark) => value[mark] === true)) return undefined;
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (HIDDEN_NAMES.has(name)) continue;
    const member = copyPlain(value[name], budget, rules, depth + 1);
    if (member !== undefined) members[name] = member;
  }
  return members;
}

/**
 * A fresh copy of what `reads` names. The interpreter marks and even extends arrays that it is given, so it never gets the
 * caller's own; copying only what is read keeps that cheap.
 */
export function copyRead(value: unknown, reads: ReadTree, budget: Budget, depth = 0): unknown {
  if (reads.leaf || !isPlainObject(value)) return copyPlain(value, budget, CONTEXT, depth);
  const members: Record<string, unknown> = {};
  for (const [name, below] of reads.children) {
    if (HIDDEN_NAMES.has(name) || !Object.hasOwn(value, name)) continue;
    const member = copyRead(value[name], below, budget, depth + 1);
    if (member !== undefined) members[name] = member;
  }
  return members;
}
