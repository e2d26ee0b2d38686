import type { ScrubKind } from './kinds.ts';
import { replaceWords } from './person-words.ts';
import type { Original, Placeholders } from './placeholders.ts';

// Shorter ones are replaced where they stand alone: as parts of other words they would be anything.
const LEAST_ANYWHERE_CHARS = 8;
const LEAST_WORD_CHARS = 3;
/** Parts of texts in which only addresses and secrets go: hosts are called like people, and people like hosts. */
const ORIGIN = /(\bhttps?:\/\/[^\s/"'<>?#]+)/gi;
/** What stands between the words of a name where it is part of an address or an id. */
const BETWEEN_WORDS = "[\\s._,+'-]{0,3}";
const NOT_IN_WORD = ['(?<![\\p{L}\\p{N}])', '(?![\\p{L}\\p{N}])'] as const;

/** Replaces every known original in a text; tells of each what it was. */
export function createReplace(
  placeholders: Placeholders,
  onReplaced: (kind: ScrubKind) => void,
): (text: string) => string {
  const originals = placeholders.originals();
  const exact = patternOf(
    originals.map(exactPattern).filter((pattern) => pattern !== undefined),
    'gu',
  );
  const names = patternOf(originals.flatMap(namePatterns), 'giu');
  const words = new Map(
    originals.flatMap(({ text, kind }) => {
      const replaced = placeholders.of(text);
      return kind === 'person_name' && replaced !== undefined ? wordPairs(text, replaced) : [];
    }),
  );
  const word = (text: string) => words.get(text) ?? cased(text, words.get(text.toLowerCase()));

  const replaceIn = (text: string): string => {
    const replaced =
      exact === undefined
        ? text
        : text.replace(exact, (found) => {
            onReplaced(placeholders.kindOf(found) ?? 'person_name');
            return placeholders.of(found) ?? word(found);
          });
    if (names === undefined) return replaced;
    return replaced.replace(names, (found) => {
      onReplaced('person_name');
      return replaceWords(found, word);
    });
  };
  const replaceOrigin = (origin: string): string => {
    const host = origin.replace(/^.*?:\/\//, '');
    const goes = host.includes('@') || placeholders.kindOf(host.replace(/:\d+$/, '')) === 'ip_address';
    return goes ? replaceIn(origin) : origin;
  };
  return (text) =>
    text
      .split(ORIGIN)
      .map((part, index) => (index % 2 === 0 ? replaceIn(part) : replaceOrigin(part)))
      .join('');
}

function patternOf(parts: readonly Pattern[], flags: string): RegExp | undefined {
  if (parts.length === 0) return undefined;
  // Longest first, so that a short one does not break up a longer one that contains it.
  const sorted = parts.toSorted(([one], [other]) => other - one).map(([, pattern]) => pattern);
  return new RegExp([...new Set(sorted)].join('|'), flags);
}

function exactPattern({ text, kind, word }: Original): Pattern | undefined {
  const literal = escaped(text);
  const bounded = `${NOT_IN_WORD[0]}${literal}${NOT_IN_WORD[1]}`;
  // "Li" is a name, "in" is a word.
  if (word) return text.length < LEAST_WORD_CHARS && !/^\p{Lu}|[^ -~]/u.test(text) ? undefined : [text.length, bounded];
  if (kind === 'email') return [text.length, anyCase(literal)];
  const isSecret = kind === 'secret' || kind === 'credential' || kind === 'signed_url';
  return [text.length, isSecret && text.length >= LEAST_ANYWHERE_CHARS ? literal : bounded];
}

type Pattern = readonly [length: number, pattern: string];

/** A full name in any case, either way round, with anything small between its words. */
function namePatterns({ text, kind, word }: Original): Pattern[] {
  const words = text.match(/\p{L}[\p{L}\p{M}'’]+/gu) ?? [];
  if (kind !== 'person_name' || word || words.length < 2) return [];
  const ways = [words, words.toReversed()].map((way) => way.map(escaped).join(BETWEEN_WORDS));
  return ways.map((way) => [text.length, `${NOT_IN_WORD[0]}${way}${NOT_IN_WORD[1]}`]);
}

function wordPairs(original: string, replaced: string): (readonly [string, string])[] {
  const pattern = /\p{L}[\p{L}\p{M}'’]+/gu;
  const from = original.match(pattern) ?? [];
  const to = replaced.match(pattern) ?? [];
  return from.flatMap((word, index) => {
    const other = to[index];
    return other === undefined || other === word
      ? []
      : [[word, other] as const, [word.toLowerCase(), other.toLowerCase()] as const];
  });
}

function cased(text: string, lower: string | undefined): string {
  if (lower === undefined) return text;
  if (text === text.toLowerCase()) return lower;
  if (text === text.toUpperCase()) return lower.toUpperCase();
  return `Name${lower.slice('name'.length).toUpperCase()}`;
}

/** ASCII letters in either case: with the whole pattern in either case, words would be found in other words' places. */
function anyCase(literal: string): string {
  return literal.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('-', '\\x2d');
}
