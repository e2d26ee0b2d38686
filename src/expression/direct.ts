import { type CallCompiler, compileCall } from './direct-calls.ts';
import { giveUp, type Run } from './direct-frame.ts';
import { groupingOf, type Member, objectRunner } from './direct-objects.ts';
import { compileOperator, negated } from './direct-operators.ts';
import {
  conditionFilter,
  type Filter,
  type Grouping,
  indexFilter,
  nameRunner,
  type PathStep,
  pathRunner,
} from './direct-paths.ts';
import { createScopes, type Scope } from './direct-scope.ts';
import { isTrue, unwrapped } from './direct-values.ts';
import { MAX_SEQUENCE_ITEMS } from './limits.ts';
import { isHiddenName } from './plain.ts';
import type { RegexEngine } from './regex.ts';
import { eachNode, type Node, type Pair, type Stage } from './syntax-tree.ts';

/** A tree as functions that call each other. */
export interface Direct {
  readonly run: Run;
  /** Slots that its variables need. */
  readonly slots: number;
}

/** Thrown inside the compilation only. */
const NOT_DIRECT = new Error('a construct that is left to the interpreter');

/**
 * Compiles a tree into functions, some 50 times faster than the interpreter, which allocates a promise for every node. Only
 * what common expressions are made of: paths, filters, object and list constructors, grouping, conditions, blocks, operators,
 * `$sift`, `$filter`, `$map` and functions of scalars. Undefined when the tree holds anything else.
 *
 * The functions do what evaluate… of the interpreter (jsonata 2.2.2) do; each case is written after its counterpart there.
 * Where data meets a rule that is not worth repeating, or an error, they throw GIVE_UP and the interpreter decides.
 */
export function compileDirect(tree: Node, regexEngine: RegexEngine): Direct | undefined {
  const scopes = createScopes();
  const calls: CallCompiler = { compile, regexEngine };
  try {
    const run = compile(tree, scopes.outermost);
    return { run, slots: scopes.count() };
  } catch (error) {
    if (error === NOT_DIRECT) return undefined;
    throw error;
  }

  /** A node with the filters and the grouping behind it. */
  function compile(node: Node, scope: Scope): Run {
    refuseMarked(node);
    if (node.type === 'path') return compilePath(node, scope);
    const value = compileValue(node, scope);
    const filters = compileFilters([...(node.predicate ?? [])], scope);
    const grouping = node.group && compileGrouping(node.group.lhs, scope);
    if (filters.length === 0 && !grouping) return value;
    return (input, frame) => {
      let result = value(input, frame);
      for (const filter of filters) result = filter(result, frame);
      if (!grouping) return unwrapped(result as unknown[]);
      const items = Array.isArray(result) ? result : [result];
      if (items.length === 0 && filters.length === 0) giveUp();
      return grouping(items.length === 0 ? [undefined] : items, frame);
    };
  }

  function compileValue(node: Node, scope: Scope): Run {
    switch (node.type) {
      case 'string':
      case 'number':
      case 'value':
        return constant(node.value);
      case 'name':
        return nameRunner(visibleName(node.value));
      case 'variable':
        return compileVariable(node, scope);
      case 'condition':
        return compileCondition(node, scope);
      case 'block':
        return compileBlock(node, scope.inner());
      case 'unary':
        return compileUnary(node, scope);
      case 'binary':
        return found(
          compileOperator(String(node.value), compile(operand(node.lhs), scope), compile(operand(node.rhs), scope)),
        );
      case 'function':
        return found(compileCall(node, scope, calls));
      default:
        throw NOT_DIRECT;
    }
  }

  function compilePath(node: Node, scope: Scope): Run {
    const steps = node.steps ?? [];
    const [first] = steps;
    const begins = first?.type === 'variable' && !first.stages && !first.predicate && !first.group;
    return pathRunner({
      base: begins ? compile(first, scope) : undefined,
      steps: (begins ? steps.slice(1) : steps).map((step) => compileStep(step, scope)),
      grouping: node.group && compileGrouping(node.group.lhs, scope),
    });
  }

  function compileStep(step: Node, scope: Scope): PathStep {
    const isName = step.type === 'name' && !step.stages && !step.predicate && !step.group;
    return {
      name: isName ? visibleName(step.value) : undefined,
      run: compile(step, scope),
      filters: compileFilters([...(step.stages ?? [])], scope),
    };
  }

  function compileFilters(stages: readonly Stage[], scope: Scope): Filter[] {
    return stages.map(({ type, expr }) => {
      if (type !== 'filter' || expr === undefined) throw NOT_DIRECT;
      if (expr.type === 'number') return indexFilter(Number(expr.value));
      return conditionFilter(compile(expr, scope));
    });
  }

  function compileVariable(node: Node, scope: Scope): Run {
    if (node.value === '') return (input) => input;
    if (node.value === '$') return (_input, frame) => frame.root;
    const slot = scope.slotOf(String(node.value));
    if (slot === undefined) throw NOT_DIRECT;
    return (_input, frame) => frame.slots[slot];
  }

  function compileCondition(node: Node, scope: Scope): Run {
    const condition = compile(operand(node.condition), scope);
    const then = compile(operand(node.then), scope);
    const otherwise = node.else ? compile(node.else, scope) : constant(undefined);
    return (input, frame) => (isTrue(condition(input, frame), frame) ? then(input, frame) : otherwise(input, frame));
  }

  function compileBlock({ expressions = [] }: Node, scope: Scope): Run {
    const runs = expressions.map((expression) => {
      if (expression.type !== 'bind') return compile(expression, scope);
      refuseMarked(expression);
      if (expression.predicate || expression.group) throw NOT_DIRECT;
      const value = compile(operand(expression.rhs), scope);
      const slot = scope.add(String(operand(expression.lhs).value));
      return (input: unknown, frame: Parameters<Run>[1]) => {
        const bound = value(input, frame);
        frame.slots[slot] = bound;
        return bound;
      };
    });
    const [only] = runs;
    if (runs.length === 1 && only) return only;
    return (input, frame) => {
      let result: unknown;
      for (const run of runs) result = run(input, frame);
      return result;
    };
  }

  function compileUnary(node: Node, scope: Scope): Run {
    if (node.value === '{') return found(objectRunner(compileMembers(node.lhs, scope)));
    if (node.value === '[') return compileList(node, scope);
    const value = compile(operand(node.expression), scope);
    return (input, frame) => negated(value(input, frame));
  }

  function compileList({ expressions = [] }: Node, scope: Scope): Run {
    const items = expressions.map((item) => ({ run: compile(item, scope), isWhole: item.value === '[' }));
    return (input, frame) => {
      const list: unknown[] = [];
      for (const { run, isWhole } of items) {
        const value = run(input, frame);
        if (value === undefined) continue;
        const isJoined = Array.isArray(value) && !isWhole;
        if (!isWhole && list.length + (isJoined ? value.length : 1) > MAX_SEQUENCE_ITEMS) giveUp();
        if (isJoined) for (const one of value) list.push(one);
        else list.push(value);
      }
      return list;
    };
  }

  function compileGrouping(pairs: readonly Pair[], scope: Scope): Grouping {
    return groupingOf(compileMembers(pairs, scope));
  }

  function compileMembers(pairs: Node['lhs'] | readonly Pair[], scope: Scope): Member[] {
    if (!Array.isArray(pairs)) throw NOT_DIRECT;
    return (pairs as readonly Pair[]).map(([name, value]) => ({
      literal: name.type === 'string' && !name.predicate && !name.group ? String(name.value) : undefined,
      name: compile(name, scope),
      value: compile(value, scope),
      size: sizeOf(value),
    }));
  }
}

function found(run: Run | undefined): Run {
  if (run === undefined) throw NOT_DIRECT;
  return run;
}

function constant(value: unknown): Run {
  return () => value;
}

/** Marks of `[]`, `%`, `@`, `#`, of lists that paths keep whole, and of calls that the interpreter puts off. */
function refuseMarked(node: Node & { consarray?: boolean; thunk?: boolean; seekingParent?: unknown }): void {
  const marks = [node.keepArray, node.keepSingletonArray, node.tuple, node.consarray, node.thunk];
  const more = [node.focus, node.index, node.ancestor, node.seekingParent];
  if (marks.includes(true) || more.some((mark) => mark !== undefined)) throw NOT_DIRECT;
}

function operand(node: Node | Node['lhs']): Node {
  if (node === undefined || Array.isArray(node)) throw NOT_DIRECT;
  return node;
}

/** Names that contexts never have are seen in objects that the expression itself made. */
function visibleName(value: unknown): string {
  const name = String(value);
  if (isHiddenName(name)) throw NOT_DIRECT;
  return name;
}

function sizeOf(node: Node): number {
  let nodes = 0;
  eachNode(node, () => {
    nodes += 1;
  });
  return nodes;
}
