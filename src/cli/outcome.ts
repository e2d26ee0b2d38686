import { ConnectorError, type Diagnostic } from '../connector/diagnostics.ts';
import { maskSecrets } from '../logger.ts';
import { PROBLEMS, Problem } from '../problems.ts';
import { describeStartFailure } from '../start-failure.ts';
import type { Terminal } from './terminal.ts';

/** What the exit of a command says. Public: scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** The command worked and found something wrong: faults, failing examples, a breaking change, a refusal. */
  found: 1,
  /** The command line is not understood, or names what is not there. */
  usage: 2,
  /** The command could not do its work: a store, a server or a file is not to be had. */
  failed: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that ends early. Messages are shown to people; they hold no secrets and no stack. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(message);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** Tells of a failure, in words or as `{"error": …}`, and gives the exit code. Never shows a stack. */
export function reportFailure(terminal: Terminal, error: unknown): ExitCode {
  const told = tell(error);
  if (terminal.json) terminal.print(JSON.stringify({ error: told.json }));
  else {
    terminal.note(terminal.paintNote('red', told.message));
    if (told.hint !== undefined) terminal.note(told.hint);
  }
  return told.exitCode;
}

interface Told {
  exitCode: ExitCode;
  message: string;
  hint: string | undefined;
  json: Record<string, unknown>;
}

function tell(error: unknown): Told {
  if (error instanceof CommandFailure) {
    const { exitCode, message, hint } = error;
    return { exitCode, message, hint, json: { message, ...(hint !== undefined && { hint }) } };
  }
  if (error instanceof Problem) {
    const { code, message } = error;
    const hint = error.options.hint ?? PROBLEMS[code].hint;
    return { exitCode: EXIT.found, message: `${code}: ${message}`, hint, json: { code, message, hint } };
  }
  if (error instanceof ConnectorError) {
    const { message, diagnostics } = error;
    return { exitCode: EXIT.found, message, hint: undefined, json: { message: 'faults', faults: bare(diagnostics) } };
  }
  const message = shortly(error);
  return { exitCode: EXIT.failed, message, hint: undefined, json: { message } };
}

/** Without the stack that an unforeseen error has: whoever reads this did not write the program. */
function shortly(error: unknown): string {
  const told = describeStartFailure(error);
  return error instanceof Error && told === maskSecrets(error.stack ?? '') ? maskSecrets(error.message) : told;
}

function bare(diagnostics: readonly Diagnostic[]): Omit<Diagnostic, 'frame'>[] {
  return diagnostics.map(({ frame: _frame, ...fault }) => fault);
}
