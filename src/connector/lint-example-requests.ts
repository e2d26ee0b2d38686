import type { Action, PathSegment, RequestPlan, Step } from './connector.ts';
import type { ExampleFormat } from './format.ts';
import type { FaultAt, Path } from './yaml-file.ts';

type ShownRequest = NonNullable<ExampleFormat['request']>;

/**
 * Reports requests of an example that its action cannot send: another method, host or path. What stands in the path, the query
 * and the body is not looked at; whoever plays the example sees that.
 */
export function lintExampleRequests(action: Action, declared: ExampleFormat, path: Path, fault: FaultAt): void {
  const lint = (at: Path, request: ShownRequest) => {
    const wrong = faultOf(action, declared, request);
    if (wrong) fault([...at, wrong.key], 'EXA006', wrong.message);
  };
  if (declared.request) lint([...path, 'request'], declared.request);
  for (const [index, { request }] of (declared.exchanges ?? []).entries())
    lint([...path, 'exchanges', index, 'request'], request);
}

function faultOf(
  action: Action,
  { inputs = {} }: ExampleFormat,
  { method, url: text }: ShownRequest,
): { key: 'method' | 'url'; message: string } | undefined {
  if (!URL.canParse(text)) return { key: 'url', message: 'is no whole URL, https:// and the host included' };
  const url = new URL(text);
  // The provider's own link, or that of the page before, leads anywhere within its origins.
  const byLink = action.steps.some(
    (step) => step.kind === 'request' && (step.pagination ?? action.pagination)?.style === 'link_header',
  );
  if (byLink && (action.composite || inputs.next !== undefined)) return undefined;
  if (action.steps.some((step) => takesUpload(step, text))) return undefined;
  const plans = action.steps.flatMap((step): readonly RequestPlan[] =>
    step.kind === 'request' ? [step.request] : step.kind === 'upload_parts' ? [step.urls] : [],
  );
  const there = plans.filter((plan) => isSentTo(plan, url));
  if (there.some((plan) => plan.method === method)) return undefined;
  const sent = (there.length > 0 ? there : plans).map(
    (plan) => `${plan.method} ${plan.declaredOrigin}${plan.template}`,
  );
  return {
    key: there.length > 0 ? 'method' : 'url',
    message: `the action does not send ${method} ${url.origin}${url.pathname}, but ${[...new Set(sent)].join(' and ') || 'nothing'}`,
  };
}

function takesUpload(step: Step, url: string): boolean {
  return step.kind !== 'request' && step.origins.admit(url) !== undefined;
}

function isSentTo({ declaredOrigin, segments }: RequestPlan, url: URL): boolean {
  const given = url.pathname.slice(1).split('/');
  return (
    url.origin === declaredOrigin &&
    given.length === segments.length &&
    segments.every((segment, index) => fits(segment, given[index] ?? ''))
  );
}

function fits(segment: PathSegment, given: string): boolean {
  return !('literal' in segment) || segment.literal === given || segment.literal === decoded(given);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
