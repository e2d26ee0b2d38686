import { compileExpression } from '../expression/compile.ts';
import { type Expression, ExpressionError } from '../expression/expression.ts';
import { WHOLE_CONTEXT } from '../expression/reads.ts';
import { compileTemplate, type Template } from '../expression/template.ts';
import type { BodyPlan } from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import { didYouMean } from './suggest.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** Members of the context, by the place where an expression stands. */
export const REQUEST_CONTEXT = ['inputs', 'account'] as const;
export const RESPONSE_CONTEXT = [...REQUEST_CONTEXT, 'status', 'headers', 'body'] as const;
export const ERROR_CONTEXT = ['status', 'headers', 'body'] as const;

/** What the names in expressions are checked against. */
export interface Names {
  readonly inputs: ReadonlySet<string>;
  readonly account: ReadonlySet<string>;
}

/** Compiles the expressions of one file, collecting faults and the inputs that they use. */
export interface ExpressionCompiler {
  expression(path: Path, text: string, context: readonly string[]): Expression | undefined;
  /**
   * One expression put together from several places of the file and glue between them. A fault is reported at the place
   * that its offset falls into.
   */
  assembled(pieces: readonly Piece[], context: readonly string[]): Expression | undefined;
  template(path: Path, value: string | number | boolean, context: readonly string[]): Template | undefined;
  body(path: Path, value: unknown, context: readonly string[]): BodyPlan | undefined;
  /** Marks an input as used by something else than an expression. */
  use(input: string): void;
  readonly usedInputs: ReadonlySet<string>;
}

/** A text of the file, or glue. */
export type Piece = string | { readonly path: Path; readonly text: string };

export function createExpressionCompiler(file: YamlFile, names: Names, faults: Diagnostic[]): ExpressionCompiler {
  const usedInputs = new Set<string>();

  const report = (path: Path, error: ExpressionError, offset: number | undefined) => {
    faults.push(file.at(path, error.code === 'regex' ? 'ACT006' : 'ACT005', error.message, { offset }));
  };

  const attempt = <T>(path: Path, compile: () => T): T | undefined => {
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      report(path, error, error.offset);
      return undefined;
    }
  };

  const checked = <T extends { text: string; reads: ReadonlySet<string> }>(
    path: Path,
    context: readonly string[],
    compile: () => T,
  ): T | undefined => {
    const compiled = attempt(path, compile);
    for (const read of compiled?.reads ?? []) {
      checkRead(read, context, (rule, message) =>
        faults.push(file.at(path, rule, message, { offset: compiled && offsetOfRead(compiled.text, read) })),
      );
    }
    return compiled;
  };

  const checkRead = (
    read: string,
    context: readonly string[],
    fault: (rule: 'ACT003' | 'ACT004', message: string) => void,
  ) => {
    const [root = '', name] = read.split('.');
    if (read === WHOLE_CONTEXT) {
      for (const input of names.inputs) usedInputs.add(input);
      return;
    }
    if (!context.includes(root)) {
      fault(
        'ACT004',
        `"${root}" is not there at this place (there are: ${context.join(', ')})${didYouMean(root, context)}`,
      );
    } else if (root === 'inputs' && name === undefined) {
      for (const input of names.inputs) usedInputs.add(input);
    } else if (root === 'inputs' && name !== undefined) {
      usedInputs.add(name);
      if (!names.inputs.has(name)) fault('ACT003', `input "${name}" is not declared${didYouMean(name, names.inputs)}`);
    } else if (root === 'account' && name !== undefined && !names.account.has(name)) {
      fault('ACT004', `account setting "${name}" is not declared${didYouMean(name, names.account)}`);
    }
  };

  const compiler: ExpressionCompiler = {
    expression: (path, text, context) => checked(path, context, () => compileExpression(text)),
    assembled(pieces, context) {
      const placed = placePieces(pieces);
      const last = placed.at(-1)?.path ?? [];
      try {
        const compiled = compileExpression(
          pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join(''),
        );
        for (const read of compiled.reads) {
          const at = placed.find(({ text }) => offsetOfRead(text, read) !== undefined);
          checkRead(read, context, (rule, message) =>
            faults.push(file.at(at?.path ?? last, rule, message, { offset: at && offsetOfRead(at.text, read) })),
          );
        }
        return compiled;
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        const { offset } = error;
        // What is missing at the end is missed by the glue after it.
        const at = offset === undefined ? undefined : (placed.find(({ end }) => offset <= end) ?? placed.at(-1));
        report(
          at?.path ?? last,
          error,
          at && offset !== undefined ? Math.min(Math.max(0, offset - at.start), at.text.length) : undefined,
        );
        return undefined;
      }
    },
    template: (path, value, context) => checked(path, context, () => compileTemplate(String(value))),
    body(path, value, context) {
      if (typeof value === 'string') {
        const template = compiler.template(path, value, context);
        return template && { template };
      }
      if (Array.isArray(value))
        return { list: value.flatMap((item, index) => compiler.body([...path, index], item, context) ?? []) };
      if (typeof value === 'object' && value !== null) {
        const entries = Object.entries(value).flatMap(([key, member]) => {
          const plan = compiler.body([...path, key], member, context);
          return plan ? [[key, plan] as const] : [];
        });
        return { object: entries };
      }
      return { literal: value };
    },
    use: (input) => usedInputs.add(input),
    usedInputs,
  };
  return compiler;
}

interface PlacedPiece {
  readonly path: Path;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function placePieces(pieces: readonly Piece[]): PlacedPiece[] {
  const placed: PlacedPiece[] = [];
  let position = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      position += piece.length;
    } else {
      placed.push({ ...piece, start: position, end: position + piece.text.length });
      position += piece.text.length;
    }
  }
  return placed;
}

/**
 * Where a read path is written, or at least where its first name is: expressions do not say where they read, and the first
 * place of that name is nearly always the one.
 */
function offsetOfRead(text: string, read: string): number | undefined {
  const names = read.split('.').map((name) => name.replace(/[^\w]/g, '\\$&'));
  for (const part of [names.slice(0, 2).join('\\s*\\.\\s*'), names[0]]) {
    const found = text.search(new RegExp(`(?<!\\w|(?<!\\$)\\.)${part}(?!\\w)`));
    if (found >= 0) return found;
  }
  return undefined;
}
