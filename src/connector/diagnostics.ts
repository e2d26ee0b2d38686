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
  const rows: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const source = printable((lines[number - 1] ?? '').slice(0, FRAME_MAX_COLUMNS));
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${source}`.trimEnd());
    if (number === line && column <= FRAME_MAX_COLUMNS)
      rows.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`);
  }
  return rows.join('\n');
}

/** Without control characters, which would act on a terminal. A tab becomes one space, so that the caret stays in place. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => (character === '\t' ? ' ' : '\uFFFD'));
}
