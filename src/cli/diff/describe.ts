import type { Impact } from '../../connector-diff/change.ts';
import type { ConnectorDiff } from '../../connector-diff/diff-connectors.ts';
import { suffices } from '../../connector-diff/version.ts';
import type { Terminal } from '../terminal.ts';

const COLOURS = { breaking: 'red', feature: 'green', fix: 'dim' } as const satisfies Record<Impact, string>;
const WIDTH = 'breaking'.length;

/** The differences in words, a block for each connector. */
export function describeDiffs(terminal: Pick<Terminal, 'paint'>, diffs: readonly ConnectorDiff[]): string {
  if (diffs.length === 0) return 'No differences.';
  return diffs
    .map((diff) => {
      const lines = diff.changes.map(
        ({ impact, action, message }) =>
          `  ${terminal.paint(COLOURS[impact], impact.padEnd(WIDTH))}  ${action === undefined ? '' : `${action}: `}${message}`,
      );
      return [terminal.paint('bold', headline(diff)), ...lines].join('\n');
    })
    .join('\n\n');
}

function headline(diff: ConnectorDiff): string {
  const { connector, before = 'no version', after = 'no version', suggested } = diff;
  if (suggested === undefined) return `${connector} ${before} is gone`;
  return `${connector} ${before} → ${after}${versionSuffices(diff) ? '' : ` (should be ${suggested} at least)`}`;
}

/** Whether the connector has the version that its changes call for. */
export function versionSuffices({ after, suggested }: ConnectorDiff): boolean {
  return suggested === undefined || suffices(after, suggested);
}
