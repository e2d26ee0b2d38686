import { type CompileOptions, compileExpression } from './compile.ts';
import { type Expression, type ExpressionContext, ExpressionError } from './expression.ts';
import { endOfExpression } from './scan.ts';

/** A string of the connector format in which `${…}` marks expressions. */
export interface Template {
  readonly text: string;
  /** Holds no expression: every evaluation gives the same string. */
  readonly literal: boolean;
  /** As {@link Expression.reads}, of all its expressions. */
  readonly reads: ReadonlySet<string>;
  /** Rejects with {@link ExpressionError}, its offset counted in the whole text. */
  evaluate(context: ExpressionContext): Promise<unknown>;
}

interface Part {
  readonly offset: number;
  readonly expression: Expression;
}

/** JSON's own precision in text, so that 0.1 + 0.2 reads 0.3, as the language's `$string` has it. */
const SIGNIFICANT_DIGITS = 15;

/**
 * Compiles a string value of the connector format.
 *
 * - `${expr}` alone gives the expression's value with its type; undefined when it evaluates to nothing.
 * - Between literal text, strings, numbers and booleans are written out. When one of the expressions gives nothing or null,
 *   the whole is undefined, so that half a value is never sent. Objects and lists are an `evaluation` error.
 * - `$${` is a literal `${`. Any other `$` is itself. (`$$${` is therefore a literal `$${`.)
 *
 * Throws {@link ExpressionError} as compileExpression does, offsets counted in the whole text; `syntax` when `${` is not
 * closed.
 */
export function compileTemplate(text: string, options: CompileOptions = {}): Template {
  const parts = split(text, options);
  const reads = new Set<string>();
  for (const part of parts) if (typeof part !== 'string') for (const name of part.expression.reads) reads.add(name);
  return {
    text,
    literal: parts.every((part) => typeof part === 'string'),
    reads,
    async evaluate(context: ExpressionContext): Promise<unknown> {
      const [first] = parts;
      if (parts.length === 1 && first !== undefined && typeof first !== 'string') return evaluatePart(first, context);
      let whole = '';
      for (const part of parts) {
        if (typeof part === 'string') {
          whole += part;
          continue;
        }
        const value = await evaluatePart(part, context);
        if (value === undefined || value === null) return undefined;
        whole += written(value, part.offset);
      }
      return whole;
    },
  };
}

function split(text: string, options: CompileOptions): (string | Part)[] {
  const parts: (string | Part)[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('$${', at)) {
      literal += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const offset = at + 2;
      const end = endOfExpression(text, offset);
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push({ offset, expression: compileAt(text.slice(offset, end - 1), offset, options) });
      at = end;
    } else {
      literal += text.charAt(at);
      at += 1;
    }
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

function compileAt(expression: string, offset: number, options: CompileOptions): Expression {
  try {
    return compileExpression(expression, options);
  } catch (error) {
    throw moved(error, offset);
  }
}

async function evaluatePart(part: Part, context: ExpressionContext): Promise<unknown> {
  try {
    return await part.expression.evaluate(context);
  } catch (error) {
    throw moved(error, part.offset);
  }
}

function moved(error: unknown, by: number): unknown {
  if (!(error instanceof ExpressionError)) return error;
  return new ExpressionError(error.code, error.message, (error.offset ?? 0) + by);
}

function written(value: unknown, offset: number): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    return String(Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS)));
  }
  throw new ExpressionError('evaluation', 'an object or a list cannot stand inside a text', offset);
}
