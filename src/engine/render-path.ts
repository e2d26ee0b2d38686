import type { PathSegment } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import { evaluateForRequest } from './evaluate.ts';

// Enough to see through double encoding with one to spare.
const DECODE_ROUNDS = 3;

/** The path of a request, each value checked and encoded: `path_value_rejected`, `request_rendering_failed`. */
export async function renderPath(segments: readonly PathSegment[], context: ExpressionContext): Promise<string> {
  let path = '';
  for (const segment of segments) {
    path += `/${'literal' in segment ? segment.literal : encodeSegment(segment, await evaluateForRequest(segment.value, context))}`;
  }
  return path;
}

/**
 * A value as one path segment. Percent-encoding alone does not stop `..`: URL parsers fold it away (RFC 3986 §5.2.4), and
 * what stands behind the provider's front may decode once more than it should.
 */
function encodeSegment({ name, slashes }: Extract<PathSegment, { readonly name: string }>, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  const refuse = (why: string): never => {
    throw new Problem('path_value_rejected', `The value for "${name}" ${why}.`, {
      errors: [{ path: `/${name}`, message: why }],
    });
  };
  if (typeof text !== 'string') return refuse('is not a text');
  if (text === '') return refuse('is empty');
  let decoded = text;
  for (let round = 0; round <= DECODE_ROUNDS; round += 1) {
    if (/(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(decoded)) return refuse('has a dot segment in it');
    if (/\\/.test(decoded)) return refuse('has a backslash in it');
    if (!slashes && decoded.includes('/')) return refuse('has a slash in it');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(decoded)) return refuse('has a control character in it');
    const further = decodeAscii(decoded);
    if (further === decoded) break;
    decoded = further;
  }
  try {
    return encodeURIComponent(text);
  } catch {
    return refuse('is not well-formed Unicode');
  }
}

/** Percent-encoded ASCII decoded; unlike `decodeURIComponent` not put off by what is malformed elsewhere in the text. */
function decodeAscii(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_match, octet: string) => String.fromCharCode(Number.parseInt(octet, 16)));
}
