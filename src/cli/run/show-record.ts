import { printable } from '../../connector/diagnostics.ts';
import type { Finding, Kept } from '../../scrub/scrub.ts';
import type { Terminal } from '../terminal.ts';

const MAX_ROWS = 40;
const MAX_REPLACEMENT_CHARS = 40;

const NAMES: Readonly<Record<Finding['kind'], string>> = {
  credential: 'credential',
  secret: 'secret',
  signed_url: 'signed URL',
  email: 'e-mail',
  person_name: 'name',
  phone: 'telephone',
  ip_address: 'IP address',
  person_id: 'id of a person',
  request_id: 'request id',
};

/** What was scrubbed, as a table: kind, place, replacement. Nothing of it is an original. */
export function scrubbedLines(findings: readonly Finding[], paint: Terminal['paintNote']): string[] {
  if (findings.length === 0) return ['Nothing in it had to be scrubbed.'];
  const rows = findings
    .slice(0, MAX_ROWS)
    .map(({ kind, place, count, replacements }) => [
      NAMES[kind],
      written(place) + (count > 1 ? ` (${count})` : ''),
      replacements.map((one) => cut(printable(one.replace(/\s+/g, ' ')))).join(', ') +
        (count > replacements.length ? ', …' : ''),
    ]);
  const head = ['What', 'Where', 'Now'];
  const widths = [0, 1].map((column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell))
      .join('  ')
      .trimEnd();
  return [
    'Scrubbed:',
    paint('dim', `  ${line(head)}`),
    ...rows.map((row) => `  ${line(row)}`),
    ...(findings.length > MAX_ROWS ? [`  … and ${findings.length - MAX_ROWS} more places`] : []),
  ];
}

/** What may be personal and was kept. */
export function keptLines(kept: readonly Kept[], paint: Terminal['paintNote']): string[] {
  if (kept.length === 0) return [];
  const rows = kept
    .slice(0, MAX_ROWS)
    .map(({ place, count, reason }) => `  ${written(place)}${count > 1 ? ` (${count})` : ''}: ${reason}`);
  const ids = kept.some(({ reason }) => reason === 'id of a person');
  return [
    paint('yellow', 'Kept, but look at it before you share it:'),
    ...rows,
    ...(kept.length > MAX_ROWS ? [`  … and ${kept.length - MAX_ROWS} more places`] : []),
    ...(ids ? ['Ids of people go with --scrub-ids.'] : []),
  ];
}

/** Most actions have one exchange, which needs no number. */
function written(place: string): string {
  return printable(place.replace(/^exchanges\[\]\./, ''));
}

function cut(text: string): string {
  return text.length > MAX_REPLACEMENT_CHARS ? `${text.slice(0, MAX_REPLACEMENT_CHARS - 1)}…` : text;
}
