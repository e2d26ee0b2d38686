import { printable } from '../../connector/diagnostics.ts';
import type { Terminal } from '../terminal.ts';
import { block, placeText, problemLines, short, whyLines, written } from './print-text.ts';
import type { ToldAnswer, ToldPart, ToldRequest } from './told.ts';

type Paint = Terminal['paint'];

const MAX_BODY_LINES = 24;
// A terminal of 80 columns, less the indentation and what stands between.
const MAX_LINE_CHARS = 74;

/** A request with what its parts were made of, and its answer. */
export function requestLines(request: ToldRequest, paint: Paint): string[] {
  const { method, url, headers, body, form, bytes, parts, answer } = request;
  const dynamic = parts.filter(({ outcome }) => outcome !== 'literal');
  return [
    `${paint('bold', method)} ${printable(url)}`,
    ...Object.entries(headers).map(([name, value]) => `${paint('dim', `${printable(name)}:`)} ${printable(value)}`),
    ...(form ? formLines(form, paint) : body === null ? [] : block(body, MAX_BODY_LINES)),
    ...(bytes === undefined ? [] : [`${bytes} bytes of the file`]),
    ...(dynamic.length === 0 ? [] : ['', paint('dim', 'made of')]),
    ...dynamic.flatMap((part) => partLines(part, widthOf(dynamic), paint)),
    ...(answer ? ['', ...answerLines(answer, paint)] : []),
  ];
}

/** Decoded, as a person reads it. */
function formLines(form: readonly (readonly [string, string])[], paint: Paint): string[] {
  const lines = form.map(([name, value]) => `${printable(name)}=${printable(value.replaceAll('\n', '\\n'))}`);
  const told = paint('dim', form.length === 0 ? 'an empty form' : 'a form, sent percent-encoded');
  const more = lines.length - MAX_BODY_LINES;
  return [told, ...lines.slice(0, MAX_BODY_LINES), ...(more > 0 ? [`… ${more} more lines`] : [])];
}

function widthOf(parts: readonly ToldPart[]): number {
  return Math.max(...parts.map(({ part, name }) => `${part} ${name}`.length));
}

function partLines(
  { part, name, template, place, outcome, value, why }: ToldPart,
  width: number,
  paint: Paint,
): string[] {
  const label = `${part} ${printable(name)}`.padEnd(width);
  const said = {
    value: short(value),
    literal: short(value),
    left_out: part === 'path' ? 'nothing' : 'left out',
    failed: 'fails',
  }[outcome];
  const told = outcome === 'value' ? said : paint(outcome === 'failed' ? 'red' : 'yellow', said);
  // An input that was not given needs no address.
  const expected = outcome === 'left_out' && why.every(({ path }) => /^(?:inputs|account)\.\w+$/.test(path));
  const from = `← ${written(template)}`;
  const fits = label.length + said.length + from.length < MAX_LINE_CHARS;
  return [
    `${label}  ${told}${fits ? `  ${paint('dim', from)}` : ''}`,
    ...(fits ? [] : [paint('dim', `  ${from}`)]),
    ...(expected ? why.map(({ message }) => paint('dim', `  ↳ ${printable(message)}`)) : []),
    ...(expected || outcome === 'value' ? [] : [paint('dim', `  ${placeText(place)}`)]),
    ...(expected ? [] : whyLines(why, paint).map((line) => `  ${line}`)),
  ];
}

function answerLines(answer: ToldAnswer, paint: Paint): string[] {
  const { status, headers, body, refused_when, rules, refusal } = answer;
  const ok = refusal === undefined;
  const lines = [
    `${paint(ok ? 'green' : 'red', `answer ${status}`)}${refused_when ? `  refused_when ${written(refused_when.expression)} → ${refused_when.value === undefined ? 'nothing' : short(refused_when.value)}` : ''}`,
    ...Object.entries(headers).map(([name, value]) => paint('dim', `${printable(name)}: ${printable(value)}`)),
    ...(body === null || body === '' ? [] : block(body, MAX_BODY_LINES).map((line) => paint('dim', line))),
  ];
  if (ok) return lines;
  const tried = rules.map(({ expression, code, holds, failed, place }) =>
    holds
      ? `${paint('green', '✓')} ${written(expression)} → ${paint('bold', code)}  ${paint('dim', placeText(place))}`
      : `${paint('dim', `✗ ${written(expression)}${failed ? ' (fails on this answer)' : ''}`)}`,
  );
  const held = rules.some(({ holds }) => holds);
  return [
    ...lines,
    '',
    paint(
      'dim',
      rules.length === 0
        ? 'the connector has no error rules: the status decides'
        : 'error rules, up to the first that holds',
    ),
    ...tried,
    ...(rules.length > 0 && !held ? [paint('dim', 'none holds: the status decides')] : []),
    '',
    ...problemLines(refusal, paint),
  ];
}
