import type { Command } from 'commander';
import { wholeNumber } from '../command-line.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

interface Options {
  connectors?: string;
  only?: string;
  update?: true;
  force?: true;
  watch?: true;
  verbose?: true;
  minCoverage?: number;
}

/** `corbel test`: replays examples offline. `--json`: see {@link import('../test/test-document.ts').testDocument}. */
export function addTest(program: Command, run: RunCommand): void {
  program
    .command('test')
    .summary('run the examples of connectors, offline')
    .description(
      'Run examples through the real engine, with a provider on the loopback that answers as they say, and compare: every request byte by byte, the answer or the refusal, the declared fields, the next page.',
    )
    .argument('[target...]', 'connectors, or actions as connector.action; all if none is named')
    .option('--only <text>', 'only examples with this text in their name')
    .option('--update', 'write what happened into the examples that fail; what the provider answers stays')
    .option('--force', 'update in CI, too')
    .option('--watch', 'run again whenever a file is saved')
    .option('--min-coverage <percent>', 'fail when the examples of a connector show less of it', wholeNumber(0, 100))
    .option('--verbose', 'differences in full, and everything that no example shows')
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
A difference shows what the example declares (-) and what came instead (+).

Examples:
  $ corbel test                          everything
  $ corbel test acme                     one connector
  $ corbel test acme.list_items --watch while you write
  $ corbel test acme --update            when the new request or output is right
  $ corbel test --min-coverage 100       in CI`,
    )
    .action((targets: string[], options: Options, command: Command) =>
      run(command, async (terminal) => {
        const { testOnce, refuseUpdateInCi } = await import('../test/test-command.ts');
        const { only, minCoverage, update = false, watch = false, verbose = false } = options;
        if (update) refuseUpdateInCi(terminal, options.force === true);
        const directory = connectorsDirectory(terminal, options.connectors);
        const wanted = { directory, targets, only, minCoverage, update, verbose };
        if (!watch) return testOnce(terminal, wanted);
        if (terminal.json)
          throw new CommandFailure(EXIT.usage, '--watch answers again and again; --json answers once.');
        const { watchTests } = await import('../test/watch-tests.ts');
        return watchTests(terminal, wanted);
      }),
    );
}
