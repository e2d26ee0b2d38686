import { compileExpression } from '../expression/compile.ts';
import { type Expression, ExpressionError } from '../expression/expression.ts';
import { WHOLE_CONTEXT } from '../expression/reads.ts';
import { compileTemplate, type Template } from '../expression/template.ts';
import { faultOfRead, namesOf } from './check-read.ts';
import type { BodyPlan } from './connector.ts';
import type { Context } from './context.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { RuleId } from './rules.ts';
import type { FaultAt, Path, YamlFile } from './yaml-file.ts';

/** Compiles the expressions of one file, collecting faults and the inputs that they use. All paths are the file's own. */
export interface ExpressionCompiler {
  expression(path: Path, text: string, context: Context): Expression | undefined;
  /** The same for what may not be given. */
  optional(path: Path, text: string | undefined, context: Context): Expression | undefined;
  /**
   * One expression put together from several places of the file and glue between them. A fault is reported at the place
   * that its offset falls into.
   */
  assembled(pieces: readonly Piece[], context: Context): Expression | undefined;
  template(path: Path, value: string | number | boolean, context: Context): Template | undefined;
  /** Templates by name; what has a fault is left out. */
  templates(
    path: Path,
    values: Readonly<Record<string, string | number | boolean>> | undefined,
    context: Context,
  ): (readonly [name: string, value: Template])[];
  body(path: Path, value: unknown, context: Context): BodyPlan | undefined;
  /** Reports a fault of another kind. */
  readonly fault: FaultAt;
  /** Whether an expression compiled so far reads the input. */
  uses(input: string): boolean;
}

/** A text of the file, or glue. */
export type Piece = string | { readonly path: Path; readonly text: string };

export function createExpressionCompiler(file: YamlFile, faults: Diagnostic[]): ExpressionCompiler {
  const usedInputs = new Set<string>();
  let usesAllInputs = false;

  const report = (path: Path, error: ExpressionError, offset: number | undefined) => {
    // The parser tells what it would need to go on, which is rarely what was left out.
    const hint = /^Expected "[)}\]]", got /.test(error.message)
      ? ' (is a comma or an operator missing before it?)'
      : '';
    faults.push(file.at(path, error.code === 'regex' ? 'ACT006' : 'ACT005', `${error.message}${hint}`, { offset }));
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
    context: Context,
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

  const checkRead = (read: string, context: Context, fault: (rule: RuleId, message: string) => void) => {
    const names = namesOf(read);
    const [root, input] = names;
    if (read === WHOLE_CONTEXT || (root === 'inputs' && input === undefined)) usesAllInputs = true;
    if (root === 'inputs' && input !== undefined) usedInputs.add(input);
    if (read === WHOLE_CONTEXT) return;
    const found = faultOfRead(names, context);
    if (found) fault(found.rule, found.message);
  };

  const compiler: ExpressionCompiler = {
    expression: (path, text, context) => checked(path, context, () => compileExpression(text)),
    optional: (path, text, context) => (text === undefined ? undefined : compiler.expression(path, text, context)),
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
    templates: (path, values, context) =>
      Object.entries(values ?? {}).flatMap(([name, value]) => {
        const template = compiler.template([...path, name], value, context);
        return template ? [[name, template] as const] : [];
      }),
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
    fault: (at, rule, message, place) => faults.push(file.at(at, rule, message, place)),
    uses: (input) => usesAllInputs || usedInputs.has(input),
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
