import { ExpressionError } from './expression.ts';
import { locate } from './syntax-tree.ts';

const MAX_AUTHOR_MESSAGE_CHARS = 500;

/**
 * What a failed evaluation says. The interpreter's own texts quote the values at fault, which may be personal or secret, so
 * that they are never passed on.
 */
const MESSAGES: Readonly<Record<string, string>> = {
  T0410: 'an argument has the wrong type',
  T0411: 'the context value has the wrong type for this function',
  T0412: 'an argument must be a list of one type',
  D1001: 'a number is out of range',
  D1002: 'only a number can be negated',
  T1003: 'a member name must be a string',
  D1004: 'the regular expression matches the empty string',
  T1005: 'not a function; functions start with "$"',
  T1006: 'not a function',
  T1007: 'not a function; functions start with "$"',
  T1008: 'not a function',
  D1009: 'two member names evaluate to the same name',
  T1010: 'the matcher does not answer as one should',
  D1013: 'this member name is reserved',
  T2001: 'the left side must be a number',
  T2002: 'the right side must be a number',
  T2003: 'the start of a range must be a whole number',
  T2004: 'the end of a range must be a whole number',
  T2006: 'the right side of "~>" must be a function',
  T2007: 'values to sort by are of different types',
  T2008: 'values to sort by must be numbers or strings',
  T2009: 'values to compare are of different types',
  T2010: 'values to compare must be numbers or strings',
  D3001: 'a number is out of range',
  D3010: 'the text to replace must not be empty',
  D3012: 'a replacement must be a string',
  D3030: 'the value is not a number',
  D3050: 'the function given to $reduce needs two parameters',
  D3060: 'no square root of a negative number',
  D3061: 'a number is out of range',
  D3070: 'only lists of numbers or of strings sort without a comparison function',
  D3110: 'not an ISO 8601 timestamp',
  D3136: 'the picture lacks parts of the date or time',
  D3138: 'more than one item matches',
  D3139: 'no item matches',
  D3140: 'not well-formed percent-encoding or text',
};

const LIMITS: Readonly<Record<string, string>> = {
  D1011: 'the evaluation is nested too deeply',
  D1012: 'the evaluation took too long',
  D2014: 'the range is too long',
  D2015: 'a list became too long',
};

/** Codes of $error and $assert: the author of the expression wrote the message. */
const AUTHOR_CODES: ReadonlySet<unknown> = new Set(['D3137', 'D3141']);

interface Thrown {
  code?: unknown;
  message?: unknown;
  position?: unknown;
  token?: unknown;
}

/** What the parser threw, as this folder's own error. Texts of syntax errors quote the expression only. */
export function syntaxFailure(thrown: unknown, text: string): ExpressionError {
  if (thrown instanceof RangeError) return new ExpressionError('syntax', 'the expression is nested too deeply');
  const { message, code } = asThrown(thrown);
  const said = typeof message === 'string' && code !== undefined ? message : 'the expression does not parse';
  return new ExpressionError('syntax', said, offsetOf(thrown, text));
}

/** What an evaluation threw, as this folder's own error, without any value that was evaluated. */
export function evaluationFailure(thrown: unknown, text: string): ExpressionError {
  const offset = offsetOf(thrown, text);
  if (thrown instanceof ExpressionError) return new ExpressionError(thrown.code, thrown.message, offset);
  if (thrown instanceof RangeError) {
    return new ExpressionError('limit', 'the evaluation is nested too deeply or built too long a text', offset);
  }
  const { code, message } = asThrown(thrown);
  if (AUTHOR_CODES.has(code) && typeof message === 'string') {
    return new ExpressionError('evaluation', message.slice(0, MAX_AUTHOR_MESSAGE_CHARS), offset);
  }
  if (typeof code !== 'string') return new ExpressionError('evaluation', 'the expression failed on this data', offset);
  const limit = LIMITS[code];
  if (limit !== undefined) return new ExpressionError('limit', limit, offset);
  return new ExpressionError('evaluation', MESSAGES[code] ?? 'the expression failed on this data', offset);
}

function asThrown(thrown: unknown): Thrown {
  return typeof thrown === 'object' && thrown !== null ? thrown : {};
}

function offsetOf(thrown: unknown, text: string): number | undefined {
  const { position, token } = asThrown(thrown);
  if (typeof position !== 'number' || position < 0 || position > text.length) return undefined;
  return locate(text, position, typeof token === 'string' ? token : undefined);
}
