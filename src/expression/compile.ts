import jsonata from 'jsonata';
import { compileDirect } from './direct.ts';
import { GIVE_UP, newFrame, OUT_OF_TIME } from './direct-frame.ts';
import { type Expression, type ExpressionContext, ExpressionError } from './expression.ts';
import { evaluationFailure, syntaxFailure } from './failures.ts';
import { CONCATENATION, GUARDED_FUNCTIONS, REFUSED_FUNCTIONS } from './functions.ts';
import { DEFAULT_TIME_LIMIT_MS, MAX_EVALUATION_DEPTH, MAX_EXPRESSION_CHARS, MAX_SEQUENCE_ITEMS } from './limits.ts';
import { lint } from './lint.ts';
import { copyPlain, copyRead, isPlainObject, newBudget, PASSED_ON, RESULT } from './plain.ts';
import { findReads } from './reads.ts';
import { RegexSet } from './regex.ts';
import { badRegexOffset } from './scan.ts';
import { eachNode, type Node } from './syntax-tree.ts';

export interface CompileOptions {
  /** How long one evaluation may take before it is a `limit` error. */
  readonly timeLimitMs?: number;
  /** Called whenever the interpreter evaluates, for tests: most expressions do without it, see compileDirect. */
  readonly onInterpreted?: () => void;
  /** Leaves everything to the interpreter: what tests compare with. */
  readonly interpretOnly?: boolean;
}

/**
 * Compiles an expression of the connector language: everything that can be refused is refused here.
 *
 * `reads` names what it can read of the context: full paths of plain names (`inputs.hub_id`), each only as deep as the
 * expression itself goes by plain names; a path stands for everything below it; prefixes are not listed. Names that are not
 * identifiers are in backticks. `$` stands for the context as a whole. See findReads for the rule.
 *
 * Evaluations of one expression run one after the other in the order they were asked for, each on its own copy of what it
 * reads, taken at the call. They never yield to the event loop, so that running them side by side would only let each use
 * up the others' time.
 *
 * Throws {@link ExpressionError}: `too_long`, `syntax`, `forbidden`, `regex`. Evaluations reject with `limit` or `evaluation`;
 * their messages never quote data (except what the author passes to `$error` and `$assert`).
 */
export function compileExpression(text: string, options: CompileOptions = {}): Expression {
  if (text.length > MAX_EXPRESSION_CHARS) {
    throw new ExpressionError('too_long', `longer than ${MAX_EXPRESSION_CHARS} characters`, MAX_EXPRESSION_CHARS);
  }
  const timeLimitMs = options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
  const regexes = new RegexSet(timeLimitMs);
  const interpreter = parse(text, regexes, timeLimitMs);
  const tree = interpreter.ast() as Node;
  const used = lint(tree, text);
  regexes.compileAll(tree);
  const reads = findReads(tree);
  guardConcatenations(tree);
  const direct = options.interpretOnly === true ? undefined : compileDirect(tree, regexes.engine);
  for (const name of [...used, ...IMPLICIT_FUNCTIONS]) interpreter.assign(name, { ...GUARDED_FUNCTIONS.get(name) });
  // The lint refuses them already; should it ever overlook one, there is nothing to call.
  for (const name of REFUSED_FUNCTIONS.keys()) interpreter.assign(name, undefined);

  let previous: Promise<unknown> = Promise.resolve();

  async function run(context: unknown): Promise<unknown> {
    try {
      return copyPlain(await interpreter.evaluate(context, {}), newBudget(), RESULT);
    } catch (thrown) {
      throw evaluationFailure(thrown, text);
    }
  }

  /** The value, or GIVE_UP. Throws `limit` when the time is over. */
  function evaluateDirectly(context: ExpressionContext): unknown {
    if (direct === undefined || !isPlainObject(context)) return GIVE_UP;
    try {
      return copyPlain(direct.run(context, newFrame(context, direct.slots, timeLimitMs)), newBudget(), PASSED_ON);
    } catch (thrown) {
      if (thrown === OUT_OF_TIME) throw new ExpressionError('limit', 'the evaluation took too long');
      // The interpreter comes to the same failure, and knows where.
      return GIVE_UP;
    }
  }

  return {
    text,
    reads: reads.names,
    async evaluate(context: ExpressionContext): Promise<unknown> {
      const value = evaluateDirectly(context);
      if (value !== GIVE_UP) return value;
      options.onInterpreted?.();
      const copy = copyRead(context, reads.tree, newBudget());
      const outcome = previous.then(() => run(copy));
      previous = outcome.catch(() => undefined);
      return outcome;
    },
  };
}

/** "&", and what the parser makes of "??". */
const IMPLICIT_FUNCTIONS = [CONCATENATION, 'exists'] as const;

function parse(text: string, regexes: RegexSet, timeLimitMs: number): jsonata.Expression {
  try {
    return jsonata(text, {
      timeout: timeLimitMs,
      stack: MAX_EVALUATION_DEPTH,
      sequence: MAX_SEQUENCE_ITEMS,
      // The declared type asks for the whole of RegExp; only the constructor, lastIndex and exec are used.
      RegexEngine: regexes.engine as unknown as RegExpConstructor,
    });
  } catch (thrown) {
    // The parser builds a JavaScript regular expression of every literal.
    if (thrown instanceof SyntaxError) {
      throw new ExpressionError('regex', 'the regular expression does not parse', badRegexOffset(text));
    }
    throw syntaxFailure(thrown, text);
  }
}

/** Turns every "&" into a call of the guarded function, the only place where the operator's result can be bounded. */
function guardConcatenations(tree: Node): void {
  eachNode(tree, (node) => {
    if (node.type !== 'binary' || node.value !== '&' || node.lhs === undefined || Array.isArray(node.lhs)) return;
    node.type = 'function';
    node.procedure = { type: 'variable', value: CONCATENATION };
    node.arguments = [node.lhs, ...(node.rhs === undefined ? [] : [node.rhs])];
    delete node.lhs;
    delete node.rhs;
  });
}
