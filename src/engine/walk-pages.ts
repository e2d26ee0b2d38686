import type { Pagination, RequestStep } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import { MAX_PAGES, nextCheckpoint } from './cursor.ts';
import { evaluateForOutput } from './evaluate.ts';
import { firstPage, following, itemsOfBody, pageQuery } from './page.ts';
import type { Sender } from './send-request.ts';
import type { StepAnswer } from './step-tools.ts';

/** The last page of a walk, with what was looked for, where it was found. */
export interface WalkAnswer extends StepAnswer {
  readonly found?: unknown;
}

/**
 * Walks over a step's pages to the last one, or to the first on which `find` gives something. Problems:
 * `page_limit_reached` after {@link MAX_PAGES}, `pagination_cycle`, and those of the requests.
 */
export async function walkPages(
  { id, request, find }: RequestStep,
  pagination: Pagination,
  context: ExpressionContext,
  { render, sendRendered }: Pick<Sender, 'render' | 'sendRendered'>,
): Promise<WalkAnswer> {
  let position = firstPage(pagination, null);
  for (;;) {
    const rendered = await render(request, context, pageQuery(pagination, position));
    const answer = await sendRendered(id, request, rendered, context);
    const seen = { ...context, ...answer };
    const found = find && (await evaluateForOutput(find, seen));
    if (found !== undefined && found !== null) return { ...answer, found };
    const at = await following(pagination, position, seen, rendered.url);
    if (at === undefined) return answer;
    const pages = position.pages + 1;
    if (pages >= MAX_PAGES) throw new Problem('page_limit_reached', `Step ${id} ended after ${MAX_PAGES} pages.`);
    position = { at, size: null, pages, checkpoint: nextCheckpoint(position, itemsOfBody(answer.body)) };
  }
}
