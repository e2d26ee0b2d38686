import { printable } from '../../connector/diagnostics.ts';
import { PROBLEMS } from '../../problems.ts';
import type { Terminal } from '../terminal.ts';
import type { RunAnswer } from './calls.ts';

/** Data to standard output, everything else beside it; with `--json` all of it as one document. */
export function showAnswer(terminal: Terminal, answer: RunAnswer, startedAt: number): void {
  const { data, next, warnings, request_id, pages } = answer;
  const duration_ms = Math.round(performance.now() - startedAt);
  if (terminal.json) {
    terminal.print(
      JSON.stringify({ data, next, warnings, ...(request_id !== undefined && { request_id }), pages, duration_ms }),
    );
    return;
  }
  // JSON escapes control characters, but not those that turn the direction of a text.
  terminal.print(JSON.stringify(data, null, 2).split('\n').map(printable).join('\n'));
  for (const warning of warnings)
    terminal.note(`${terminal.paintNote('yellow', 'warning:')} ${printable(JSON.stringify(warning))}`);
  if (next !== null)
    terminal.note(terminal.paintNote('dim', `There is a further page: --all-pages, or next=${printable(next)}`));
  const told = [
    `${duration_ms} ms`,
    ...(pages > 1 ? [`${pages} pages`] : []),
    ...(request_id === undefined ? [] : [request_id]),
  ];
  terminal.note(terminal.paintNote('dim', told.map(printable).join('  ')));
}

/** A refusal with its remedy. */
export function showProblem(terminal: Terminal, document: Readonly<Record<string, unknown>>): void {
  if (terminal.json) {
    terminal.print(JSON.stringify({ error: document }));
    return;
  }
  const { code, detail, hint, errors, provider, request_id } = document;
  const known = typeof code === 'string' && Object.hasOwn(PROBLEMS, code);
  terminal.note(
    `${terminal.paintNote('red', printable(String(code ?? 'refused')))}: ${printable(String(detail ?? document.title ?? ''))}`,
  );
  for (const fault of Array.isArray(errors) ? (errors as { path?: unknown; message?: unknown }[]) : [])
    terminal.note(`  ${printable(String(fault.path ?? ''))} ${printable(String(fault.message ?? ''))}`);
  if (typeof hint === 'string') terminal.note(printable(hint));
  if (typeof provider === 'object' && provider !== null)
    terminal.note(terminal.paintNote('dim', `provider: ${printable(JSON.stringify(provider))}`));
  if (!known && typeof request_id === 'string') terminal.note(terminal.paintNote('dim', printable(request_id)));
}
