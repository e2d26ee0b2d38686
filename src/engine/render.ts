import type { BodyPlan, RequestPlan } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import { evaluateForRequest } from './evaluate.ts';
import { encodeForm } from './form.ts';
import { renderPath } from './render-path.ts';

/** A request without its credential. */
export interface RenderedRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What asks for a page: query parameters besides those of the plan, or path and query in the place of all of them. */
export type PageQuery = readonly (readonly [name: string, value: string])[] | { readonly target: string };

// What common servers and proxies accept in a request line.
export const MAX_URL_LENGTH = 8_192;

/**
 * Builds the request of a plan. Values come from the caller and are hostile: one that could change the path, the host or the
 * headers is refused with `path_value_rejected`, `header_value_rejected` or `inputs_invalid`; an expression that fails gives
 * `request_rendering_failed`.
 */
export async function renderRequest(
  plan: RequestPlan,
  context: ExpressionContext,
  page: PageQuery = [],
): Promise<RenderedRequest> {
  const url = 'target' in page ? pageUrl(plan, page.target) : await renderUrl(plan, context, page);
  const headers: Record<string, string> = {};
  for (const [name, template] of plan.headers) {
    const value = await evaluateForRequest(template, context);
    if (value !== undefined && value !== null) headers[name] = headerText(name, value);
  }
  const body = plan.body && bodyText(plan, await renderBody(plan.body, context));
  if (body !== undefined) headers['content-type'] ??= plan.contentType;
  return { method: plan.method, url, headers, body };
}

async function renderUrl(
  plan: RequestPlan,
  context: ExpressionContext,
  pageQuery: readonly (readonly [string, string])[],
): Promise<URL> {
  const path = await renderPath(plan.segments, context);
  const query: string[] = [];
  for (const [name, template] of plan.query) {
    const value = await evaluateForRequest(template, context);
    if (plan.queryLists === 'repeat' && Array.isArray(value))
      for (const item of value) query.push(queryPair(name, scalarText(name, item)));
    else {
      const text = queryText(name, value);
      if (text !== undefined) query.push(queryPair(name, text));
    }
  }
  for (const [name, value] of pageQuery) query.push(queryPair(name, value));
  const url = new URL(`${plan.origin}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`);
  if (url.href.length > MAX_URL_LENGTH) {
    throw new Problem('inputs_invalid', `The inputs make a URL longer than ${MAX_URL_LENGTH} characters.`);
  }
  assertSamePath(plan, url);
  return url;
}

/** Of a target that was found to be on the plan's host: whatever it is now, it is asked for nowhere else. */
function pageUrl({ origin }: RequestPlan, target: string): URL {
  const url = URL.parse(`${origin}${target}`);
  if (!target.startsWith('/') || url?.origin !== origin || url.username !== '' || url.password !== '')
    throw new Problem('cursor_invalid', 'The cursor points to another host.');
  return url;
}

/** Undefined where the body evaluates to nothing: it is left out. */
function bodyText({ bodyEncoding }: RequestPlan, value: unknown): string | undefined {
  if (bodyEncoding === 'json') return JSON.stringify(value);
  return value === undefined || value === null ? undefined : encodeForm(value);
}

/** Belt and braces: whatever was put in, the parsed URL must still be the template's. */
function assertSamePath(plan: RequestPlan, url: URL): void {
  const segments = url.pathname.slice(1).split('/');
  const same =
    url.origin === plan.origin &&
    url.username === '' &&
    url.password === '' &&
    url.hash === '' &&
    segments.length === plan.segments.length &&
    plan.segments.every((segment, index) => !('literal' in segment) || segment.literal === segments[index]);
  if (!same) throw new Problem('path_value_rejected', 'The inputs would change the path of the request.');
}

function queryPair(name: string, value: string): string {
  try {
    return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  } catch {
    throw new Problem('inputs_invalid', `The value for query parameter "${name}" is not well-formed Unicode.`);
  }
}

function queryText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((item) => scalarText(name, item)).join(',');
  return scalarText(name, value);
}

function scalarText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Problem('request_rendering_failed', `Query parameter "${name}" would be neither text, number nor boolean.`);
}

function headerText(name: string, value: unknown): string {
  const text = scalarText(name, value);
  // RFC 9110 §5.5: visible ASCII, space and tab.
  if (!/^[\t\x20-\x7e]*$/.test(text))
    throw new Problem(
      'header_value_rejected',
      `The value for header "${name}" has characters that a header cannot carry.`,
    );
  return text;
}

async function renderBody(plan: BodyPlan, context: ExpressionContext): Promise<unknown> {
  if ('literal' in plan) return plan.literal;
  if ('template' in plan) return evaluateForRequest(plan.template, context);
  if ('list' in plan) {
    const items = await Promise.all(plan.list.map((item) => renderBody(item, context)));
    return items.filter((item) => item !== undefined);
  }
  const entries = await Promise.all(
    plan.object.map(async ([key, value]) => [key, await renderBody(value, context)] as const),
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
