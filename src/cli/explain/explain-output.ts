import type { Action } from '../../connector/connector.ts';
import type { Path } from '../../connector/yaml-file.ts';
import type { PagePosition } from '../../engine/cursor.ts';
import { evaluateForOutput } from '../../engine/evaluate.ts';
import { following } from '../../engine/page.ts';
import type { ExpressionContext } from '../../expression/expression.ts';
import { Problem } from '../../problems.ts';
import { maskSecretsIn } from '../../scrub/mask.ts';
import type { Declaration } from './declaration.ts';
import { explainFields, shapeOf } from './explain-fields.ts';
import { toldProblem } from './explain-gate.ts';
import { explainNothing, probeIn } from './look-up.ts';
import type { ToldExpression, ToldOutput, ToldPaging } from './told.ts';

export interface Answered {
  readonly action: Action;
  readonly declaration: Declaration;
  /** What the output's expressions see. */
  readonly context: ExpressionContext;
  readonly position: PagePosition | undefined;
  readonly asked: URL | undefined;
}

/** The shaping of an answer, one expression after the other, and what is not as declared. */
export async function explainOutput(answered: Answered): Promise<ToldOutput> {
  const { action, declaration, context } = answered;
  const { output } = declaration.action;
  const variables: ToldExpression[] = [];
  let lets = '';
  const look = async (name: string, expression: string, path: Path, before = lets): Promise<ToldExpression> => {
    const wrap = (text: string) => `(${before}(${text}\n))`;
    const probe = probeIn(context, wrap);
    const value = await probe(expression);
    const place = (offset?: number) => declaration.place(path, offset);
    const empty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    const why = empty ? await explainNothing(expression, probe, place) : [];
    return { name, expression, place: place(), value: maskSecretsIn(value), why };
  };
  for (const [name, text] of Object.entries(output.let ?? {})) {
    variables.push(await look(name, text, ['output', 'let', name]));
    lets += `$${name} := (${text}\n); `;
  }
  const listed = 'list' in output ? await look('list', output.list, ['output', 'list']) : undefined;
  const object =
    'object' in output && output.item !== undefined
      ? await look('object', output.object, ['output', 'object'])
      : undefined;
  const { text: made, path: shapePath } = shapeOf(output);
  const warnings = action.warnings && (await look('warnings', action.warnings.text, ['warnings'], ''));
  const base = {
    variables,
    list: listed && {
      ...listed,
      items: Array.isArray(listed.value) ? listed.value.length : listed.value === undefined ? 0 : 1,
    },
    object,
    shape: made === undefined ? undefined : { expression: made, place: declaration.place(shapePath) },
    warnings,
  };
  try {
    const data = (await evaluateForOutput(action.output.shape, context)) ?? null;
    const fields = await explainFields({ declaration, context, lets, data });
    return {
      ...base,
      fields,
      paging: await explainPaging(answered, look),
      data: maskSecretsIn(data),
      failed: undefined,
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ...base, fields: [], paging: undefined, data: null, failed: toldProblem(error) };
  }
}

async function explainPaging(
  { action, declaration, context, position, asked }: Answered,
  look: (name: string, expression: string, path: Path, before: string) => Promise<ToldExpression>,
): Promise<ToldPaging | undefined> {
  const { pagination } = action;
  if (!pagination || !position) return undefined;
  const next = await following(pagination, position, context, asked);
  const declared = declaration.action.pagination as Readonly<Record<string, unknown>> | undefined;
  const expressions: ToldExpression[] = [];
  for (const name of ['more', 'next', 'count', 'total']) {
    const text = declared?.[name];
    if (typeof text === 'string') expressions.push(await look(name, text, ['pagination', name], ''));
  }
  const told = next === undefined ? undefined : String(maskSecretsIn(String(next)));
  return { style: pagination.style, more: next !== undefined, next: told, expressions };
}
