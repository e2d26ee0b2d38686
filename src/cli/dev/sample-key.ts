import type { KeyPattern } from '../../connector/connector.ts';

/**
 * A text that a pattern matches: the first way through it, each repetition as short as it may be. Undefined where this simple
 * reading of the pattern gives none.
 */
export function sampleKey(pattern: KeyPattern): string | undefined {
  const read = readAlternatives(pattern.source, 0);
  return read && pattern.matches(read.text) ? read.text : undefined;
}

interface Read {
  text: string;
  /** Where the pattern goes on. */
  next: number;
}

// Deeper nesting is not a pattern of keys.
const MAX_DEPTH = 20;
const MAX_REPEATED = 1_000;
const CLASSES: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ' };

/** Up to the end or a closing parenthesis; of alternatives the first counts. */
function readAlternatives(source: string, from: number, depth = 0): Read | undefined {
  let text = '';
  let first: string | undefined;
  let at = from;
  while (at < source.length && source[at] !== ')') {
    if (source[at] === '|') {
      first ??= text;
      text = '';
      at += 1;
      continue;
    }
    const atom = readAtom(source, at, depth);
    if (!atom) return undefined;
    const times = readTimes(source, atom.next);
    if (times.least > MAX_REPEATED) return undefined;
    text += atom.text.repeat(times.least);
    at = times.next;
  }
  return { text: first ?? text, next: at };
}

function readAtom(source: string, at: number, depth: number): Read | undefined {
  const character = source[at] ?? '';
  const next = at + 1;
  switch (character) {
    case '^':
    case '$':
      return { text: '', next };
    case '.':
      return { text: 'a', next };
    case '\\': {
      const escaped = source[next] ?? '';
      return { text: CLASSES[escaped] ?? escaped, next: next + 1 };
    }
    case '[':
      return readClass(source, next);
    case '(': {
      const begin = source.startsWith('?:', next) ? next + 2 : next;
      const inner = depth < MAX_DEPTH ? readAlternatives(source, begin, depth + 1) : undefined;
      return inner && { text: inner.text, next: inner.next + 1 };
    }
    default:
      return { text: character, next };
  }
}

function readClass(source: string, from: number): Read | undefined {
  const end = source.indexOf(']', from + 1);
  if (end < 0 || source[from] === '^') return undefined;
  const escaped = source[from] === '\\' ? (source[from + 1] ?? '') : undefined;
  return { text: escaped === undefined ? (source[from] ?? '') : (CLASSES[escaped] ?? escaped), next: end + 1 };
}

function readTimes(source: string, at: number): { least: number; next: number } {
  const [whole = '', least] = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(source.slice(at)) ?? [];
  const next = at + whole.length;
  if (least !== undefined) return { least: Number(least), next };
  return { least: /^[*?]/.test(whole) ? 0 : 1, next };
}
