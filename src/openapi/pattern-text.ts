import { RE2JS } from 're2js';

// Patterns of ids are short; what is longer is given up.
const MAX_PATTERN_CHARS = 500;
const MAX_STEPS = 400;
const MAX_TEXT_CHARS = 1_000;

/** Whether callers' values can be checked with the pattern: it is RE2, and not too long to be read. */
export function isCheckable(pattern: string): boolean {
  try {
    if (pattern.length > MAX_PATTERN_CHARS) return false;
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** A text that the pattern matches, or undefined where none is found: some common texts are tried, then one is composed. */
export function textMatching(pattern: string, fits: (text: string) => boolean): string | undefined {
  const compiled = RE2JS.compile(pattern);
  const candidates = ['example', '1', 'a1', '00000000-0000-4000-8000-000000000001', '2026-01-31', 'a@example.com'];
  return [...candidates, compose(pattern)].find(
    (text): text is string => text !== undefined && fits(text) && compiled.matcher(text).find(),
  );
}

/** The shortest text that the common parts of a pattern allow: literals, classes, groups, repetitions. */
function compose(pattern: string): string | undefined {
  let at = 0;
  let steps = 0;
  const sequence = (): string => {
    let text = '';
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      steps += 1;
      if (steps > MAX_STEPS) return text;
      const one = atom();
      text = `${text}${one.repeat(repetition())}`.slice(0, MAX_TEXT_CHARS);
    }
    return text;
  };
  const alternation = (): string => {
    const first = sequence();
    while (pattern[at] === '|' && steps <= MAX_STEPS) {
      at += 1;
      sequence();
    }
    return first;
  };
  const atom = (): string => {
    const character = pattern[at] ?? '';
    at += 1;
    if (character === '^' || character === '$') return '';
    if (character === '.') return 'a';
    if (character === '\\') return escaped(pattern[at++] ?? '');
    if (character === '[') return ofClass();
    if (character !== '(') return character;
    if (pattern[at] === '?') at = Math.max(at, pattern.indexOf(pattern[at + 1] === ':' ? ':' : '>', at)) + 1;
    const inner = alternation();
    at += 1;
    return inner;
  };
  const ofClass = (): string => {
    const end = pattern.indexOf(']', at + 1);
    const inside = pattern.slice(at, end < 0 ? pattern.length : end);
    at = end < 0 ? pattern.length : end + 1;
    if (inside.startsWith('^')) return ['a', '0', '-', 'é'].find((one) => !inside.includes(one)) ?? 'b';
    const range = /([a-z0-9])-[a-z0-9]/i.exec(inside)?.[1];
    return range ?? (inside.startsWith('\\') ? escaped(inside[1] ?? '') : inside.charAt(0));
  };
  const repetition = (): number => {
    const counted = /^\{(\d{1,3})(,\d*)?\}/.exec(pattern.slice(at, at + 12));
    const sign = pattern[at] ?? '';
    if (counted) at += counted[0].length;
    else if ('*+?'.includes(sign) && sign !== '') at += 1;
    else return 1;
    if (pattern[at] === '?') at += 1;
    if (counted) return Number(counted[1]);
    return sign === '+' ? 1 : 0;
  };
  return alternation();
}

function escaped(letter: string): string {
  if (letter === 'd') return '1';
  if (letter === 'w') return 'a';
  if (letter === 's') return ' ';
  if (letter === 'S' || letter === 'D') return 'a';
  return /[bBAzZ]/.test(letter) ? '' : letter;
}
