import { copyPlain, isHiddenName, isPlainObject, newBudget, PASSED_ON } from './plain.ts';
import type { Node } from './syntax-tree.ts';

/** The answer of {@link readPlainPath} when the interpreter has to decide. */
export const UNUSUAL = Symbol('unusual');

/** The names of an expression like `body.links.next`, or undefined when it is anything else. */
export function plainPathOf(tree: Node): readonly string[] | undefined {
  if (tree.type !== 'path' || tree.group !== undefined || tree.keepSingletonArray === true) return undefined;
  const names: string[] = [];
  for (const step of tree.steps ?? []) {
    if (step.type !== 'name' || typeof step.value !== 'string') return undefined;
    const isMore = step.stages ?? step.predicate ?? step.group ?? step.focus ?? step.index ?? step.ancestor;
    if (isMore !== undefined || step.keepArray === true || step.tuple === true) return undefined;
    names.push(step.value);
  }
  return names.length > 0 ? names : undefined;
}

/**
 * What the interpreter would answer, as long as the path leads through plain objects; {@link UNUSUAL} as soon as a list or
 * anything else stands in the way, where its rules for lists begin.
 */
export function readPlainPath(context: unknown, names: readonly string[]): unknown {
  let at = context;
  for (const name of names) {
    if (!isPlainObject(at)) return typeof at === 'object' && at !== null ? UNUSUAL : undefined;
    if (isHiddenName(name) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return copyPlain(at, newBudget(), PASSED_ON);
}
