/** A node of the interpreter's syntax tree, as far as this folder looks at it. */
export interface Node {
  type: string;
  value?: unknown;
  /** Offset just past the node's first token. */
  position?: number;
  steps?: Node[];
  arguments?: Node[];
  procedure?: Node;
  expressions?: Node[];
  expression?: Node;
  /** A pair list for object constructors, one node otherwise. */
  lhs?: Node | Pair[];
  rhs?: Node;
  condition?: Node;
  then?: Node;
  else?: Node;
  body?: Node;
  terms?: { expression: Node }[];
  stages?: Stage[];
  predicate?: Stage[];
  group?: { lhs: Pair[] };
  focus?: string;
  index?: string;
  ancestor?: unknown;
  signature?: { definition?: string };
  keepArray?: boolean;
  keepSingletonArray?: boolean;
  tuple?: boolean;
  pattern?: Node;
  update?: Node;
  delete?: Node;
}

export type Pair = [Node, Node];

export interface Stage {
  type: string;
  expr?: Node;
  value?: unknown;
}

/** Every node directly below, in no promised order. Called for every node of every expression several times at a start. */
export function childrenOf(node: Node): Node[] {
  const found: Node[] = [];
  const add = (child: Node | undefined): void => {
    if (child !== undefined) found.push(child);
  };
  const addAll = (children: readonly Node[] | undefined): void => {
    if (children !== undefined) for (const child of children) add(child);
  };
  const addPairs = (pairs: readonly Pair[] | undefined): void => {
    if (pairs !== undefined) for (const pair of pairs) addAll(pair);
  };
  const addStages = (stages: readonly Stage[] | undefined): void => {
    if (stages !== undefined) for (const stage of stages) add(stage.expr);
  };
  add(node.procedure);
  add(node.expression);
  add(node.rhs);
  add(node.condition);
  add(node.then);
  add(node.else);
  add(node.body);
  add(node.pattern);
  add(node.update);
  add(node.delete);
  addAll(node.steps);
  addAll(node.arguments);
  addAll(node.expressions);
  if (node.terms !== undefined) for (const term of node.terms) add(term.expression);
  addStages(node.stages);
  addStages(node.predicate);
  addPairs(node.group?.lhs);
  if (Array.isArray(node.lhs)) addPairs(node.lhs);
  else add(node.lhs);
  return found;
}

export function eachNode(node: Node, look: (node: Node) => void): void {
  look(node);
  for (const child of childrenOf(node)) eachNode(child, look);
}

/** Where the node's first token starts, from its end and its text. */
export function startOf(node: Node, text: string): number {
  return locate(text, node.position ?? 0, typeof node.value === 'string' ? node.value : undefined);
}

/** The interpreter gives the end of a token, or of the parenthesis behind it; people want the start. */
export function locate(text: string, position: number, token: string | undefined): number {
  const end = Math.min(Math.max(position, 0), text.length);
  if (token !== undefined && token !== '') {
    const found = text.lastIndexOf(token, end);
    if (found >= 0 && end - found <= token.length + 2) return text[found - 1] === '$' ? found - 1 : found;
  }
  if (token === '(end)' || token === undefined) return end;
  return Math.max(0, end - 1);
}
