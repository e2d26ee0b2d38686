import { compileExpression } from '../../expression/compile.ts';
import { type ExpressionContext, ExpressionError } from '../../expression/expression.ts';
import { endOfExpression } from '../../expression/scan.ts';
import { readPaths } from './read-paths.ts';
import type { Place } from './source-file.ts';
import type { ToldMissing } from './told.ts';
import { type Probe, whyNothing } from './why-nothing.ts';

/** Evaluates beginnings of an expression in its context; what cannot be evaluated gives nothing. */
export function probeIn(context: ExpressionContext, wrap: (text: string) => string = (text) => text): Probe {
  return async (text) => {
    try {
      return await compileExpression(wrap(text)).evaluate(context);
    } catch (error) {
      if (error instanceof ExpressionError) return undefined;
      throw error;
    }
  };
}

/** Why an expression gives nothing; `place` tells where a character of it stands. */
export async function explainNothing(
  expression: string,
  probe: Probe,
  place: (offset: number) => Place,
): Promise<ToldMissing[]> {
  const missing = await whyNothing(readPaths(expression), probe);
  return missing.map(({ offset, ...told }) => ({ ...told, place: place(offset) }));
}

/** Why a template with `${…}` gives nothing. */
export async function explainTemplate(
  template: string,
  context: ExpressionContext,
  place: (offset: number) => Place,
): Promise<ToldMissing[]> {
  const told: ToldMissing[] = [];
  for (const { offset, text } of expressionsIn(template))
    told.push(...(await explainNothing(text, probeIn(context), (within) => place(offset + within))));
  return told;
}

function expressionsIn(template: string): { offset: number; text: string }[] {
  const found: { offset: number; text: string }[] = [];
  for (let at = template.indexOf('${'); at >= 0; at = template.indexOf('${', at)) {
    if (template[at - 1] === '$') {
      at += 2;
      continue;
    }
    const end = endOfExpression(template, at + 2);
    found.push({ offset: at + 2, text: template.slice(at + 2, end - 1) });
    at = end;
  }
  return found;
}
