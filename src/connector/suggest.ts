import { distance } from 'fastest-levenshtein';

// Longer than any name; the comparison costs the product of the lengths, and what is given may be hostile.
const MAX_COMPARED_CHARS = 200;

// An abbreviation or a compound of fewer letters would fit too much: "id" begins half of all names.
const MIN_SHARED_CHARS = 3;
/** What other formats call things; written together and in small letters. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  data: 'body',
  dict: 'object',
  endpoint: 'path',
  json: 'body',
  list: 'array',
  map: 'object',
  name: 'label',
  params: 'query',
  parameters: 'inputs',
  payload: 'body',
  permissions: 'scopes',
  security: 'authentication',
  summary: 'description',
  text: 'string',
  title: 'label',
  uri: 'path',
  url: 'path',
  verb: 'method',
};

/** The candidate that was probably meant, or undefined when none is near. */
export function nearest(given: string, candidates: Iterable<string>): string | undefined {
  if (given.length > MAX_COMPARED_CHARS) return undefined;
  const known = [...candidates];
  return nearestByLetters(given, known) ?? nearestByWord(given, known);
}

/** `queryParams` for query, `str` for string, `url` for path. */
function nearestByWord(given: string, candidates: readonly string[]): string | undefined {
  const word = given.toLowerCase().replaceAll(/[_-]/g, '');
  const other = Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word] : undefined;
  if (other !== undefined && candidates.includes(other)) return other;
  const begins = (long: string, short: string) => short.length >= MIN_SHARED_CHARS && long.startsWith(short);
  return candidates.find((candidate) => begins(word, candidate) || begins(candidate, word));
}

function nearestByLetters(given: string, candidates: readonly string[]): string | undefined {
  // A third of the letters may be wrong, two of four for a swap: beyond that a suggestion is noise.
  let bestDistance = Math.max(1, Math.ceil(given.length / 3)) + 1;
  let best: string | undefined;
  for (const candidate of candidates) {
    if (candidate.length > MAX_COMPARED_CHARS) continue;
    const edits = distance(given.toLowerCase(), candidate.toLowerCase());
    if (edits < bestDistance) {
      bestDistance = edits;
      best = candidate;
    }
  }
  return best;
}

/** ` — did you mean "x"?`, or nothing. */
export function didYouMean(given: string, candidates: Iterable<string>): string {
  const candidate = nearest(given, candidates);
  return candidate === undefined ? '' : ` — did you mean "${candidate}"?`;
}
