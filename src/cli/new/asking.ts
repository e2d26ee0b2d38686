import { EXIT, type ExitCode } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import type { Ask } from './ask.ts';

/** Questions to whoever sits at the terminal; undefined where nobody does. */
export async function askOf(terminal: Terminal): Promise<Ask | undefined> {
  if (!terminal.interactive) return undefined;
  const { createAsk } = await import('./ask.ts');
  return createAsk({ input: process.stdin, output: process.stderr });
}

/** Whoever breaks off a question knows it: that is told by the exit code alone. */
export async function unlessBrokenOff(work: () => Promise<ExitCode>): Promise<ExitCode> {
  const { BrokenOff } = await import('./ask.ts');
  try {
    return await work();
  } catch (error) {
    if (error instanceof BrokenOff) return EXIT.usage;
    throw error;
  }
}
