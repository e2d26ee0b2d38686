import { ExpressionError } from './expression.ts';
import { ALLOWED_FUNCTIONS } from './functions.ts';
import { childrenOf, type Node, startOf } from './syntax-tree.ts';

interface Reference {
  readonly to: string;
  /** Inside a function's body, which runs later; elsewhere the value is taken at once. */
  readonly deferred: boolean;
  readonly node: Node;
}

/**
 * Refuses functions that reach themselves by name, alone or through others, and functions that are handed to themselves.
 * A loop over data needs neither ($map, $filter, $reduce), and nothing bounds the work of a recursive function but the
 * time limit. Throws `forbidden`.
 */
export function refuseRecursion(tree: Node, text: string): void {
  const references = new Map<string, Reference[]>();
  collectBindings(tree, references);
  for (const [name, list] of references) {
    for (const reference of list) {
      if (reference.deferred && reaches(reference.to, name, references, new Set())) {
        throw recursive(reference.node, text);
      }
    }
  }
  refuseSelfApplication(tree, text);
}

function collectBindings(node: Node, references: Map<string, Reference[]>): void {
  if (node.type === 'bind' && node.lhs !== undefined && !Array.isArray(node.lhs) && node.rhs !== undefined) {
    const name = String(node.lhs.value);
    const list = references.get(name) ?? [];
    collectReferences(node.rhs, false, new Set(), list);
    references.set(name, list);
  }
  for (const child of childrenOf(node)) collectBindings(child, references);
}

function collectReferences(node: Node, deferred: boolean, hidden: ReadonlySet<string>, found: Reference[]): void {
  if (node.type === 'variable') {
    const to = String(node.value);
    if (!hidden.has(to)) found.push({ to, deferred, node });
    return;
  }
  if (node.type === 'lambda') {
    const parameters = (node.arguments ?? []).map((parameter) => String(parameter.value));
    if (node.body !== undefined) collectReferences(node.body, true, new Set([...hidden, ...parameters]), found);
    return;
  }
  for (const child of childrenOf(node)) collectReferences(child, deferred, hidden, found);
}

function reaches(from: string, to: string, references: ReadonlyMap<string, Reference[]>, seen: Set<string>): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (references.get(from) ?? []).some((reference) => reaches(reference.to, to, references, seen));
}

/** `$f($f)`: recursion without a name. */
function refuseSelfApplication(node: Node, text: string): void {
  if (node.type === 'function' && node.procedure?.type === 'variable') {
    const called = node.procedure.value;
    const isBuiltIn = ALLOWED_FUNCTIONS.includes(String(called));
    if (!isBuiltIn && node.arguments?.some((argument) => argument.type === 'variable' && argument.value === called)) {
      throw recursive(node.procedure, text);
    }
  }
  for (const child of childrenOf(node)) refuseSelfApplication(child, text);
}

function recursive(node: Node, text: string): ExpressionError {
  return new ExpressionError(
    'forbidden',
    'functions must not call themselves; use $map or $reduce',
    startOf(node, text),
  );
}
