import type { BodyPlan, RequestPlan } from '../connector/connector.ts';
import { type ExpressionContext, ExpressionError } from '../expression/expression.ts';
import { Problem } from '../problems.ts';

/** A request without its credential. */
export interface RenderedRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

// What common servers and proxies accept in a request line.
const MAX_URL_LENGTH = 8_192;
// Enough to see through double encoding with one to spare.
const DECODE_ROUNDS = 3;

/**
 * Builds the request of a plan. Values come from the caller and are hostile: one that could change the path, the host or the
 * headers is refused with `path_value_rejected`, `header_value_rejected` or `inputs_invalid`; an expression that fails gives
 * `request_rendering_failed`.
 */
export async function renderRequest(
  plan: RequestPlan,
  context: ExpressionContext,
  pageQuery: readonly (readonly [string, string])[] = [],
): Promise<RenderedRequest> {
  const path = await renderPath(plan, context);
  const query: string[] = [];
  for (const [name, template] of plan.query) {
    const value = queryText(name, await evaluate(template, context));
    if (value !== undefined) query.push(queryPair(name, value));
  }
  for (const [name, value] of pageQuery) query.push(queryPair(name, value));
  const url = new URL(`${plan.origin}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`);
  if (url.href.length > MAX_URL_LENGTH) {
    throw new Problem('inputs_invalid', `The inputs make a URL longer than ${MAX_URL_LENGTH} characters.`);
  }
  assertSamePath(plan, url);

  const headers: Record<string, string> = {};
  for (const [name, template] of plan.headers) {
    const value = await evaluate(template, context);
    if (value !== undefined && value !== null) headers[name] = headerText(name, value);
  }
  const body = plan.body === undefined ? undefined : JSON.stringify((await renderBody(plan.body, context)) ?? null);
  if (body !== undefined) headers['content-type'] ??= 'application/json';
  return { method: plan.method, url, headers, body };
}

async function renderPath(plan: RequestPlan, context: ExpressionContext): Promise<string> {
  let path = '';
  for (const segment of plan.segments) {
    path += `/${'literal' in segment ? segment.literal : encodeSegment(segment.name, await evaluate(segment.value, context))}`;
  }
  return path;
}

/** A value as one path segment. Percent-encoding alone does not stop `..`: URL parsers fold it away (RFC 3986 §5.2.4). */
function encodeSegment(name: string, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  const refuse = (why: string): never => {
    throw new Problem('path_value_rejected', `The value for "${name}" ${why}.`, {
      errors: [{ path: `/${name}`, message: why }],
    });
  };
  if (typeof text !== 'string') return refuse('is not a text');
  if (text === '') return refuse('is empty');
  let decoded = text;
  for (let round = 0; round <= DECODE_ROUNDS; round += 1) {
    if (decoded === '.' || decoded === '..') return refuse('is a dot segment');
    if (/[/\\]/.test(decoded)) return refuse('has a slash in it');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(decoded)) return refuse('has a control character in it');
    const further = decodeAscii(decoded);
    if (further === decoded) break;
    decoded = further;
  }
  try {
    return encodeURIComponent(text);
  } catch {
    return refuse('is not well-formed Unicode');
  }
}

/** Percent-encoded ASCII decoded; unlike `decodeURIComponent` not put off by what is malformed elsewhere in the text. */
function decodeAscii(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_match, octet: string) => String.fromCharCode(Number.parseInt(octet, 16)));
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
  if ('template' in plan) return evaluate(plan.template, context);
  if ('list' in plan) {
    const items = await Promise.all(plan.list.map((item) => renderBody(item, context)));
    return items.filter((item) => item !== undefined);
  }
  const entries = await Promise.all(
    plan.object.map(async ([key, value]) => [key, await renderBody(value, context)] as const),
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

async function evaluate(
  template: { evaluate(context: ExpressionContext): Promise<unknown> },
  context: ExpressionContext,
): Promise<unknown> {
  try {
    return await template.evaluate(context);
  } catch (error) {
    if (error instanceof ExpressionError)
      throw new Problem('request_rendering_failed', 'An expression of the request failed on these inputs.', {
        cause: error,
      });
    throw error;
  }
}
