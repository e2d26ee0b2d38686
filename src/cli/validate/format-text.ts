import { type Diagnostic, printable } from '../../connector/diagnostics.ts';
import type { Terminal } from '../terminal.ts';
import type { Report } from './check.ts';
import { elsewhereOf, summaryOf, toldFault } from './told-fault.ts';

/** The report for people: every fault with its place, its lines and its remedy, then the sum. */
export function formatText(report: Report, terminal: Pick<Terminal, 'paint'>): string {
  const { paint } = terminal;
  const elsewhere = elsewhereOf(report);
  const sum = summaryOf(report);
  return [
    ...report.faults.map((fault) => `${formatFault(fault, terminal)}\n`),
    ...(elsewhere === undefined ? [] : [paint('yellow', elsewhere)]),
    paint(report.faults.length > 0 ? 'red' : 'green', sum),
  ].join('\n');
}

function formatFault(fault: Diagnostic, { paint }: Pick<Terminal, 'paint'>): string {
  const { file, line, column, severity, rule, message, remedy, docs } = toldFault(fault);
  const frame = fault.frame === '' ? [] : fault.frame.split('\n').map((row) => paintRow(row, paint));
  return [
    `${paint('cyan', `${printable(file)}:${line}:${column}`)} ${paint('red', severity)} ${paint('bold', rule)} ${message}`,
    ...frame,
    `  ${paint('dim', 'fix')} ${remedy}`,
    `  ${paint('dim', 'see')} ${docs}`,
  ].join('\n');
}

function paintRow(row: string, paint: Terminal['paint']): string {
  if (/^\s+\|\s*\^$/.test(row)) return row.replace('^', paint('red', '^'));
  return row.startsWith('>') ? row : paint('dim', row);
}
