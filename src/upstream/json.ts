import parseSecurely from 'secure-json-parse';
import { scanJson } from '../json-scan.ts';
import { Problem } from '../problems.ts';

/** Deepest nesting of a provider's JSON that is taken in; real answers stay below 20. */
export const MAX_JSON_DEPTH = 64;

export interface ParseJsonOptions {
  maxDepth: number;
}

/** Numbers below this many digits are always exact: the first integer that is not, 2^53 + 1, has sixteen. */
const INEXACT_DIGITS = 16;

/**
 * What a text must contain to hold one of the dangerous keys, spelled out or with escapes. Searching for it takes a quarter of
 * the time that the patterns of secure-json-parse take, which allow for spellings and so find no place to skip to.
 */
const SUSPICIOUS = /__proto__|constructor|\\u00/;

const INTEGER = /^-?\d+$/;

/**
 * A provider's JSON body as a value. The keys `__proto__` and `constructor` (where it holds a `prototype`) are left out,
 * and integers beyond ±(2^53 - 1) come as strings of their digits, so that ids stay exact.
 * A byte order mark is skipped, and bytes that are not UTF-8 become U+FFFD: one damaged name shall not cost a whole page.
 *
 * Throws `provider_response_invalid` for what is not JSON or is nested more deeply than `maxDepth`. The problem does not
 * quote the body.
 */
export function parseJsonBody(body: Buffer, options: ParseJsonOptions): unknown {
  const { depth, digits } = scanJson(body, options.maxDepth);
  if (depth > options.maxDepth) {
    throw new Problem(
      'provider_response_invalid',
      `The answer is nested too deeply, beyond ${options.maxDepth} levels.`,
    );
  }
  // A reviver is called for every value and makes parsing several
  // times slower, so it is only used where the text has a number that needs it.
  const reviver = digits >= INEXACT_DIGITS ? keepExact : undefined;
  const text = withoutMark(body.toString('utf8'));
  try {
    if (!SUSPICIOUS.test(text)) return JSON.parse(text, reviver);
    return parseSecurely(text, reviver, { protoAction: 'remove', constructorAction: 'remove' });
  } catch {
    // No cause: V8's message quotes the text, which may hold a token.
    throw new Problem('provider_response_invalid', 'The answer is not JSON.');
  }
}

/** A `JSON.parse` reviver with access to the source text (ECMA-262 2026). */
function keepExact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && INTEGER.test(source) ? source : value;
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
