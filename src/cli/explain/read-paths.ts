import jsonata from 'jsonata';
import { type Node, type Pair, startOf } from '../../expression/syntax-tree.ts';

/** A path that an expression reads, as the texts of its beginnings, the shortest first. */
export interface ReadPath {
  readonly prefixes: readonly Prefix[];
  /** The last prefix is the whole path; otherwise what follows is no plain name. */
  readonly whole: boolean;
}

export interface Prefix {
  /** Such as `body.data`: an expression of its own. */
  readonly text: string;
  /** Its last name. */
  readonly name: string;
  /** Where that name stands in the expression. */
  readonly offset: number;
}

/** A member of the object that an expression makes. */
export interface MadeMember {
  readonly name: string;
  readonly paths: readonly ReadPath[];
  /** Where its value begins. */
  readonly offset: number;
}

/** The object that an expression ends in, as in `body.data.{ "id": id }`. */
export interface MadeObject {
  /** What it is made of, `body.data`; empty where that is the expression's own context. */
  readonly base: string;
  readonly members: readonly MadeMember[];
}

/** The paths that an expression reads of its own context: not those inside filters, functions and path steps. */
export function readPaths(text: string): ReadPath[] {
  return pathsBelow(parse(text), text);
}

/** Undefined where the expression does not end in an object. */
export function madeObject(text: string): MadeObject | undefined {
  let node = parse(text);
  while (node.type === 'block' && node.expressions?.length === 1 && node.expressions[0]) node = node.expressions[0];
  const last = node.type === 'path' ? node.steps?.at(-1) : node;
  if (last?.type !== 'unary' || last.value !== '{' || !Array.isArray(last.lhs) || last.stages) return undefined;
  const start = startOf(last, text);
  const before = last === node ? 0 : text.lastIndexOf('.', start);
  if (before < 0) return undefined;
  return {
    base: last === node ? '' : text.slice(beginOf(node, text), before).trim(),
    members: last.lhs.flatMap(member),
  };

  function member([name, value]: Pair): MadeMember[] {
    if (name.type !== 'string') return [];
    const paths = pathsBelow(value, text);
    const offset = paths[0]?.prefixes[0]?.offset ?? beginOf(value, text);
    return [{ name: String(name.value), paths, offset }];
  }
}

function parse(text: string): Node {
  return jsonata(text).ast() as unknown as Node;
}

function pathsBelow(node: Node, text: string): ReadPath[] {
  if (node.type === 'path') return pathOf(node, text);
  const all = (nodes: readonly (Node | undefined)[] = []): ReadPath[] =>
    nodes.flatMap((one) => (one === undefined ? [] : pathsBelow(one, text)));
  switch (node.type) {
    case 'function':
    case 'partial':
      return all(node.arguments);
    case 'condition':
      return all([node.condition, node.then, node.else]);
    case 'block':
      return all(node.expressions);
    case 'bind':
      return all([node.rhs]);
    case 'apply':
    case 'binary':
      return [...(Array.isArray(node.lhs) ? [] : all([node.lhs])), ...all([node.rhs])];
    case 'unary':
      return Array.isArray(node.lhs)
        ? node.lhs.flatMap(([, value]) => pathsBelow(value, text))
        : all([node.expression, ...(node.expressions ?? [])]);
    default:
      return [];
  }
}

function pathOf(node: Node, text: string): ReadPath[] {
  const steps = node.steps ?? [];
  const [first] = steps;
  if (!first) return [];
  const inside = first.type === 'name' || first.type === 'variable' ? [] : pathsBelow(first, text);
  const begin = beginOf(node, text);
  const prefixes: Prefix[] = [];
  for (const [index, step] of steps.entries()) {
    const plain = step.type === 'name' && !step.stages && !step.predicate && !step.group;
    const name = String(step.value ?? '');
    const offset = nameStart(step, text);
    const next = steps[index + 1];
    const end = next ? text.lastIndexOf('.', nameStart(next, text) - 1) : plain ? nameEnd(offset, name, text) : -1;
    // The first of its kind that cannot be cut out ends what can be said.
    if (end <= begin) return prefixes.length === 0 ? inside : [...inside, { prefixes, whole: false }];
    prefixes.push({ text: text.slice(begin, end).trim(), name, offset });
  }
  const whole = node.group === undefined && node.keepSingletonArray !== true;
  return [...inside, { prefixes, whole }];
}

function beginOf(node: Node, text: string): number {
  const [first] = node.steps ?? [];
  return nameStart(first ?? node, text);
}

function nameStart(node: Node, text: string): number {
  const start = startOf(node, text);
  return text[start - 1] === '`' ? start - 1 : start;
}

function nameEnd(start: number, name: string, text: string): number {
  const quote = text[start];
  return start + name.length + (quote === '`' || quote === '"' || quote === "'" ? 2 : 0);
}
