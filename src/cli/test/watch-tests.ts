import { type ExitCode, reportFailure } from '../outcome.ts';
import { repeatOnChange } from '../repeat-on-change.ts';
import type { Terminal } from '../terminal.ts';
import { type TestOptions, testOnce } from './test-command.ts';

/**
 * Runs the examples, and again whenever a file of the connectors was saved, until interrupted; gives what the last run gave.
 * Broken files are told, and waited for.
 */
export async function watchTests(terminal: Terminal, options: TestOptions): Promise<ExitCode> {
  return repeatOnChange([options.directory], terminal.interrupted(), async () => {
    const exitCode = await testOnce(terminal, options).catch((error: unknown) => reportFailure(terminal, error));
    terminal.note(terminal.paintNote('dim', '\nWaiting for a change; Ctrl-C ends.'));
    return exitCode;
  });
}
