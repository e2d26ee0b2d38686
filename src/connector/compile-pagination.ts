import type { ExpressionCompiler } from './compile-expressions.ts';
import { isBodyless } from './compile-request.ts';
import type { JsonSchema, Pagination, RequestPlan } from './connector.ts';
import type { Context } from './context.ts';
import type { PaginationFormat, RequestFormat } from './format.ts';
import type { Path } from './yaml-file.ts';

// Where a provider does not say how large a page may be.
const DEFAULT_MAX_PAGE_SIZE = 1_000;
// RFC 8288 takes it from HTML: the next in a series.
const DEFAULT_RELATION = 'next';

/**
 * Lints and compiles the pagination of a request; `path` is that of what has both. `context` has the answer at hand, `plan` is
 * the request compiled, unless it has faults.
 */
export function compilePagination(
  path: Path,
  pagination: PaginationFormat,
  request: RequestFormat,
  plan: RequestPlan | undefined,
  context: Context,
  compiler: ExpressionCompiler,
): Pagination | undefined {
  const own = parametersOf(pagination);
  for (const name of Object.keys(request.query ?? {})) {
    if (own.includes(name))
      compiler.fault([...path, 'request', 'query', name], 'ACT015', `"${name}" is set by the pagination`, {
        key: true,
      });
  }
  const at = (key: string) => [...path, 'pagination', key];
  switch (pagination.style) {
    case 'offset': {
      const { offset, size, default_size, max_size } = pagination;
      if (default_size > max_size)
        compiler.fault(at('default_size'), 'ACT022', `default_size is larger than max_size, ${max_size}`);
      const count = compiler.expression(at('count'), pagination.count, context);
      const total = compiler.optional(at('total'), pagination.total, context);
      return count && { style: 'offset', offset, size, defaultSize: default_size, count, total };
    }
    case 'page_number': {
      const { number, first, size } = pagination;
      const more = compiler.expression(at('more'), pagination.more, context);
      return more && { style: 'page_number', number, first, size, more };
    }
    case 'cursor': {
      const { cursor, size } = pagination;
      const next = compiler.expression(at('next'), pagination.next, context);
      return next && { style: 'cursor', cursor, size, next };
    }
    case 'link_header': {
      const { rel = DEFAULT_RELATION, size } = pagination;
      if (!isBodyless(request.method))
        compiler.fault(
          at('style'),
          'ACT026',
          `a link is followed with GET or HEAD, but the method is ${request.method}`,
        );
      if (!plan) return undefined;
      const origins = new Set([plan.declaredOrigin, plan.origin]);
      return { style: 'link_header', relation: rel.toLowerCase(), size, origins };
    }
  }
}

/** The inputs that the server adds to a paginated action. */
export function pageInputs(pagination: PaginationFormat): Record<string, JsonSchema> {
  const maximum = pagination.max_size ?? DEFAULT_MAX_PAGE_SIZE;
  return {
    ...(pagination.size !== undefined && {
      page_size: { type: 'integer', minimum: 1, maximum, description: `Items per page, at most ${maximum}.` },
    }),
    next: { type: 'string', minLength: 1, description: '"next" of the page before, with the same inputs otherwise.' },
  };
}

/** The query parameters that a pagination sets. */
function parametersOf(pagination: PaginationFormat): readonly (string | undefined)[] {
  switch (pagination.style) {
    case 'offset':
      return [pagination.offset, pagination.size];
    case 'page_number':
      return [pagination.number, pagination.size];
    case 'cursor':
      return [pagination.cursor, pagination.size];
    case 'link_header':
      return [pagination.size];
  }
}
