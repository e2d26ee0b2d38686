import { distance } from 'fastest-levenshtein';

// Longer than any name; the comparison costs the product of the lengths, and what is given may be hostile.
const MAX_COMPARED_CHARS = 200;

/** The candidate that was probably meant, or undefined when none is near. */
export function nearest(given: string, candidates: Iterable<string>): string | undefined {
  if (given.length > MAX_COMPARED_CHARS) return undefined;
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
