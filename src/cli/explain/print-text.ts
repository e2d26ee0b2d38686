import { printable } from '../../connector/diagnostics.ts';
import type { Terminal } from '../terminal.ts';
import type { Place } from './source-file.ts';
import type { ToldMissing, ToldProblem } from './told.ts';

type Paint = Terminal['paint'];

// A terminal of 80 columns, less the deepest indentation.
const WRAP_COLUMNS = 70;
const SHORT_CHARS = 72;

/** An expression or a text on one line. */
export function written(text: string): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  return line.length > SHORT_CHARS ? `${line.slice(0, SHORT_CHARS - 1)}…` : line;
}

/** A value as JSON on one line. */
export function short(value: unknown): string {
  return written(JSON.stringify(value) ?? 'nothing');
}

/** A text as lines of at most 70 characters, broken between words. */
export function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(/\s+/)) {
    if (line !== '' && line.length + word.length + 1 > WRAP_COLUMNS) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A value as indented JSON, cut after so many lines. */
export function block(value: unknown, maxLines: number): string[] {
  const lines = (JSON.stringify(value, null, 2) ?? 'nothing').split('\n').map((line) => printable(line));
  return lines.length <= maxLines ? lines : [...lines.slice(0, maxLines), `… ${lines.length - maxLines} more lines`];
}

/** `connectors/a/actions/b.yaml:7:12`. */
export function placeText({ file, line, column }: Place): string {
  return `${printable(file)}:${line}:${column}`;
}

/** Why an expression gave nothing, a line for each path. */
export function whyLines(why: readonly ToldMissing[], paint: Paint): string[] {
  return why.flatMap(({ message, place }) => [
    ...wrapped(message).map((line, index) => `${index === 0 ? '↳ ' : '  '}${paint('yellow', line)}`),
    `  ${paint('dim', placeText(place))}`,
  ]);
}

/** A refusal with its remedy. */
export function problemLines({ code, message, hint }: ToldProblem, paint: Paint): string[] {
  return [`${paint('red', code)}: ${printable(message)}`, ...wrapped(hint).map((line) => paint('dim', line))];
}
