import { type Command, InvalidArgumentError } from 'commander';
import { connectorsDirectory } from '../connectors-directory.ts';
import type { RunCommand } from '../run-command.ts';

interface Options {
  inputs?: string[];
  account?: string[];
  auth?: string;
  scopes?: string[];
  profileActions?: string[];
  example?: string;
  answer?: string[];
  status?: number[];
  header?: string[];
  connectors?: string;
}

/** `corbel explain`: the stages of a call, without sending it. `--json`: {@link import('../explain/told.ts').Explanation}. */
export function addExplain(program: Command, run: RunCommand): void {
  program
    .command('explain')
    .summary('tell what a call would do, stage by stage, without sending anything')
    .description(
      'Tell what happens in a call, stage by stage, and send nothing: the gate, the inputs, every request as it would be sent, and with an answer everything that is made of it. Says which expression gave nothing, and where.',
    )
    .argument('<action>', 'connector.action')
    .argument('[input...]', 'inputs as name=value')
    .option('--inputs <value...>', 'a JSON object, @file, or name=value')
    .option('--account <value...>', "the account's settings, in the same way")
    .option('--auth <method>', 'the authentication of the assumed profile')
    .option('--scopes <scope...>', 'the scopes of the assumed profile; by default all that there are', separated)
    .option('--profile-actions <action...>', 'the enabled actions of the assumed profile; by default all', separated)
    .option('--example <name>', 'take inputs and answers from an example: its name, a part of it, or its number')
    .option('--answer <file>', 'body of the answer, - for standard input; several times for several requests', several)
    .option('--status <number>', 'status of the answer (200); several times for several answers', statuses)
    .option('--header <header>', "a header of the answers, as 'name: value'; several times for several", several)
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
Exit code 1: the call would be refused, or the answer is a refusal.

Examples:
  $ corbel explain acme.list_items name=First
  $ corbel explain acme.list_items --example 2
  $ corbel explain acme.get_item item_id=7 --answer body.json
  $ corbel explain acme.get_item item_id=7 --status 403 --answer refusal.json
  $ corbel explain acme.create_item --scopes items:read`,
    )
    .action((name: string, pairs: string[], options: Options, command: Command) =>
      run(command, async (terminal) => {
        const { explainCommand } = await import('../explain/explain-command.ts');
        return explainCommand(terminal, name, {
          directory: connectorsDirectory(terminal, options.connectors),
          inputs: [...(options.inputs ?? []), ...pairs],
          account: options.account ?? [],
          auth: options.auth,
          scopes: options.scopes,
          profileActions: options.profileActions,
          example: options.example,
          answers: options.answer ?? [],
          statuses: options.status ?? [],
          headers: options.header ?? [],
        });
      }),
    );
}

function several(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

function separated(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...text.split(/[\s,]+/).filter((one) => one !== '')];
}

function statuses(text: string, before: number[] | undefined): number[] {
  const status = Number(text);
  if (!/^\d{3}$/.test(text) || status < 200 || status > 599)
    throw new InvalidArgumentError('A status from 200 to 599 is wanted.');
  return [...(before ?? []), status];
}
