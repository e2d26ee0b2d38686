import type { Command } from 'commander';
import { EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

/**
 * `corbel diff`. `--json`: `{breaking, connectors: [{connector, before, after, suggested, version_suffices, changes: [{impact,
 * connector, action, kind, message}]}]}`. Exit 1 when something breaks, with `--check` when a version does not say so.
 */
export function addDiff(program: Command, run: RunCommand): void {
  program
    .command('diff')
    .summary('what a change of connectors means to those who call them')
    .description(
      'Compare two folders of connectors: what breaks callers, what is new, what they hardly notice, and which version it should be.',
    )
    .argument('<old>', 'a folder of connectors, or <revision>:<folder> of git')
    .argument('[new]', 'the same, later', 'connectors')
    .option('--check', 'fail only when the version of a connector does not say what changed')
    .addHelpText(
      'after',
      `
Impacts:
  breaking  calls, profiles or answers that worked will not: an action or field is gone, an input is newly required, …
  feature   something new that nobody has to use
  fix       other requests, values or words

Examples:
  $ corbel diff HEAD:connectors
  $ corbel diff --check v1.2.0:connectors connectors
  $ corbel diff ../before/connectors connectors --json`,
    )
    .action((old: string, now: string, options: { check?: boolean }, command: Command) =>
      run(command, async (terminal) => {
        const [{ loadSide }, { diffRegistries }, { describeDiffs, versionSuffices }] = await Promise.all([
          import('../diff/sources.ts'),
          import('../../connector-diff/diff-connectors.ts'),
          import('../diff/describe.ts'),
        ]);
        const before = await loadSide(terminal.cwd, old);
        const diffs = diffRegistries(before, await loadSide(terminal.cwd, now));
        const breaking = diffs.some(({ changes }) => changes.some(({ impact }) => impact === 'breaking'));
        if (terminal.json) {
          const connectors = diffs.map((diff) => ({ ...diff, version_suffices: versionSuffices(diff) }));
          terminal.print(JSON.stringify({ breaking, connectors }));
        } else terminal.print(describeDiffs(terminal, diffs));
        const wrong = options.check ? !diffs.every(versionSuffices) : breaking;
        return wrong ? EXIT.found : EXIT.ok;
      }),
    );
}
