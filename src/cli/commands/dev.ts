import type { Command } from 'commander';
import { MAX_PORT, wholeNumber } from '../command-line.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import type { RunCommand } from '../run-command.ts';

interface DevCommandOptions {
  connectors?: string;
  data?: string;
  port?: number;
  sandbox: boolean;
  sandboxes?: string;
  test: boolean;
}

/** `corbel dev`: server, sandboxes and watch in one go. `--json`: a line of JSON for each event, see `DevEvent`. */
export function addDev(program: Command, run: RunCommand): void {
  program
    .command('dev')
    .summary('run the server beside simulated providers; saved YAML is live at once')
    .description(
      `Run the server with everything around it: a sandbox for each connector (the program registered in
sandbox/sandboxes.yaml, else the connector's own examples), keys, a profile and an account to call with. A saved file is
live in a moment; one with faults is told with its place while what was live before keeps serving.

Settings come from the environment, as for the server; state is kept in .corbel-dev unless CORBEL_DATA_DIR or --data say
otherwise.`,
    )
    .argument('[connector...]', 'connectors that get a sandbox and an account; all by default')
    .option(
      '-p, --port <number>',
      'port to listen on, 0 for any free one; default CORBEL_PORT, else 8080',
      wholeNumber(0, MAX_PORT),
    )
    .option('--no-sandbox', 'call the providers themselves; no profiles and accounts are made')
    .option('--no-test', 'do not play the examples of what changed')
    .option('--data <dir>', 'folder of the store')
    .option('--connectors <dir>', 'folder of the connectors')
    .option('--sandboxes <file>', 'where sandbox programs are registered; default sandbox/sandboxes.yaml')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel dev                         everything below connectors/
  $ corbel dev acme --port 9000        a sandbox and an account for one connector only
  $ corbel dev --no-sandbox            against the real providers, with accounts that you link
  $ corbel dev --json | jq .event      for programs: ready, live, refused, examples, …`,
    )
    .action((connectors: string[], options: DevCommandOptions, command: Command) =>
      run(command, async (terminal) => {
        const [{ defaultSandboxFile, dev }, { resolve }] = await Promise.all([
          import('../dev/dev.ts'),
          import('node:path'),
        ]);
        const { sandboxes } = options;
        return dev(terminal, {
          connectors,
          directory: connectorsDirectory(terminal, options.connectors),
          sandboxes: sandboxes === undefined ? defaultSandboxFile(terminal.cwd) : resolve(terminal.cwd, sandboxes),
          port: options.port,
          data: options.data,
          sandbox: options.sandbox,
          test: options.test,
          version: command.parent?.version() ?? '',
        });
      }),
    );
}
