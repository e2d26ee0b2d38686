import type { Action, BodyPlan, RequestPlan, Step } from '../connector/connector.ts';
import { WHOLE_CONTEXT } from '../expression/reads.ts';
import { maskedHeader } from '../oauth/placement.ts';
import type { Bound } from './bind.ts';
import type { CallAnswer } from './call.ts';
import { bodyValue } from './form.ts';
import type { Admission } from './gate.ts';
import { firstPage, pageQuery } from './page.ts';
import { type PageQuery, type RenderedRequest, renderRequest } from './render.ts';
import { contextsOf, isWanted } from './run-steps.ts';

/** A request that cannot be shown yet. */
interface LaterRequest {
  step: string;
  method: string;
  /** As declared, with its {names}. */
  path: string;
  /** The steps whose answers decide about it. */
  depends_on: string[];
}

// Of a URL that the provider gives at run time.
const SIGNED_URL = '(signed url)';

/**
 * Shows what a call would send, masked, and sends nothing. Of a composite action every request that can be rendered without
 * the answers of earlier ones (of a list of pages the first), and the others as `later`.
 */
export async function dryRun(action: Action, bound: Bound, admission: Admission): Promise<CallAnswer> {
  const { authentication, tokenKind, scopes } = admission;
  const token = { kind: tokenKind, scopes };
  const credential = maskedHeader(authentication.placement);
  const [only] = action.steps;
  if (!action.composite && only?.kind === 'request') {
    const request = await renderRequest(only.request, bound.context, bound.page);
    return answer({ requests: [shown(request, credential)], token });
  }
  const requests: unknown[] = [];
  const later: LaterRequest[] = [];
  // A step that is left out brings nothing to those after it, which is known already.
  const earlier: string[] = [];
  for (const step of action.steps) {
    const whenReads = step.when ? stepsIn(step.when.reads, earlier) : [];
    if (whenReads.length === 0 && !(await isWanted(step, bound.context))) continue;
    const depends_on = stepsIn(readsOf(step), earlier);
    if (step.kind === 'request' && depends_on.length === 0) {
      const page: PageQuery = step.pagination ? pageQuery(step.pagination, firstPage(step.pagination, null)) : [];
      for (const context of await contextsOf(step, bound.context))
        requests.push({ step: step.id, ...shown(await renderRequest(step.request, context, page), credential) });
    } else later.push({ step: step.id, ...addressOf(step), depends_on });
    earlier.push(step.id);
  }
  return answer({ requests, later, token });
}

function answer(data: unknown): CallAnswer {
  return { data, next: null, warnings: [] };
}

function shown(
  { method, url, headers, body }: RenderedRequest,
  credential: Record<string, string>,
): Record<string, unknown> {
  return {
    method,
    url: url.href,
    headers: { ...headers, ...credential },
    body: body === undefined ? null : bodyValue(body, headers['content-type']),
  };
}

function addressOf(step: Step): { method: string; path: string } {
  if (step.kind === 'upload_file') return { method: step.method, path: SIGNED_URL };
  const plan = step.kind === 'request' ? step.request : step.urls;
  return { method: plan.method, path: plan.template };
}

/** Everything that decides whether and how a step is executed. */
export function readsOf(step: Step): Set<string> {
  const reads = new Set(step.when?.reads);
  const add = (part: { reads: ReadonlySet<string> } | undefined) => {
    for (const read of part?.reads ?? []) reads.add(read);
  };
  if (step.kind === 'upload_file') {
    add(step.url);
    for (const [, value] of step.headers) add(value);
    return reads;
  }
  if (step.kind === 'request') add(step.forEach);
  addPlan(step.kind === 'request' ? step.request : step.urls, add);
  return reads;
}

function addPlan({ segments, query, headers, body }: RequestPlan, add: (part: { reads: ReadonlySet<string> }) => void) {
  for (const segment of segments) if ('value' in segment) add(segment.value);
  for (const [, value] of [...query, ...headers]) add(value);
  if (body) addBody(body, add);
}

function addBody(body: BodyPlan, add: (part: { reads: ReadonlySet<string> }) => void): void {
  if ('template' in body) add(body.template);
  else if ('list' in body) for (const item of body.list) addBody(item, add);
  else if ('object' in body) for (const [, member] of body.object) addBody(member, add);
}

/** The earlier steps that are read, in their order; all of them where it cannot be told which. */
export function stepsIn(reads: ReadonlySet<string>, earlier: readonly string[]): string[] {
  if (reads.has(WHOLE_CONTEXT) || reads.has('steps')) return [...earlier];
  return earlier.filter((id) => [...reads].some((read) => read === `steps.${id}` || read.startsWith(`steps.${id}.`)));
}
