import type { RuleId } from './rules.ts';

/** One fault in one place of a connector's files. Lines and columns count from 1. */
export interface Diagnostic {
  file: string;
  line: number;
  column: number;
  rule: RuleId;
  message: string;
  /** The lines around the place, with a caret under it. */
  frame: string;
}

/** Thrown by the loader with every fault that it found, in the order of files and lines. */
export class ConnectorError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n\n'));
    this.name = 'ConnectorError';
    this.diagnostics = diagnostics;
  }
}

/** `file:line:column RULE message`, then the frame. */
export function formatDiagnostic({ file, line, column, rule, message, frame }: Diagnostic): string {
  return `${file}:${line}:${column} ${rule} ${message}${frame && `\n${frame}`}`;
}

// A message quotes what is wrong; nobody reads a quoted kilobyte.
const MAX_MESSAGE_CHARS = 500;
// Enough to recognise the place, short enough for a screen full of faults.
const FRAME_CONTEXT_LINES = 2;
const FRAME_MAX_COLUMNS = 160;
// Of a longer line: what is shown before the place, so that what comes after it is seen, too.
const FRAME_COLUMNS_BEFORE = 60;

/** Completes a diagnostic with its frame; `lines` are those of the file. Messages and frames can be printed on a terminal. */
export function diagnosticAt(fault: Omit<Diagnostic, 'frame'>, lines: readonly string[]): Diagnostic {
  const { message } = fault;
  const short = message.length > MAX_MESSAGE_CHARS ? `${message.slice(0, MAX_MESSAGE_CHARS - 1)}…` : message;
  return { ...fault, message: printable(short), frame: codeFrame(lines, fault.line, fault.column) };
}

/** The lines around a place, numbered, with a caret under the column. */
function codeFrame(lines: readonly string[], line: number, column: number): string {
  const first = Math.max(1, line - FRAME_CONTEXT_LINES);
  const last = Math.min(lines.length, line + FRAME_CONTEXT_LINES);
  const width = String(last).length;
  const from = column > FRAME_MAX_COLUMNS ? column - FRAME_COLUMNS_BEFORE : 0;
  const rows: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const text = lines[number - 1] ?? '';
    const here = number === line;
    const source = printable(here && from > 0 ? `…${excerpt(text, from)}` : excerpt(text, 0));
    rows.push(`${here ? '>' : ' '} ${String(number).padStart(width)} | ${source}`.trimEnd());
    if (!here) continue;
    const before = (from > 0 ? ' ' : '') + blank(printable(text.slice(from, column - 1)));
    rows.push(`  ${' '.repeat(width)} | ${before}^`);
  }
  return rows.join('\n');
}

function excerpt(line: string, from: number): string {
  return line.length - from > FRAME_MAX_COLUMNS ? `${line.slice(from, from + FRAME_MAX_COLUMNS)}…` : line.slice(from);
}

// Of C0 and C1 a terminal takes orders; of the directional ones it shows text in another order than it stands in the file.
const ACTS_ON_TERMINALS = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]|\p{Surrogate}/gu;

/** Without control characters, which would act on a terminal. A tab becomes one space, so that a caret stays in place. */
export function printable(text: string): string {
  return replaceActing(text, (character) => (character === '\t' ? ' ' : '\uFFFD'));
}

/** The text with something else in the place of every character that acts on a terminal, line breaks among them. */
export function replaceActing(text: string, instead: (character: string) => string): string {
  return text.replace(ACTS_ON_TERMINALS, (character) => instead(character));
}

const NO_COLUMN = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
// The greater part of East Asian Width W and F (Unicode Standard Annex 11); terminals differ about the rest.
const TWO_COLUMNS =
  /^[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]$/u;

/** Spaces as wide as the text is on a terminal. */
function blank(text: string): string {
  return [...text]
    .map((character) => (NO_COLUMN.test(character) ? '' : TWO_COLUMNS.test(character) ? '  ' : ' '))
    .join('');
}
