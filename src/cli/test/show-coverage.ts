import { printable } from '../../connector/diagnostics.ts';
import {
  COVERAGE_PARTS,
  type Coverage,
  type CoverageName,
  type CoveredPart,
  percentOf,
} from '../../local/check/coverage.ts';
import type { Terminal } from '../terminal.ts';

// An action without examples lacks an answer and a refusal, too.
const COLUMNS = COVERAGE_PARTS.filter((name) => name !== 'examples');
// Enough for a look; the whole list may have hundreds.
const MAX_SHOWN = 5;

/** A table with a line a connector, then what is missing: the first few, or with `verbose` all. */
export function coverageLines(coverage: readonly Coverage[], paint: Terminal['paint'], verbose: boolean): string[] {
  if (coverage.length === 0) return [];
  const header = ['coverage', ...COLUMNS, 'all'];
  const rows = coverage.map(({ connector, parts, percent }) => [
    connector,
    ...COLUMNS.map((name) => cellOf(parts[name])),
    `${percent}%`,
  ]);
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  const missing = coverage.flatMap(missingOf);
  const shown = verbose ? missing : missing.slice(0, MAX_SHOWN);
  return [
    paint('bold', line(header)),
    ...rows.map(line),
    ...shown.map((text) => `  ${paint('yellow', '○')} ${printable(text)}`),
    ...(shown.length < missing.length
      ? [paint('dim', `  … and ${missing.length - shown.length} more (--verbose)`)]
      : []),
  ];
}

function missingOf({ parts }: Coverage): string[] {
  const without = new Set(parts.examples?.missing.map((text) => text.split(':')[0]));
  const all = Object.entries(parts) as [CoverageName, CoveredPart][];
  // Of an action without any example that is enough to say.
  return all.flatMap(([name, { missing }]) =>
    name === 'examples' ? missing : missing.filter((text) => !without.has(text.split(':')[0])),
  );
}

function cellOf(part: CoveredPart | undefined): string {
  return part === undefined || part.total === 0 ? '-' : `${percentOf([part])}%`;
}
