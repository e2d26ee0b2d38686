import type { Terminal } from '../terminal.ts';
import { block, placeText, problemLines, short, whyLines, written } from './print-text.ts';
import type { ToldExpression, ToldField, ToldOutput } from './told.ts';

type Paint = Terminal['paint'];

const MAX_DATA_LINES = 40;

/** The shaping of an answer. */
export function outputLines(output: ToldOutput, paint: Paint): string[] {
  const { variables, list, object, shape, fields, warnings, paging, data, failed } = output;
  return [
    ...variables.flatMap((one) => expressionLines({ ...one, name: `let $${one.name}` }, paint)),
    ...(list ? expressionLines(list, paint, `${list.items} ${list.items === 1 ? 'item' : 'items'}`) : []),
    ...(object ? expressionLines(object, paint) : []),
    ...(shape ? [`${paint('dim', list || object ? 'item' : 'object')} ${written(shape.expression)}`] : []),
    ...(failed ? problemLines(failed, paint) : []),
    ...(warnings
      ? [
          `${paint('dim', 'warnings')} ${written(warnings.expression)} → ${warnings.value === undefined ? 'nothing' : short(warnings.value)}`,
        ]
      : []),
    ...(paging
      ? [
          paging.more
            ? `${paint('dim', 'paging')} ${paging.style}: a further page, ${short(paging.next)}`
            : `${paint('dim', 'paging')} ${paging.style}: this is the last page`,
          ...paging.expressions.flatMap((one) => expressionLines(one, paint).map((line) => `  ${line}`)),
        ]
      : []),
    ...(fields.length === 0 ? [] : ['', paint('bold', 'Not as declared')]),
    ...fields.flatMap((field) => fieldLines(field, paint)),
    ...(failed ? [] : ['', paint('bold', 'Data'), ...block(data, MAX_DATA_LINES)]),
  ];
}

function expressionLines(
  { name, expression, value, why, place }: ToldExpression,
  paint: Paint,
  told?: string,
): string[] {
  const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  const result = told ?? (isEmpty ? (value === undefined ? 'nothing' : short(value)) : short(value));
  return [
    `${paint('dim', name)} ${written(expression)} → ${isEmpty ? paint('yellow', result) : result}`,
    ...(isEmpty && why.length === 0 ? [`  ${paint('dim', placeText(place))}`] : []),
    ...whyLines(why, paint).map((line) => `  ${line}`),
  ];
}

function fieldLines({ name, fault, items, of, declared, found, place, why }: ToldField, paint: Paint): string[] {
  const where = of === 1 ? '' : ` in ${items} of ${of} items`;
  const told = {
    missing: `is nothing${where}`,
    other_type: `is ${found} where ${declared} is declared${where}`,
    not_declared: `is not declared${where}`,
  }[fault];
  const lines = [`${paint('yellow', '!')} ${paint('bold', name)} ${told}`];
  if (why.length === 0) return [...lines, `  ${paint('dim', placeText(place))}`];
  return [...lines, ...whyLines(why, paint).map((line) => `  ${line}`)];
}
