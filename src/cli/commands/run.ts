import type { Command } from 'commander';
import { wholeNumber } from '../command-line.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import type { RunCommand } from '../run-command.ts';

interface Options {
  inputs?: string[];
  accountId?: string;
  account?: string[];
  auth?: string;
  server?: string;
  local?: true;
  raw?: true;
  dryRun?: true;
  file?: string;
  allPages?: true;
  maxPages?: number;
  record?: string | true;
  name?: string;
  scrubIds?: true;
  yes?: true;
  connectors?: string;
}

// A list of some thousand items; who wants more says so.
const DEFAULT_MAX_PAGES = 10;
const MAX_PAGES = 1_000;

/**
 * `corbel run`: executes an action. `--json`: `{data, next, warnings, request_id?, pages, duration_ms}` or `{error: problem
 * document}`; with `--record` also `recorded` (file, or null), `scrubbed`, `kept` and `differences`.
 */
export function addRun(program: Command, run: RunCommand): void {
  program
    .command('run')
    .summary('execute an action and print its data')
    .description(
      'Execute an action on a server (CORBEL_URL, CORBEL_KEY), or with --local in this process with credentials from the environment. Data goes to standard output, everything else to standard error.',
    )
    .argument('<action>', 'connector.action')
    .argument('[input...]', 'inputs as name=value')
    .option('--inputs <value...>', 'a JSON object, @file, or name=value')
    .option('--file <path>', 'the file of an action that takes one')
    .option('--raw', "the provider's own body, unshaped")
    .option('--dry-run', 'show the requests, masked, and send nothing')
    .option('--all-pages', 'follow the pages of a list')
    .option('--max-pages <number>', `at most so many of them (${DEFAULT_MAX_PAGES})`, wholeNumber(1, MAX_PAGES))
    .option('--server <url>', 'the server, instead of CORBEL_URL')
    .option('--account-id <id>', 'the account on the server')
    .option('--local', 'execute it in this process')
    .option('--account <value...>', 'with --local: settings of the account, as JSON, @file, or name=value')
    .option('--auth <method>', 'with --local: the authentication; else the first that the environment has all of')
    .option('--record [file]', "with --local: add what was sent and answered to the connector's examples, scrubbed")
    .option('--name <sentence>', 'name of the recorded example')
    .option('--scrub-ids', 'scrub ids of people, too')
    .option('--yes', 'write the example without asking')
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
Credentials of --local: CORBEL_CLIENT_ID and CORBEL_CLIENT_SECRET; CORBEL_ACCESS_TOKEN; CORBEL_API_KEY; or with the first
two CORBEL_SERVICE_ACCOUNT_ID, CORBEL_SERVICE_ACCOUNT_KEY_ID and CORBEL_SERVICE_ACCOUNT_KEY or CORBEL_SERVICE_ACCOUNT_KEY_FILE.
CORBEL_ORIGIN_OVERRIDES and CORBEL_ALLOW_PRIVATE_ADDRESSES hold for --local as for a server.

A recorded example has no credentials, tokens, signatures, e-mail addresses, names of people, telephone numbers and IP
addresses in it; what replaces them is shown before anything is written. Look at it all the same.

Examples:
  $ corbel run acme.list_items --account-id acc_… name=First
  $ corbel run acme.list_items --account-id acc_… --all-pages > items.json
  $ corbel run acme.list_items --local --record        with CORBEL_API_KEY in the environment`,
    )
    .action((name: string, pairs: string[], options: Options, command: Command) =>
      run(command, async (terminal) => {
        const { runCommand } = await import('../run/run-command.ts');
        const { inputs = [], account = [], allPages = false, maxPages } = options;
        return runCommand(terminal, name, {
          directory: connectorsDirectory(terminal, options.connectors),
          inputs: [...inputs, ...pairs],
          accountId: options.accountId,
          account,
          auth: options.auth,
          server: options.server,
          local: options.local === true,
          raw: options.raw === true,
          dryRun: options.dryRun === true,
          file: options.file,
          maxPages: allPages || maxPages !== undefined ? (maxPages ?? DEFAULT_MAX_PAGES) : 1,
          record: options.record,
          exampleName: options.name,
          scrubIds: options.scrubIds === true,
          yes: options.yes === true,
        });
      }),
    );
}
