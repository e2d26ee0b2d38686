import { ExpressionError } from './expression.ts';

interface Token {
  readonly kind: 'operator' | 'regex' | 'other';
  readonly start: number;
  readonly end: number;
}

const SPACE = ' \t\n\r\v';
const OPERATORS = '.[]{}(),@#;:?+-*/%|=<>^&!~';
/** Read as a name where a value may stand, like "*". */
const ALSO_VALUES: ReadonlySet<string> = new Set(['*', '%']);
const WORD_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'in']);
const CLOSERS = ')]}';

/**
 * The offset just past the `}` that closes an expression starting at `start`: braces of its own, strings, comments, names in
 * backticks and regular expressions are skipped as the language reads them.
 * Throws `syntax` (offset of what is not closed) when there is none.
 */
export function endOfExpression(text: string, start: number): number {
  let depth = 0;
  for (const token of tokens(text, start)) {
    if (token.kind !== 'operator') continue;
    if (text[token.start] === '{') depth += 1;
    if (text[token.start] === '}' && --depth < 0) return token.end;
  }
  throw new ExpressionError('syntax', 'the expression is not closed: "}" is missing', start - 2);
}

/** Where the first regular expression stands that JavaScript does not accept. */
export function badRegexOffset(text: string): number | undefined {
  for (const token of tokens(text, 0)) {
    if (token.kind !== 'regex') continue;
    const source = text.slice(token.start + 1, text.lastIndexOf('/', token.end - 1));
    try {
      new RegExp(source);
    } catch {
      return token.start;
    }
  }
  return undefined;
}

function* tokens(text: string, start: number): Generator<Token> {
  let at = start;
  // Whether "/" would begin a regular expression, or divide.
  let wantsValue = true;
  while (at < text.length) {
    const char = text.charAt(at);
    if (SPACE.includes(char)) {
      at += 1;
    } else if (text.startsWith('/*', at)) {
      at = after(text, '*/', at + 2, at);
    } else if (char === '/' && wantsValue) {
      const end = endOfRegex(text, at);
      yield { kind: 'regex', start: at, end };
      wantsValue = false;
      at = end;
    } else if (char === '"' || char === "'") {
      at = endOfString(text, at);
      wantsValue = false;
    } else if (char === '`') {
      at = after(text, '`', at + 1, at);
      wantsValue = false;
    } else if (OPERATORS.includes(char)) {
      const end = text.startsWith('**', at) ? at + 2 : at + 1;
      yield { kind: 'operator', start: at, end };
      wantsValue = !(CLOSERS.includes(char) || (wantsValue && ALSO_VALUES.has(char)));
      at = end;
    } else {
      const end = endOfWord(text, at);
      wantsValue = WORD_OPERATORS.has(text.slice(at, end)) && !wantsValue;
      at = end;
    }
  }
}

function after(text: string, closer: string, from: number, opened: number): number {
  const found = text.indexOf(closer, from);
  if (found < 0) throw unclosed(opened);
  return found + closer.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === text[start]) return at + 1;
  }
  throw unclosed(start);
}

/** As the parser does it: the first "/" outside any bracket that no backslash escapes, then flags. */
function endOfRegex(text: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '/' && depth === 0 && !isEscaped(text, at)) {
      let end = at + 1;
      while (text[end] === 'i' || text[end] === 'm') end += 1;
      return end;
    }
    if (text[at - 1] === '\\') continue;
    if ('([{'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
  }
  throw unclosed(start);
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}

function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !SPACE.includes(text.charAt(at)) && !OPERATORS.includes(text.charAt(at))) at += 1;
  return at;
}

function unclosed(offset: number): ExpressionError {
  return new ExpressionError('syntax', 'a string, comment, name or regular expression is not closed', offset);
}
