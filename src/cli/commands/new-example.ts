import { type Command, InvalidArgumentError } from 'commander';
import { connectorsDirectory } from '../connectors-directory.ts';
import { askOf, unlessBrokenOff } from '../new/asking.ts';
import type { NewExample } from '../new/new-example.ts';
import { EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  connectors?: string;
  name?: string;
  inputs?: string[];
  account?: string[];
  answer?: string[];
  status?: string[];
  header?: string[];
  source?: string;
  problem?: true;
  fileBytes?: number;
  dryRun?: true;
}

// Longer ones come in parts that are not kept while an example is played.
const MAX_FILE_BYTES = 1024 * 1024;

const collected = (value: string, all: string[] = []) => [...all, value];

/** `corbel new example`. `--json`: `{action, example, file: {path, created}, written}`; `example` as it stands in the file. */
export function addNewExample(parent: Command, run: RunCommand): void {
  parent
    .command('example')
    .summary('make an example of a documented answer')
    .description(
      'Add an example to an action, from an answer in the provider’s documentation. Nothing is sent to the provider: the request and the output, or the problem, are found by carrying the call out against the answer. On a terminal, what no flag gives is asked for.',
    )
    .argument('[name]', 'connector.action')
    .argument('[input...]', 'inputs as name=value')
    .option(
      '--answer <file>',
      'body of the answer, - for standard input; several times for several requests',
      collected,
    )
    .option('--status <number>', 'its status (200); several times for several answers', collected)
    .option('--header <name:value>', 'a header of the answers; 2:name:value of the second only (repeat)', collected)
    .option('--inputs <value...>', 'a JSON object, @file, or name=value')
    .option('--account <value...>', 'settings of the account, as JSON, @file, or name=value')
    .option('--problem', 'it shows a refusal; without any answer one by Corbel itself')
    .option('--name <sentence>', 'what it shows')
    .option('--source <text>', 'where the answer comes from (default: the docs of the action)')
    .option('--file-bytes <number>', 'length of the file, for an action that takes one (default: 1024)', bytes)
    .option('--dry-run', 'print what would be written')
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
The answer is written as it is: what comes from a live call is recorded, and scrubbed, by corbel run --local --record.

Examples:
  $ corbel new example acme.get_item item_id=42 --answer item.json
  $ corbel new example acme.get_item item_id=7 --answer - --status 404 --problem < refusal.json
  $ corbel new example acme.list_items --answer page.json --header 'link:<https://api.acme.com/items?page=2>; rel="next"'
  $ corbel new example acme.copy_item item_id=42 --answer item.json --answer copy.json --status 200 --status 201`,
    )
    .action((name: string | undefined, pairs: string[], options: Options, command: Command) =>
      run(command, (terminal) =>
        unlessBrokenOff(async () => {
          const [{ newExample }, ask] = await Promise.all([import('../new/new-example.ts'), askOf(terminal)]);
          const directory = connectorsDirectory(terminal, options.connectors);
          const wanted = {
            inputs: [...(options.inputs ?? []), ...pairs],
            account: options.account ?? [],
            answers: options.answer ?? [],
            statuses: options.status ?? [],
            headers: options.header ?? [],
            name: options.name,
            source: options.source,
            problem: options.problem === true,
            fileBytes: options.fileBytes,
            write: !options.dryRun,
          };
          await show(terminal, await newExample(terminal, directory, name, wanted, ask), wanted.write);
          return EXIT.ok;
        }),
      ),
    );
}

async function show(
  terminal: Terminal,
  { action, example, change, path }: NewExample,
  written: boolean,
): Promise<void> {
  const { before, after } = change;
  const created = before === undefined;
  if (terminal.json) {
    terminal.print(JSON.stringify({ action: action.id, example, file: { path, created }, written }));
    return;
  }
  const { printable } = await import('../../connector/diagnostics.ts');
  if (written) {
    const mark = terminal.paint('green', created ? '+' : '~');
    terminal.print(`${mark} ${printable(path)}${created ? '' : '  (added at its end)'}`);
    terminal.note(`It shows ${shown(example)}.`);
    return;
  }
  terminal.print(terminal.paint('bold', printable(path)));
  terminal.print(
    after
      .slice(before?.length ?? 0)
      .trim()
      .split('\n')
      .map(printable)
      .join('\n'),
  );
}

function shown({ problem, output }: NewExample['example']): string {
  if (problem) return `a refusal, ${problem.code}`;
  const { data, more } = output ?? {};
  if (!Array.isArray(data)) return 'an answer';
  return `a list of ${data.length}${more ? ', and that more follow' : ''}`;
}

function bytes(text: string): number {
  const value = Number(text);
  if (!/^\d{1,7}$/.test(text) || value > MAX_FILE_BYTES)
    throw new InvalidArgumentError('A whole number from 0 to 1048576 is wanted.');
  return value;
}
