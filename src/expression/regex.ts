import { RE2JS } from 're2js';
import { ExpressionError } from './expression.ts';
import { MAX_REGEX_WORK } from './limits.ts';
import { eachNode, type Node } from './syntax-tree.ts';

/** What the interpreter expects of a regular expression class: `exec` with the meaning of the `g` flag. */
export type RegexEngine = new (literal: unknown) => { lastIndex: number; exec(text: string): RegexMatch | null };

type RegexMatch = (string | undefined)[] & { index: number };

/**
 * The regular expressions of one expression, compiled by RE2: its time is linear in the text whatever the pattern, where
 * JavaScript's own engine can take exponential time and no timeout stops it.
 */
export class RegexSet {
  readonly #programs = new Map<unknown, RE2JS>();
  readonly engine: RegexEngine;

  constructor(timeLimitMs: number) {
    this.engine = engineFor(this.#programs, timeLimitMs);
  }

  /** Compiles every literal of the tree. Throws `regex` for what RE2 does not accept: look-around, back-references. */
  compileAll(tree: Node): void {
    const literals = new Map<number | undefined, RegExp>();
    const copies: Node[] = [];
    eachNode(tree, (node) => {
      if (node.type !== 'regex') return;
      if (node.value instanceof RegExp) literals.set(node.position, node.value);
      else copies.push(node);
    });
    for (const [position, literal] of literals) this.#programs.set(literal, compileLiteral(literal, position));
    // The parser copies the left side of "?:" and "??" through JSON, which loses a regular expression in it.
    for (const copy of copies) copy.value = literals.get(copy.position);
  }
}

function compileLiteral(literal: RegExp, position: number | undefined): RE2JS {
  const flags = (literal.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (literal.multiline ? RE2JS.MULTILINE : 0);
  const offset =
    position === undefined ? undefined : Math.max(0, position - literal.source.length - literal.flags.length - 1);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(literal.source), flags);
  } catch {
    throw new ExpressionError(
      'regex',
      `the regular expression /${literal.source}/ is not one that RE2 accepts (no look-around, no back-references)`,
      offset,
    );
  }
}

function engineFor(programs: ReadonlyMap<unknown, RE2JS>, timeLimitMs: number): RegexEngine {
  return class {
    lastIndex = 0;
    readonly #program: RE2JS;
    readonly #deadline = Date.now() + timeLimitMs;
    #text: string | undefined;
    #matcher: ReturnType<RE2JS['matcher']> | undefined;

    constructor(literal: unknown) {
      const program = programs.get(literal);
      if (program === undefined) throw new ExpressionError('regex', 'this regular expression was not compiled');
      this.#program = program;
    }

    exec(text: string): RegexMatch | null {
      if (this.lastIndex > text.length) {
        this.lastIndex = 0;
        return null;
      }
      // One search is linear, but repeating it from every character is not; the interpreter does not look at the clock there.
      if (Date.now() > this.#deadline) throw new ExpressionError('limit', 'searching the text took too long');
      if ((text.length - this.lastIndex) * this.#program.programSize() > MAX_REGEX_WORK) {
        throw new ExpressionError('limit', 'the text is too long for this regular expression');
      }
      if (this.#matcher === undefined || this.#text !== text) {
        this.#text = text;
        this.#matcher = this.#program.matcher(text);
      }
      const matcher = this.#matcher;
      if (!matcher.find(this.lastIndex)) {
        this.lastIndex = 0;
        return null;
      }
      this.lastIndex = matcher.end();
      const groups: (string | undefined)[] = [];
      for (let index = 0; index <= matcher.groupCount(); index += 1) groups.push(matcher.group(index) ?? undefined);
      return Object.assign(groups, { index: matcher.start() });
    }
  };
}
