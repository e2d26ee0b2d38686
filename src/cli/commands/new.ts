import { type Command, Option } from 'commander';
import { connectorsDirectory } from '../connectors-directory.ts';
import { askOf, unlessBrokenOff } from '../new/asking.ts';
import type { NewConnectorOptions } from '../new/new-connector.ts';
import { CommandFailure, EXIT, type ExitCode } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';
import { addNewExample } from './new-example.ts';

type ConnectorOptions = NewConnectorOptions & { connectors?: string };

interface ActionOptions {
  connectors?: string;
  fromOpenapi?: string;
  operation?: string;
  list?: true;
  addScopes?: true;
  file?: string;
  dryRun?: true;
  path?: string;
  method?: string;
  answers?: 'list' | 'object';
  at: string;
  label?: string;
  description?: string;
  docs?: string;
  api?: string;
  token?: 'app' | 'user' | 'any';
  scope?: string[];
  input?: string[];
  field?: string[];
}

/**
 * `corbel new connector`, `corbel new action` and `corbel new example`. `--json` of the first two: `{actions, files: [{path, created}], notes: [{kind, about,
 * message}]}`, where a note's kind is `guess`, `changed` or `left_out`.
 */
export function addNew(program: Command, run: RunCommand): void {
  const parent = program
    .command('new')
    .summary('begin a connector, or add an action or an example to one')
    .description('Begin a connector, or add to one. What is written is valid and tested as it stands.');
  addNewConnector(parent, run);
  addNewAction(parent, run);
  addNewExample(parent, run);
}

const collected = (value: string, all: string[] = []) => [...all, value];

function addNewConnector(parent: Command, run: RunCommand): void {
  parent
    .command('connector')
    .summary('begin a connector')
    .description(
      'Write connectors/NAME with a connector.yaml, a first action and its examples. On a terminal, what no flag gives is asked for.',
    )
    .argument('<name>', 'lower-case letters and digits; all its actions are called NAME_…')
    .option(
      '--host <origin>',
      'https://api.example.com, or name=https://…; the first is the usual one (repeat)',
      collected,
    )
    .option('--auth <kind>', 'client_credentials, authorization_code, api_key, jwt_bearer or provided_token')
    .option('--authorize-path <path>', 'where a person consents, for authorization_code')
    .option('--token-path <path>', 'the token endpoint, for all kinds but api_key')
    .option('--introspect-path <path>', 'the introspection endpoint, for provided_token')
    .option('--key-header <name>', 'header that carries the key, for api_key (default: Authorization)')
    .option('--key-prefix <text>', 'what stands before the key (default of Authorization: "Bearer ")')
    .option('--key-basic', 'the key is the user name of HTTP Basic instead')
    .option('--label <text>', 'its name for people')
    .option('--description <text>', 'a sentence about it')
    .option('--docs <url>', "the provider's documentation")
    .option('--scope <scope>', 'a scope, or "scope=what it allows" (repeat)', collected)
    .option('--action <id>', 'id of the first action (default: list_items)')
    .option('--path <path>', 'its path (default: /v1/items)')
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel new connector acme                    asks for what it needs
  $ corbel new connector acme --host https://api.acme.com --auth api_key --key-header X-Api-Key
  $ corbel new connector acme --host https://api.acme.com --auth client_credentials --token-path /oauth2/token \\
      --scope "items:read=Read items" --action list_items --path /v2/items`,
    )
    .action((name: string, options: ConnectorOptions, command: Command) =>
      run(command, (terminal) =>
        unlessBrokenOff(async () => {
          const [{ newConnector }, { showMade }] = await Promise.all([
            import('../new/new-connector.ts'),
            import('../new/show-new.ts'),
          ]);
          const directory = connectorsDirectory(terminal, options.connectors);
          const made = await newConnector(terminal, directory, name, options, await askOf(terminal));
          showMade(terminal, made, name);
          return EXIT.ok;
        }),
      ),
    );
}

function addNewAction(parent: Command, run: RunCommand): void {
  parent
    .command('action')
    .summary('add an action to a connector, by hand or from OpenAPI')
    .description(
      'Add an action and its examples to a connector, at the end of its resource’s files; nothing that stands there is touched. On a terminal, what no flag gives is asked for.',
    )
    .argument('[name]', 'connector.action, the action a verb and its object: acme.list_items')
    .optionsGroup('From OpenAPI 3.0 or 3.1 (YAML or JSON; nothing is fetched):')
    .option('--from-openapi <file>', 'take an operation of this file')
    .option('--operation <id>', 'its operationId, or "GET /path"')
    .option('--list', 'only show the operations of the file')
    .option('--add-scopes', 'add scopes that the connector does not have to its connector.yaml')
    .optionsGroup('By hand:')
    .option('--path <path>', 'path at the provider, such as /v1/items/{item_id}')
    .option('--method <method>', 'HTTP method, if the verb of the id does not tell')
    .addOption(new Option('--answers <kind>', 'what the provider answers').choices(['list', 'object']))
    .option('--at <expression>', 'where the list or the record is in the answer', 'body')
    .option('--input <name:type>', 'an input, with :required behind it if it is (repeat)', collected)
    .option('--field <name:type>', 'a field of the output, as the provider calls it (repeat)', collected)
    .option('--scope <scope>', 'a scope of the connector that it needs (repeat)', collected)
    .addOption(new Option('--token <kind>', 'the kind of token that it needs').choices(['app', 'user', 'any']))
    .option('--label <text>', 'its name for people')
    .option('--description <text>', 'what it does')
    .option('--docs <url>', "the provider's page about it")
    .optionsGroup('Both:')
    .option('--api <name>', 'API family of the connector')
    .option('--file <name>', 'file in actions/ and examples/ (default: after the resource)')
    .option('--dry-run', 'print what would be written')
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel new action acme.list_items --path /v1/items --at body.data
  $ corbel new action acme.create_item --path /v1/items --input name:string:required --scope items:write
  $ corbel new action --from-openapi openapi.yaml --list
  $ corbel new action acme.list_items --from-openapi openapi.yaml --operation getItems --dry-run`,
    )
    .action((name: string | undefined, options: ActionOptions, command: Command) =>
      run(command, (terminal) => unlessBrokenOff(() => newAction(terminal, name, options))),
    );
}

async function newAction(terminal: Terminal, name: string | undefined, options: ActionOptions): Promise<ExitCode> {
  const { fromOpenapi, list } = options;
  const { importAction, showOperations } = await import('../new/import-action.ts');
  if (list && fromOpenapi === undefined)
    throw new CommandFailure(EXIT.usage, 'A flag is missing: --from-openapi <file>');
  if (list && fromOpenapi !== undefined) {
    await showOperations(terminal, fromOpenapi);
    return EXIT.ok;
  }
  assertComplete(terminal, name, options);
  const [{ addAction, assertNew, openConnector, partsOf }, { describeAction }, { showMade, showNotes }, ask] =
    await Promise.all([
      import('../new/new-action.ts'),
      import('../new/describe-action.ts'),
      import('../new/show-new.ts'),
      askOf(terminal),
    ]);
  const given = name ?? (await ask?.text({ message: 'Name of the action, as connector.verb_object' }));
  const { connector: id, action } = partsOf(given ?? '');
  const connector = await openConnector(connectorsDirectory(terminal, options.connectors), id);
  assertNew(connector, action);
  const { operation, api } = options;
  const made =
    fromOpenapi === undefined
      ? await describeAction(action, options, connector, ask)
      : await importAction(
          terminal,
          connector,
          { file: fromOpenapi, operation, id: action, api, addScopes: options.addScopes === true },
          ask,
        );
  const { changes, ...told } = await addAction(terminal, connector, made, {
    file: options.file,
    write: !options.dryRun,
  });
  if (!options.dryRun) showMade(terminal, told, `${id}.${action}`);
  else if (terminal.json)
    terminal.print(JSON.stringify({ ...told, texts: changes.map(({ path, after }) => ({ path, text: after })) }));
  else {
    const { printable } = await import('../../connector/diagnostics.ts');
    for (const { path, before = '', after } of changes) {
      terminal.print(terminal.paint('bold', path));
      const text = after.startsWith(before) ? after.slice(before.length) : after;
      terminal.print(text.trim().split('\n').map(printable).join('\n'));
      terminal.print('');
    }
    showNotes(terminal, told.notes);
  }
  return EXIT.ok;
}

/** Throws with everything that is missing where nobody can be asked, before anything is looked at. */
function assertComplete({ interactive }: Terminal, name: string | undefined, options: ActionOptions): void {
  const { fromOpenapi, operation, path, addScopes } = options;
  if (fromOpenapi === undefined && (operation !== undefined || addScopes))
    throw new CommandFailure(
      EXIT.usage,
      `${operation === undefined ? '--add-scopes' : '--operation'} goes with --from-openapi <file>.`,
    );
  if (interactive) return;
  const missing = [
    ...(name === undefined ? ['<name> (as connector.verb_object)'] : []),
    ...(fromOpenapi === undefined && path === undefined ? ['--path <path>'] : []),
    ...(fromOpenapi !== undefined && operation === undefined ? ['--operation <id> (--list shows all)'] : []),
  ];
  // What else is missing by hand depends on the name, and is told later.
  if (missing.length > 1 || (missing.length === 1 && (name === undefined || fromOpenapi !== undefined)))
    throw new CommandFailure(
      EXIT.usage,
      `Missing: ${missing.join(', ')}`,
      'On a terminal they are asked for; here nobody can be.',
    );
}
