import { printable } from '../../connector/diagnostics.ts';
import type { Checked } from '../../local/check/check-example.ts';
import { CommandFailure, EXIT, type ExitCode } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import { counted } from '../validate/told-fault.ts';
import { failuresOf, runExamples, type TestRun } from './run-examples.ts';
import { selectExamples } from './selection.ts';
import { coverageLines } from './show-coverage.ts';
import { coloured, diffLines, failureLines } from './show-failure.ts';
import { testDocument } from './test-document.ts';
import { type UpdatedFile, updateExamples } from './update-examples.ts';

export interface TestOptions {
  directory: string;
  targets: readonly string[];
  only?: string | undefined;
  update: boolean;
  /** Percent that every connector's examples must show of it. */
  minCoverage?: number | undefined;
  verbose: boolean;
}

const MS_PER_S = 1_000;

/** Runs the examples once and tells what came of them; with `update`, runs those that it rewrote once more. */
export async function testOnce(terminal: Terminal, options: TestOptions): Promise<ExitCode> {
  const { directory, targets, only, update } = options;
  let run = await runSelected(terminal, options);
  let updated: UpdatedFile[] = [];
  if (update && failuresOf(run.checked).length > 0) {
    updated = await updateExamples(failuresOf(run.checked));
    // What was written is believed only when it passes.
    if (updated.length > 0) {
      const selection = await selectExamples(directory, targets, only, { mending: true });
      run = await runExamples(selection, Date.now, () => {});
    }
  }
  const failures = failuresOf(run.checked);
  const lacking = lackingCoverage(run, options.minCoverage);
  if (terminal.json) terminal.print(JSON.stringify(testDocument(run, updated)));
  else show(terminal, options, { run, updated, failures, lacking });
  return failures.length > 0 || lacking.length > 0 ? EXIT.found : EXIT.ok;
}

async function runSelected(terminal: Terminal, { directory, targets, only, update }: TestOptions): Promise<TestRun> {
  const selection = await selectExamples(directory, targets, only, { mending: update });
  return runExamples(selection, Date.now, (connector, checked, durationMs) => {
    if (terminal.json) return;
    const failed = failuresOf(checked).length;
    const told = `${connector.id}  ${counted(checked.length, 'example')}${failed > 0 ? `, ${failed} failed` : ''}  ${seconds(durationMs)}`;
    terminal.print(`${failed > 0 ? terminal.paint('red', '✗') : terminal.paint('green', '✓')} ${told}`);
  });
}

interface Shown {
  run: TestRun;
  updated: readonly UpdatedFile[];
  failures: readonly Checked[];
  lacking: readonly string[];
}

function show(
  terminal: Terminal,
  { verbose, minCoverage }: TestOptions,
  { run, updated, failures, lacking }: Shown,
): void {
  const { paint, print } = terminal;
  for (const { file, before, after } of updated) {
    print(`\n${paint('bold', printable(`${file} was rewritten`))}`);
    for (const line of diffLines(before, after)) print(coloured(line, paint));
  }
  if (failures.length > 0) print('');
  for (const failure of failures) for (const line of failureLines(failure, paint, verbose)) print(line);
  if (run.coverage) {
    if (failures.length === 0) print('');
    for (const line of coverageLines(run.coverage, paint, verbose)) print(line);
  }
  const passed = run.checked.length - failures.length;
  const counts = [
    ...(failures.length > 0 ? [paint('red', `${failures.length} failed`)] : []),
    paint('green', `${passed} passed`),
  ];
  print(`\n${counts.join(', ')} of ${counted(run.checked.length, 'example')} in ${seconds(run.durationMs)}`);
  for (const connector of lacking)
    print(paint('red', `The examples of ${printable(connector)} show less than ${minCoverage}% of it.`));
}

function lackingCoverage({ coverage = [] }: TestRun, minimum: number | undefined): string[] {
  return minimum === undefined
    ? []
    : coverage.filter(({ percent }) => percent < minimum).map(({ connector }) => connector);
}

/** Throws {@link CommandFailure} (usage): in CI nobody looks at what is rewritten. */
export function refuseUpdateInCi({ env }: Terminal, force: boolean): void {
  if (force || env.CI === undefined || ['', '0', 'false'].includes(env.CI)) return;
  throw new CommandFailure(
    EXIT.usage,
    'In CI the examples are not rewritten (CI is set).',
    'Update them where somebody looks at the change, or say --force.',
  );
}

function seconds(durationMs: number): string {
  return `${(durationMs / MS_PER_S).toFixed(1)} s`;
}
