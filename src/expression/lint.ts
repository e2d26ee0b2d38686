import { closest, distance } from 'fastest-levenshtein';
import { ExpressionError } from './expression.ts';
import { ALLOWED_FUNCTIONS, REFUSED_FUNCTIONS } from './functions.ts';
import { checkDatePicture, checkPadWidth, checkParsePicture, checkPicture } from './guards.ts';
import { MAX_TREE_DEPTH } from './limits.ts';
import { refuseRecursion } from './recursion.ts';
import { childrenOf, eachNode, type Node, startOf } from './syntax-tree.ts';

const ALLOWED: ReadonlySet<string> = new Set(ALLOWED_FUNCTIONS);
const MAX_TYPO_DISTANCE = 3;

/** Checks of arguments that stand in the text as literals, by function and index; at run time the same checks see the rest. */
const LITERAL_CHECKS: ReadonlyMap<unknown, readonly [index: number, check: (value: unknown) => void]> = new Map<
  unknown,
  readonly [number, (value: unknown) => void]
>([
  ['pad', [1, checkPadWidth]],
  ['formatNumber', [1, checkPicture]],
  ['formatInteger', [1, checkPicture]],
  ['parseInteger', [1, checkPicture]],
  ['fromMillis', [1, checkDatePicture]],
  ['toMillis', [1, checkParsePicture]],
]);

/**
 * Refuses what the language could do but a connector must not: functions outside the allow-list, unknown names, names that
 * hide a function, the transform operator, recursion. Throws `forbidden`.
 * Returns the names of the functions that are used.
 */
export function lint(tree: Node, text: string): ReadonlySet<string> {
  refuseDepth(tree);
  const named = namedValues(tree, text);
  const used = new Set<string>();
  eachNode(tree, (node) => {
    if (node.type === 'transform') {
      throw forbidden(
        'the transform operator |…| is not allowed; build a new object instead',
        { ...node, value: '|' },
        text,
      );
    }
    if (node.type === 'variable') {
      const name = String(node.value);
      if (ALLOWED.has(name)) used.add(name);
      else if (name !== '' && name !== '$' && !named.has(name)) throw unknownName(name, named, node, text);
    }
    if (node.type === 'function' || node.type === 'partial') checkCall(node, text, 0);
    if (node.type === 'apply' && node.rhs?.type === 'function') checkCall(node.rhs, text, 1);
  });
  refuseRecursion(tree, text);
  return used;
}

function refuseDepth(tree: Node): void {
  let level = [tree];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_TREE_DEPTH) throw new ExpressionError('forbidden', 'the expression is nested too deeply');
    level = level.flatMap(childrenOf);
  }
}

/**
 * Every name that the expression gives to a value, wherever it holds. A parameter may have the name of an allowed function
 * (`function($match) {…}` is common), because whichever of the two a reader means is harmless.
 */
function namedValues(tree: Node, text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (name: unknown, node: Node, mayHide: 'may hide a function' | 'must not'): void => {
    if (typeof name !== 'string') return;
    const isTaken = ALLOWED.has(name) && mayHide === 'must not';
    if (isTaken || REFUSED_FUNCTIONS.has(name) || name === '' || name === '$') {
      throw forbidden(`"$${name}" is taken; choose another name`, node, text);
    }
    names.add(name);
  };
  eachNode(tree, (node) => {
    if (node.type === 'bind' && node.lhs !== undefined && !Array.isArray(node.lhs))
      add(node.lhs.value, node.lhs, 'must not');
    if (node.type === 'lambda')
      for (const parameter of node.arguments ?? []) add(parameter.value, parameter, 'may hide a function');
    add(node.focus, node, 'must not');
    add(node.index, node, 'must not');
    for (const stage of node.stages ?? []) if (stage.type === 'index') add(stage.value, node, 'must not');
  });
  return names;
}

function checkCall(node: Node, text: string, applied: number): void {
  const procedure = node.procedure;
  if (procedure?.type === 'path' || procedure?.type === 'name') {
    const step = procedure.steps?.length === 1 ? procedure.steps[0] : undefined;
    const name = typeof step?.value === 'string' ? step.value : undefined;
    const hint = name !== undefined && ALLOWED.has(name) ? `; did you mean "$${name}"?` : '';
    throw forbidden(`a member is not a function${hint}`, step ?? node, text);
  }
  if (procedure?.type !== 'variable') return;
  const [index, check] = LITERAL_CHECKS.get(procedure.value) ?? [];
  const literal = index === undefined ? undefined : node.arguments?.[index - applied];
  if (literal === undefined || check === undefined) return;
  if (literal.type !== 'string' && literal.type !== 'number') return;
  try {
    check(literal.value);
  } catch (error) {
    throw forbidden(error instanceof Error ? error.message : 'not allowed', procedure, text);
  }
}

function unknownName(name: string, named: ReadonlySet<string>, node: Node, text: string): ExpressionError {
  const reason = REFUSED_FUNCTIONS.get(name);
  if (reason !== undefined) return forbidden(`"$${name}" is not allowed: ${reason}`, node, text);
  const near = closest(name, [...ALLOWED, ...named]);
  const hint =
    distance(name, near) <= Math.min(MAX_TYPO_DISTANCE, Math.ceil(name.length / 3)) ? `; did you mean "$${near}"?` : '';
  return forbidden(`unknown name "$${name}"${hint}`, node, text);
}

function forbidden(message: string, node: Node, text: string): ExpressionError {
  return new ExpressionError('forbidden', message, node.position === undefined ? undefined : startOf(node, text));
}
