import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { endOfReading, wantsJson } from './command-line.ts';
import { addAudit } from './commands/audit.ts';
import { addDev } from './commands/dev.ts';
import { addDiff } from './commands/diff.ts';
import { addDocs } from './commands/docs.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addGuide } from './commands/guide.ts';
import { addKeys } from './commands/keys.ts';
import { addMock } from './commands/mock.ts';
import { addNew } from './commands/new.ts';
import { addRotate } from './commands/rotate.ts';
import { addRun } from './commands/run.ts';
import { addScopes } from './commands/scopes.ts';
import { addTest } from './commands/test.ts';
import { addValidate } from './commands/validate.ts';
import { EXIT } from './outcome.ts';
import { type CommandProcess, createRunCommand, type RunCommand } from './run-command.ts';
import { harmless, processTerminal } from './terminal.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Each adds one command; what the command needs is imported only when it runs, so that every command starts at once. */
const CONTRIBUTORS: readonly ((program: Command, run: RunCommand) => void)[] = [
  addNew,
  addValidate,
  addDev,
  addDiff,
  addDocs,
  addScopes,
  addExplain,
  addRun,
  addGuide,
  addTest,
  addMock,
];
const OPERATORS: readonly ((program: Command, run: RunCommand) => void)[] = [addDoctor, addKeys, addAudit, addRotate];

/**
 * Reads the command line of the given process and does what it says: everything that `corbel` is. Sets the exit code; rejects
 * only for a fault of the program.
 */
export async function runCorbel(from: CommandProcess & Pick<NodeJS.Process, 'argv'>): Promise<void> {
  const json = wantsJson(from.argv.slice(2));
  let said = '';
  // With --json, what commander says becomes part of the answer.
  const say =
    (stream: NodeJS.WriteStream) =>
    (text: string): void => {
      if (json) said += text;
      else stream.write(harmless(text));
    };

  const program = new Command('corbel')
    .description('Write, test and explain connectors; keep a server. Start with: corbel validate')
    .version(version)
    .option('--json', 'answer with one JSON document, ask nothing')
    .showHelpAfterError('(corbel help <command> shows examples)')
    .configureOutput({ writeOut: say(from.stdout), writeErr: say(from.stderr) })
    .addHelpText(
      'after',
      `
Exit codes: ${EXIT.ok} done, ${EXIT.found} something is wrong with what was looked at, ${EXIT.usage} the command line is, ${EXIT.failed} the work could not be done.`,
    )
    .exitOverride();

  const run = createRunCommand(from);
  program.commandsGroup('For contributors:');
  for (const add of CONTRIBUTORS) add(program, run);
  program.commandsGroup('For operators:');
  for (const add of OPERATORS) add(program, run);

  try {
    await program.parseAsync(from.argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (json) processTerminal(from, { json }).print(JSON.stringify(endOfReading(error, said)));
    // Help and version end this way, too.
    from.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
