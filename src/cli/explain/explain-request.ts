import { isBodyless } from '../../connector/compile-request.ts';
import type { BodyPlan, RequestPlan } from '../../connector/connector.ts';
import { isForm } from '../../connector/media-type.ts';
import type { Path } from '../../connector/yaml-file.ts';
import { bodyValue, encodeForm } from '../../engine/form.ts';
import type { RenderedRequest } from '../../engine/render.ts';
import { type ExpressionContext, ExpressionError } from '../../expression/expression.ts';
import type { Template } from '../../expression/template.ts';
import { maskSecretsIn } from '../../scrub/mask.ts';
import type { Declaration } from './declaration.ts';
import { explainTemplate } from './look-up.ts';
import type { Place } from './source-file.ts';
import type { ToldPart, ToldRequest } from './told.ts';

/** Where a request is declared. */
export interface RequestPlace {
  readonly declaration: Declaration;
  /** Of the request, in the action. */
  readonly path: Path;
}

/** Every part of a request that a template gives, with its value or why it is left out. */
export async function explainParts(
  plan: RequestPlan,
  context: ExpressionContext,
  at: RequestPlace,
): Promise<ToldPart[]> {
  const told: ToldPart[] = [];
  const tell = async (
    part: ToldPart['part'],
    name: string,
    template: Template,
    path: Path,
    from = at.declaration.place,
  ) => {
    const sentAsText = part !== 'body' || plan.bodyEncoding === 'form';
    told.push(await explainPart(part, name, template, context, { place: (offset) => from(path, offset), sentAsText }));
  };
  for (const segment of plan.segments) {
    if (!('value' in segment)) continue;
    const own = [...at.path, 'path_params', segment.name];
    await tell(
      'path',
      segment.name,
      segment.value,
      has(requestOf(at), 'path_params', segment.name) ? own : [...at.path, 'path'],
    );
  }
  for (const [name, template] of plan.query) await tell('query', name, template, [...at.path, 'query', name]);
  for (const [name, template] of plan.headers) {
    const [path, from] = headerPlace(name, at);
    await tell('header', name, template, path, from);
  }
  if (plan.body && !isBodyless(plan.method))
    await eachTemplate(plan.body, [], (name, template, path) =>
      tell('body', name, template, [...at.path, 'body', ...path]),
    );
  return told;
}

/** A request as it would be sent, secrets masked. */
export function toldRequest(
  { method, url, headers, body }: RenderedRequest,
  credential: Readonly<Record<string, string>>,
  parts: readonly ToldPart[],
): Omit<ToldRequest, 'answer'> {
  const told = body === undefined ? null : maskSecretsIn(bodyValue(body, headers['content-type']));
  return {
    method,
    url: String(maskSecretsIn(url.href)),
    headers: { ...(maskSecretsIn(headers) as Record<string, string>), ...credential },
    body: told,
    form: body !== undefined && isForm(headers['content-type']) ? membersOf(told) : undefined,
    bytes: undefined,
    parts,
  };
}

/** What is masked stays so: the form is written anew. */
function membersOf(form: unknown): [string, string][] {
  return [...new URLSearchParams(encodeForm(form))];
}

async function explainPart(
  part: ToldPart['part'],
  name: string,
  template: Template,
  context: ExpressionContext,
  { place, sentAsText }: { place: (offset?: number) => Place; sentAsText: boolean },
): Promise<ToldPart> {
  const told = { part, name, template: template.text, place: place() };
  try {
    const value = await template.evaluate(context);
    if (value === undefined || (value === null && sentAsText))
      return { ...told, outcome: 'left_out', why: await explainTemplate(template.text, context, place) };
    const sent = part === 'body' && sentAsText ? asTexts(value) : value;
    const masked = (maskSecretsIn({ [name]: sent }) as Record<string, unknown>)[name];
    return { ...told, outcome: template.literal ? 'literal' : 'value', value: masked, why: [] };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message, offset } = error;
    const why = { path: '', message, has: [], did_you_mean: undefined, place: place(offset ?? 0) };
    return { ...told, outcome: 'failed', why: [why] };
  }
}

/** A form has no other values. */
function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asTexts(member)]));
}

async function eachTemplate(
  body: BodyPlan,
  path: Path,
  look: (name: string, template: Template, path: Path) => Promise<void>,
): Promise<void> {
  if ('template' in body) await look(path.join('.') || '(all)', body.template, path);
  else if ('list' in body)
    for (const [index, item] of body.list.entries()) await eachTemplate(item, [...path, index], look);
  else if ('object' in body) for (const [key, member] of body.object) await eachTemplate(member, [...path, key], look);
}

/** A header stands in the request, in its API or in the defaults of the connector. */
function headerPlace(name: string, at: RequestPlace): readonly [Path, Declaration['place']] {
  const { declaration } = at;
  const request = requestOf(at);
  const own = keyOf(request?.headers, name);
  if (own !== undefined) return [[...at.path, 'headers', own], declaration.place];
  const api = typeof request?.api === 'string' ? request.api : declaration.action.api;
  const inApi = api === undefined ? undefined : keyOf(declaration.connector.apis?.[api]?.headers, name);
  if (api !== undefined && inApi !== undefined) return [['apis', api, 'headers', inApi], declaration.connectorPlace];
  return [
    ['defaults', 'headers', keyOf(declaration.connector.defaults?.headers, name) ?? name],
    declaration.connectorPlace,
  ];
}

function keyOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  return Object.keys(headers).find((key) => key.toLowerCase() === name);
}

type Declared = Readonly<Record<string, unknown>>;

function requestOf({ declaration, path }: RequestPlace): Declared | undefined {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as Declared)[step] : undefined),
    declaration.action,
  ) as Declared | undefined;
}

function has(declared: Declared | undefined, key: string, name: string): boolean {
  const members = declared?.[key];
  return typeof members === 'object' && members !== null && Object.hasOwn(members, name);
}
