import { type Document, isAlias, isCollection, isMap, isPair, isScalar, type Node, visit, type YAMLMap } from 'yaml';
import type { RuleId } from './rules.ts';

/** Tells of a fault at an offset into the text. */
export type FaultAtOffset = (offset: number, rule: RuleId, message: string) => void;

/** The most aliases of one file. */
export const MAX_ALIASES = 100;
/** Deeper than any sensible declaration; keeps recursive walks from exhausting the stack. */
export const MAX_DEPTH = 64;
export const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`;

/**
 * Reports what the parser accepts and the format does not: tags, merge keys, keys that are no strings or stand twice,
 * aliases that are too many, unknown or circular, and values nested too deeply. Without a fault the document is safe to make
 * a value of.
 */
export function lintDocument(document: Document, fault: FaultAtOffset): void {
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2')
    fault(0, 'YML001', 'only YAML 1.2 is supported; remove the directive');
  const anchors = new Map<string, unknown>();
  let aliases = 0;
  let tooDeep = false;
  visit(document, (_key, node, above) => {
    if (isPair(node)) return;
    // Pairs and the document stand between the values of a path.
    if (above.length > MAX_DEPTH && above.filter(isCollection).length > MAX_DEPTH) {
      if (!tooDeep) fault(startOf(node), 'YML003', TOO_DEEP);
      tooDeep = true;
      return visit.SKIP;
    }
    if (isAlias(node)) {
      aliases += 1;
      if (aliases === MAX_ALIASES + 1) fault(startOf(node), 'YML003', `more than ${MAX_ALIASES} aliases`);
      const meant = anchors.get(node.source);
      if (meant === undefined) fault(startOf(node), 'YML001', `there is no anchor "${node.source}" above`);
      else if (above.some((ancestor) => ancestor === meant))
        fault(startOf(node), 'YML003', `alias "${node.source}" stands for something that it is in`);
    } else if (isScalar(node) || isCollection(node)) {
      if (node.anchor) anchors.set(node.anchor, node);
      if (node.tag) fault(startOf(node), 'YML005', `tag ${node.tag} is not supported`);
      if (isMap(node)) lintKeys(node, fault);
    }
    return undefined;
  });
}

function lintKeys({ items }: YAMLMap, fault: FaultAtOffset): void {
  const seen = new Set<string>();
  for (const { key } of items) {
    const offset = startOf(key);
    if (!isScalar(key) || typeof key.value !== 'string') {
      fault(offset, 'YML001', 'a key must be a string; put quotes around it');
      continue;
    }
    if (key.value === '<<') fault(offset, 'YML005', 'merge keys are not supported');
    if (key.value === '__proto__') fault(offset, 'FMT001', 'unknown key "__proto__"');
    if (seen.has(key.value)) fault(offset, 'YML002', `key "${key.value}" stands twice`);
    seen.add(key.value);
  }
}

function startOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}
