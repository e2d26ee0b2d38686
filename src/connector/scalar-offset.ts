import { Scalar } from 'yaml';

/**
 * Where the character at `offset` of a scalar's value stands in the file: both texts are walked side by side, because folding,
 * indentation and escapes make one shorter than the other.
 */
export function offsetInScalar(node: Scalar, file: string, offset: number): number {
  const [start, end] = node.range ?? [0, 0];
  const value = String(node.value);
  const block = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  const quoted = node.type === Scalar.QUOTE_SINGLE || node.type === Scalar.QUOTE_DOUBLE;
  let at = block ? file.indexOf('\n', start) + 1 : quoted ? start + 1 : start;
  const indent = block ? indentOf(file.slice(at, end)) : Number.POSITIVE_INFINITY;
  if (block) at = skipIndent(file, at, indent);
  for (let read = 0; read < offset && at < end; read += 1) {
    at = toNext(file, at, end, value.charAt(read), node, indent);
  }
  // The character itself may stand behind a fold, too.
  return Math.min(toStart(file, at, end, value.charAt(offset), node, indent), end);
}

/** Past the source of one character of the value. */
function toNext(file: string, from: number, end: number, wanted: string, node: Scalar, indent: number): number {
  const at = toStart(file, from, end, wanted, node, indent);
  if (node.type === Scalar.QUOTE_SINGLE && file.startsWith("''", at)) return at + 2;
  if (node.type === Scalar.QUOTE_DOUBLE && file[at] === '\\') return at + escapeLength(file.charAt(at + 1));
  return file[at] === '\n' ? skipIndent(file, at + 1, indent) : at + 1;
}

/** Past what the value does not have: line breaks that were folded away, carriage returns, trailing spaces. */
function toStart(file: string, from: number, end: number, wanted: string, node: Scalar, indent: number): number {
  let at = from;
  while (at < end) {
    const found = file[at];
    const folded = found === '\n' && wanted !== '\n' && wanted !== ' ';
    const continued = node.type === Scalar.QUOTE_DOUBLE && /^\\\r?\n/.test(file.slice(at, at + 3));
    if (continued) at = skipIndent(file, file.indexOf('\n', at) + 1, indent);
    else if (folded) at = skipIndent(file, at + 1, indent);
    else if (found === '\r' && wanted !== '\r') at += 1;
    else if (found === ' ' && wanted !== ' ' && /^ +\r?\n/.test(file.slice(at, end))) at += 1;
    else break;
  }
  return at;
}

function skipIndent(file: string, from: number, indent: number): number {
  let at = from;
  while (at - from < indent && (file[at] === ' ' || file[at] === '\t')) at += 1;
  return at;
}

function indentOf(lines: string): number {
  const indents = lines.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.search(/[^ ]/)]));
  return indents.reduce((least, indent) => Math.min(least, indent), Number.POSITIVE_INFINITY);
}

/** YAML 1.2 §5.7: \xHH, \uHHHH and \UHHHHHHHH, all others are one letter. */
function escapeLength(letter: string): number {
  return { x: 4, u: 6, U: 10 }[letter] ?? 2;
}
