import type { ReadTree } from './plain.ts';
import { childrenOf, type Node, type Pair } from './syntax-tree.ts';

/** In {@link Reads.names}: the expression looks at the context as a whole (`$`, `*`, `$keys()`). */
export const WHOLE_CONTEXT = '$';

/** What an expression reads of its context: as names for people and lints, and as a tree for copying. */
export interface Reads {
  readonly names: ReadonlySet<string>;
  readonly tree: ReadTree;
}

/**
 * Finds what an expression can read of the context. The rule: a path counts when it starts at the context (a plain name
 * outside any other value's scope, `$`, or `$$` anywhere), and it counts as far as it consists of plain names only; from
 * its first predicate, wildcard, function, constructor, sort or variable binding on, everything below is taken as read.
 * Names inside predicates, path steps, groupings and sort terms belong to the items there, not to the context. The bodies
 * of functions see the context of the place where they are written. What cannot be told counts as the whole context.
 * Never reports less than is read.
 */
export function findReads(root: Node): Reads {
  const finder = new Finder();
  finder.visit(root, true);
  return { names: finder.names, tree: finder.tree };
}

/** Functions that take the context for a missing first argument, with the number of arguments up to which they do. */
const CONTEXT_DEFAULTS: ReadonlyMap<unknown, number> = new Map([
  ['string', 0],
  ['boolean', 0],
  ['not', 0],
  ['number', 0],
  ['keys', 0],
  ['spread', 0],
  ['lookup', 1],
  ['sift', 1],
  ['each', 1],
]);

class Finder {
  readonly names = new Set<string>();
  readonly tree: ReadTree = { leaf: false, children: new Map() };

  /** @param atRoot whether the node's context is the expression's own */
  visit(node: Node, atRoot: boolean): void {
    switch (node.type) {
      case 'path':
        this.#path(node, atRoot);
        break;
      case 'variable':
        if (node.value === '$' || (node.value === '' && atRoot)) this.#record([]);
        break;
      case 'wildcard':
      case 'descendant':
        if (atRoot) this.#record([]);
        break;
      case 'function':
      case 'partial':
        this.#call(node, atRoot, 0);
        break;
      case 'apply':
        this.#apply(node, atRoot);
        break;
      case 'lambda':
        // A signature with "-" takes the context of whoever calls it.
        if (node.signature?.definition?.includes('-') === true) this.#record([]);
        if (node.body !== undefined) this.visit(node.body, atRoot);
        break;
      default:
        for (const child of ownChildren(node)) this.visit(child, atRoot);
    }
    this.#inside(node);
  }

  #apply(node: Node, atRoot: boolean): void {
    if (node.lhs !== undefined && !Array.isArray(node.lhs)) this.visit(node.lhs, atRoot);
    if (node.rhs === undefined) return;
    if (node.rhs.type === 'function') this.#call(node.rhs, atRoot, 1);
    else this.visit(node.rhs, atRoot);
  }

  #call(node: Node, atRoot: boolean, applied: number): void {
    const given = (node.arguments?.length ?? 0) + applied;
    const upTo = node.procedure?.type === 'variable' ? CONTEXT_DEFAULTS.get(node.procedure.value) : undefined;
    if (atRoot && upTo !== undefined && given <= upTo) this.#record([]);
    if (node.procedure !== undefined) this.visit(node.procedure, atRoot);
    for (const argument of node.arguments ?? []) this.visit(argument, atRoot);
    if (applied > 0) this.#inside(node);
  }

  /** Predicates and groupings look at the node's value, which is read whole already. */
  #inside(node: Node): void {
    for (const stage of [...(node.predicate ?? []), ...(node.stages ?? [])]) {
      if (stage.expr !== undefined) this.visit(stage.expr, false);
    }
    const pairs: Pair[] = node.group?.lhs ?? [];
    for (const node of pairs.flat()) this.visit(node, false);
  }

  #path(node: Node, atRoot: boolean): void {
    let walked: string[] | undefined = atRoot ? [] : undefined;
    for (const step of node.steps ?? []) walked = this.#step(step, walked);
    if (walked !== undefined) this.#record(walked);
  }

  /** @param walked names from the context to here, or undefined when here lies inside something already recorded */
  #step(step: Node, walked: string[] | undefined): string[] | undefined {
    // These make the step's own context reachable again from later steps.
    const rebound = step.ancestor !== undefined || step.focus !== undefined;
    if (rebound && walked !== undefined) this.#record(walked);
    const filtered = step.stages !== undefined || step.predicate !== undefined || step.group !== undefined;
    const stops = filtered || rebound || step.index !== undefined;
    if (step.type === 'name' || (step.type === 'variable' && (step.value === '' || step.value === '$'))) {
      if (step.type === 'variable' && step.value === '$') {
        if (walked !== undefined) this.#recordBelow(walked);
        walked = [];
      }
      const here = walked === undefined || step.type === 'variable' ? walked : [...walked, String(step.value)];
      if (!stops) return here;
      if (here !== undefined) this.#record(here);
      this.#inside(step);
      return undefined;
    }
    const still = walked !== undefined && walked.length === 0 && step.type !== 'sort';
    if (walked !== undefined && !still) this.#record(walked);
    for (const term of step.terms ?? []) this.visit(term.expression, walked?.length === 0);
    this.visit(step, still);
    return undefined;
  }

  #recordBelow(path: string[]): void {
    if (path.length > 0) this.#record(path);
  }

  #record(path: string[]): void {
    this.names.add(path.length === 0 ? WHOLE_CONTEXT : path.map(quoted).join('.'));
    let at = this.tree;
    for (const name of path) {
      const below: ReadTree = at.children.get(name) ?? { leaf: false, children: new Map() };
      at.children.set(name, below);
      at = below;
    }
    at.leaf = true;
  }
}

function ownChildren(node: Node): Node[] {
  const elsewhere = new Set<Node | undefined>([
    ...[...(node.predicate ?? []), ...(node.stages ?? [])].map((stage) => stage.expr),
    ...(node.group?.lhs ?? []).flat(),
    ...(node.terms ?? []).map((term) => term.expression),
    // The left side of ":=" is a name being given, not a value.
    ...(node.type === 'bind' && !Array.isArray(node.lhs) ? [node.lhs] : []),
  ]);
  return childrenOf(node).filter((child) => !elsewhere.has(child));
}

function quoted(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name}\``;
}
