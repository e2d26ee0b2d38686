import type { Command } from 'commander';
import { type ExitCode, reportFailure } from './outcome.ts';
import { processTerminal, type Terminal, type TerminalProcess } from './terminal.ts';

/** Does a command's work: gives it the terminal, tells of its failure, sets the exit code. Never rejects. */
export type RunCommand = (command: Command, work: (terminal: Terminal) => Promise<ExitCode>) => Promise<void>;

/** What commands need of a process. */
export type CommandProcess = TerminalProcess & Pick<NodeJS.Process, 'exitCode'>;

/** Runs commands in the given process. */
export function createRunCommand(from: CommandProcess): RunCommand {
  // Whoever reads the answer may go away (`| head`); that is no failure of the command.
  from.stdout.on('error', () => {});
  return async (command, work) => {
    const terminal = processTerminal(from, { json: command.optsWithGlobals().json === true });
    try {
      from.exitCode = await work(terminal);
    } catch (error) {
      from.exitCode = reportFailure(terminal, error);
    }
  };
}
