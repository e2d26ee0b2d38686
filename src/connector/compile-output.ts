import { type ExpressionCompiler, type Piece, RESPONSE_CONTEXT } from './compile-expressions.ts';
import type { JsonSchema, Output, Pagination } from './connector.ts';
import type { ActionFormat, OutputFormat } from './format.ts';
import type { FaultAt } from './lint-input.ts';
import type { Path } from './yaml-file.ts';

// Where a provider does not say how large a page may be.
const DEFAULT_MAX_PAGE_SIZE = 1_000;

/** Lints and compiles the pagination of the action at `path`. */
export function compilePagination(
  path: Path,
  action: ActionFormat,
  compiler: ExpressionCompiler,
  fault: FaultAt,
): Pagination | undefined {
  const { pagination } = action;
  if (!pagination) return undefined;
  const own =
    pagination.style === 'page_number' ? [pagination.number, pagination.size] : [pagination.cursor, pagination.size];
  for (const name of Object.keys(action.request.query ?? {})) {
    if (own.includes(name))
      fault(['request', 'query', name], 'ACT015', `"${name}" is set by the pagination`, { key: true });
  }
  if (pagination.style === 'page_number') {
    const more = compiler.expression([...path, 'pagination', 'more'], pagination.more, RESPONSE_CONTEXT);
    return (
      more && { style: 'page_number', number: pagination.number, first: pagination.first, size: pagination.size, more }
    );
  }
  const next = compiler.expression([...path, 'pagination', 'next'], pagination.next, RESPONSE_CONTEXT);
  return next && { style: 'cursor', cursor: pagination.cursor, size: pagination.size, next };
}

/** The inputs that the server adds to a paginated action. */
export function pageInputs({ pagination }: ActionFormat): Record<string, JsonSchema> {
  const maximum = pagination?.max_size ?? DEFAULT_MAX_PAGE_SIZE;
  return {
    ...(pagination?.size !== undefined && {
      page_size: { type: 'integer', minimum: 1, maximum, description: `Items per page, at most ${maximum}.` },
    }),
    next: { type: 'string', minLength: 1, description: '"next" of the page before, with the same inputs otherwise.' },
  };
}

/** Compiles the output of the action at `path` into one expression. */
export function compileOutput(path: Path, output: OutputFormat, compiler: ExpressionCompiler): Output | undefined {
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
  const assemble = (...shape: Piece[]) => compiler.assembled(['(', ...bindings, ...shape, ')'], RESPONSE_CONTEXT);
  if ('object' in output) {
    const shape = assemble(at('object', output.object), '\n');
    return shape && { kind: 'object', shape, schema: item };
  }
  // The brackets keep a list of one a list, and a list of none a list.
  const shape =
    output.item === undefined
      ? assemble('[', at('list', output.list), '\n]')
      : assemble('[(', at('list', output.list), '\n).(', at('item', output.item), '\n)]');
  return shape && { kind: 'list', shape, schema: { type: 'array', items: item } };
}
