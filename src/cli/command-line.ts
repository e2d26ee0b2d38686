import { type CommanderError, InvalidArgumentError } from 'commander';
import { didYouMean } from '../connector/suggest.ts';
import { CommandFailure, EXIT } from './outcome.ts';

/** Whether one JSON document is wanted: known before the command line is understood, as what is wrong with it is told so, too. */
export function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).includes('--json');
}

/**
 * What ended the reading of a command line, as one JSON document: `{version}`, `{help}`, or `{"error": {message, hint}}` like any
 * other failure.
 */
export function endOfReading({ code, exitCode, message }: CommanderError, said: string): object {
  if (exitCode === 0) return { [code === 'commander.version' ? 'version' : 'help']: said.trim() };
  const hint = 'corbel help <command> shows examples.';
  // Groups of commands (`corbel keys`) do nothing by themselves but tell of their commands.
  if (code === 'commander.help') return { error: { message: 'Which command?', hint } };
  const [told = '', ...meant] = message.replace(/^error: /, '').split('\n');
  return { error: { message: [told, ...meant].join(' '), hint } };
}

/** Reads a whole number of an option, or tells which ones it takes. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`);
    return value;
  };
}

export const MAX_PORT = 65_535;

/** The failure of naming a connector that is not there, with the one that was probably meant. */
export function noSuchConnector(name: string, known: Iterable<string>, hint?: string): CommandFailure {
  const names = [...known];
  return new CommandFailure(EXIT.usage, `There is no connector "${name}"${didYouMean(name, names)}`, hint);
}
