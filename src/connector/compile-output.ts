import type { ExpressionCompiler, Piece } from './compile-expressions.ts';
import type { JsonSchema, Output } from './connector.ts';
import type { Context } from './context.ts';
import type { OutputFormat } from './format.ts';
import type { Path } from './yaml-file.ts';

/** Compiles the output of the action at `path` into one expression. */
export function compileOutput(
  path: Path,
  output: OutputFormat,
  context: Context,
  compiler: ExpressionCompiler,
): Output | undefined {
  const properties = Object.fromEntries(
    Object.entries(output.fields ?? {}).map(([name, { type, description }]) => [
      name,
      { type, ...(description && { description }) },
    ]),
  );
  const item: JsonSchema = output.fields ? { type: 'object', properties, additionalProperties: false } : {};
  const at = (key: string, text: string): Piece => ({ path: [...path, 'output', key], text });
  // The line breaks end a piece's last token, the parentheses keep its operators to itself.
  const bindings = Object.entries(output.let ?? {}).flatMap(([name, text]): Piece[] => [
    `$${name} := (`,
    { path: [...path, 'output', 'let', name], text },
    '\n); ',
  ]);
  const assemble = (...shape: Piece[]) => compiler.assembled(['(', ...bindings, ...shape, ')'], context);
  if ('object' in output) {
    const shape =
      output.item === undefined
        ? assemble(at('object', output.object), '\n')
        : assemble('(', at('object', output.object), '\n).(', at('item', output.item), '\n)');
    return shape && { kind: 'object', shape, schema: item };
  }
  // The brackets keep a list of one a list, and a list of none a list.
  const shape =
    output.item === undefined
      ? assemble('[', at('list', output.list), '\n]')
      : assemble('[(', at('list', output.list), '\n).(', at('item', output.item), '\n)]');
  return shape && { kind: 'list', shape, schema: { type: 'array', items: item } };
}
