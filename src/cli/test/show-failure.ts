import { structuredPatch } from 'diff';
import { printable } from '../../connector/diagnostics.ts';
import type { Checked } from '../../local/check/check-example.ts';
import { type Difference, inOrderOf } from '../../local/check/difference.ts';
import type { Terminal } from '../terminal.ts';

// Enough to see where in the data it is.
const CONTEXT_LINES = 2;
// Whoever wants more than a screen of one difference, asks for it.
const MAX_LINES = 40;

/** A failing example for people: where it stands, what differs (`-` as declared, `+` as it was), what to do. */
export function failureLines(failure: Checked, paint: Terminal['paint'], verbose: boolean): string[] {
  const { connector, action, example, differences } = failure;
  const name = localName(connector.id, action.id);
  return [
    `${paint('red', '✗')} ${paint('bold', name)} ${printable(example.name)}`,
    `  ${paint('dim', printable(`${example.at.file}:${example.at.line}`))}`,
    ...differences.flatMap((difference) => differenceLines(difference, paint, verbose)).map((line) => `  ${line}`),
    `  ${paint('dim', `Is the new one right? corbel test ${name} --update`)}`,
    '',
  ];
}

/** `connector.action`, as commands take it. */
export function localName(connector: string, action: string): string {
  return `${connector}.${action.slice(connector.length + 1)}`;
}

function differenceLines(difference: Difference, paint: Terminal['paint'], verbose: boolean): string[] {
  const { message, expected, actual, remedy } = difference;
  const lines = [
    ...message.split('\n').map((line) => printable(line)),
    ...cut(comparedLines(expected, actual), verbose).map((line) => `  ${coloured(line, paint)}`),
  ];
  return remedy === undefined ? lines : [...lines, paint('cyan', `→ ${printable(remedy)}`)];
}

/** A diff of JSON values; of short ones just both. */
export function comparedLines(expected: unknown, actual: unknown): string[] {
  if (expected === undefined && actual === undefined) return [];
  const [before, after] = [linesOf(expected), linesOf(inOrderOf(expected, actual))];
  if (before.length <= 1 && after.length <= 1)
    return [...before.map((line) => `- ${line}`), ...after.map((line) => `+ ${line}`)];
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  return diffLines(text(before), text(after));
}

/** A unified diff without its heads; what lies between two places is dots. */
export function diffLines(before: string, after: string, context = CONTEXT_LINES): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context });
  return hunks.flatMap(({ lines }, index) => [
    ...(index > 0 ? ['  …'] : []),
    ...lines.filter((line) => !line.startsWith('\\')).map((line) => `${line.slice(0, 1)} ${printable(line.slice(1))}`),
  ]);
}

export function coloured(line: string, paint: Terminal['paint']): string {
  if (line.startsWith('- ')) return paint('red', line);
  return line.startsWith('+ ') ? paint('green', line) : line;
}

function linesOf(value: unknown): string[] {
  return value === undefined ? [] : JSON.stringify(value, null, 2).split('\n').map(printable);
}

function cut(lines: readonly string[], verbose: boolean): readonly string[] {
  if (verbose || lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `  … ${lines.length - MAX_LINES} more lines (--verbose)`];
}
