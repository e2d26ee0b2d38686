import type { Action, RequestStep, Step } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import type { IncomingFile } from './call.ts';
import { evaluateForRequest } from './evaluate.ts';
import type { Sender } from './send-request.ts';
import type { StepAnswer, StepTools } from './step-tools.ts';
import { uploadFile } from './upload-file.ts';
import { uploadParts } from './upload-parts.ts';
import { walkPages } from './walk-pages.ts';

/** What the steps of a call brought. */
export interface StepsOutcome {
  /** What the output's expressions see: the steps, and the last answer to one of the connector's own requests. */
  readonly context: ExpressionContext;
  /** Body of that answer; null where there was none. */
  readonly lastBody: unknown;
}

// One caller's call must not become a flood; whoever has more items makes more calls.
export const MAX_ITEMS = 100;

/**
 * Executes the steps of a composite action, one after the other. Each leaves steps.<id> behind; one whose `when` is not true
 * leaves nothing. Rejects with the Problem of the first step that fails.
 */
export async function runSteps(
  action: Action,
  context: ExpressionContext,
  file: IncomingFile | undefined,
  sender: Sender,
  tools: StepTools,
): Promise<StepsOutcome> {
  const steps: Record<string, unknown> = {};
  const whole: ExpressionContext = { ...context, steps };
  let last: StepAnswer | undefined;

  const noting: Sender = {
    render: sender.render,
    send: async (step, plan, context, page) =>
      noting.sendRendered(step, plan, await sender.render(plan, context, page), context),
    async sendRendered(...request) {
      last = await sender.sendRendered(...request);
      return last;
    },
  };

  async function run(step: Step): Promise<unknown> {
    switch (step.kind) {
      case 'request':
        return runRequest(step, whole, noting);
      case 'upload_parts':
        return uploadParts(step, fileOf(action, file), whole, { ...tools, send: noting.send });
      case 'upload_file':
        return uploadFile(step, fileOf(action, file), whole, tools);
    }
  }

  for (const step of action.steps) {
    if (await isWanted(step, whole)) steps[step.id] = await run(step);
  }
  return { context: { ...whole, ...last }, lastBody: last?.body ?? null };
}

/** Whether a step is executed: always, or as its `when` says. */
export async function isWanted({ when }: Step, context: ExpressionContext): Promise<boolean> {
  return when === undefined || (await evaluateForRequest(when, context)) === true;
}

/** The contexts of a step's requests: one for each item of its list, or just the one. Problems: `inputs_invalid`. */
export async function contextsOf(
  { id, forEach }: RequestStep,
  context: ExpressionContext,
): Promise<readonly ExpressionContext[]> {
  if (!forEach) return [context];
  const value = await evaluateForRequest(forEach, context);
  // The expression language gives a list of one as its only item.
  const items: unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  if (items.length > MAX_ITEMS)
    throw new Problem('inputs_invalid', `Step ${id} would send ${items.length} requests; at most ${MAX_ITEMS} may be.`);
  return items.map((item) => ({ ...context, item }));
}

async function runRequest(step: RequestStep, context: ExpressionContext, sender: Sender): Promise<unknown> {
  const { id, request, pagination } = step;
  const sendOne = (one: ExpressionContext): Promise<StepAnswer> =>
    pagination ? walkPages(step, pagination, one, sender) : sender.send(id, request, one);
  if (!step.forEach) return sendOne(context);
  const answers: StepAnswer[] = [];
  for (const one of await contextsOf(step, context)) answers.push(await sendOne(one));
  return { answers };
}

function fileOf(action: Action, file: IncomingFile | undefined): IncomingFile {
  if (!file) throw new Problem('file_missing', `${action.id} takes a file.`);
  return file;
}
