import { compileExpression } from '../../../src/expression/compile.ts';
import { type Expression, type ExpressionContext, ExpressionError } from '../../../src/expression/expression.ts';

/** An expression compiled as the server does it, and once more for the interpreter alone. */
export interface BothWays {
  readonly text: string;
  readonly asServed: Expression;
  readonly interpreted: Expression;
  /** How often the interpreter was asked by the first. */
  fallbacks(): number;
}

/** Generous: on a busy machine the time limit must not decide what a test compares. */
const TIME_LIMIT_MS = 15_000;

/** Undefined when the expression is refused. */
export function compileBothWays(text: string): BothWays | undefined {
  let fallbacks = 0;
  try {
    return {
      text,
      asServed: compileExpression(text, { timeLimitMs: TIME_LIMIT_MS, onInterpreted: () => (fallbacks += 1) }),
      interpreted: compileExpression(text, { timeLimitMs: TIME_LIMIT_MS, interpretOnly: true }),
      fallbacks: () => fallbacks,
    };
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** What the two ways come to, with everything that callers can see of it; equal texts are equal outcomes. */
export async function outcomes(
  { asServed, interpreted }: BothWays,
  context: ExpressionContext,
): Promise<[asServed: string, interpreted: string]> {
  return [await outcomeOf(asServed, context), await outcomeOf(interpreted, context)];
}

async function outcomeOf(expression: Expression, context: ExpressionContext): Promise<string> {
  try {
    const value = await expression.evaluate(context);
    const shared = findShared(value, objectsOf(context));
    return shared ? 'shares an object with its context' : described(value);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `${error.code} at ${error.offset}: ${error.message}`;
  }
}

/** JSON text, with what that does not show: undefined, -0, odd prototypes, further members of lists. */
function described(value: unknown): string {
  if (value === undefined || Object.is(value, -0)) return value === undefined ? 'nothing' : '-0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const more = Reflect.ownKeys(value).length > value.length + 1 ? ' with more' : '';
    return `[${value.map(described).join()}]${more}`;
  }
  const odd = Object.getPrototypeOf(value) === Object.prototype ? '' : ' with an odd prototype';
  return `{${Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${described(member)}`)}}${odd}`;
}

function objectsOf(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  for (const member of Object.values(value)) objectsOf(member, found);
  return found;
}

function findShared(value: unknown, known: ReadonlySet<object>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return known.has(value) || Object.values(value).some((member) => findShared(member, known));
}
