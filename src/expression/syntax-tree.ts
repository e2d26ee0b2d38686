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

/** Every node directly below, in no promised order. */
export function childrenOf(node: Node): Node[] {
  const found: (Node | undefined)[] = [
    node.procedure,
    node.expression,
    node.rhs,
    node.condition,
    node.then,
    node.else,
    node.body,
    node.pattern,
    node.update,
    node.delete,
    ...(node.steps ?? []),
    ...(node.arguments ?? []),
    ...(node.expressions ?? []),
    ...(node.terms ?? []).map((term) => term.expression),
    ...[...(node.stages ?? []), ...(node.predicate ?? [])].map((stage) => stage.expr),
    ...(node.group?.lhs ?? []).flat(),
    ...(Array.isArray(node.lhs) ? node.lhs.flat() : [node.lhs]),
  ];
  return found.filter((child) => child !== undefined);
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
