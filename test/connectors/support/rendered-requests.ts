import type { Action, Connector, RequestPlan } from '../../../src/connector/connector.ts';
import { firstPage, pageQuery } from '../../../src/engine/page.ts';
import { type RenderedRequest, renderRequest } from '../../../src/engine/render.ts';
import type { SentRequest } from './openapi-violations.ts';
import { sampleCalls } from './sample-calls.ts';

/** Every request that an action is known to send: of its examples and, unless it is composite, of sample calls. */
export async function requestsOf(action: Action, connector: Connector): Promise<SentRequest[]> {
  const shown = action.examples.flatMap(({ exchanges }) => exchanges.map(({ request }) => request));
  const examples = shown
    .map(({ method, url, headers, body }) => ({ method, url: new URL(url), headers, body }))
    .filter(({ url }) => connector.origins.has(url.origin));
  return [...examples, ...(action.composite ? [] : await rendered(action, connector))];
}

async function rendered(action: Action, connector: Connector): Promise<SentRequest[]> {
  const requests: SentRequest[] = [];
  const { pagination } = action;
  for (const { inputs, account, pageSize } of await sampleCalls(action, connector)) {
    const bound = action.inputs.bind(inputs);
    if ('errors' in bound) throw new Error(`${action.id}: ${JSON.stringify(bound.errors)}`);
    const first = pagination && firstPage(pagination, pageSize);
    const second = first && { ...first, at: typeof first.at === 'number' ? first.at + 1 : 'after', pages: 1 };
    for (const page of [first, second]) {
      if (page === undefined && pagination) continue;
      const query = pagination && page ? pageQuery(pagination, page) : [];
      for (const plan of plansOf(action))
        requests.push(sent(await renderRequest(plan, { inputs: bound.values, account }, query)));
      if (!pagination) break;
    }
  }
  return requests;
}

/** The connector's own requests in an action. */
export function plansOf({ steps }: Action): RequestPlan[] {
  return steps.flatMap((step) => {
    if (step.kind === 'upload_file') return [];
    return [step.kind === 'request' ? step.request : step.urls];
  });
}

function sent({ body, ...request }: RenderedRequest): SentRequest {
  return { ...request, body: body === undefined ? undefined : JSON.parse(body) };
}
