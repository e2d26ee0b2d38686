import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Custody } from '../../assemble.ts';
import type { Clock } from '../../clock.ts';
import type { NewApiKey, PublicApiKey, Role } from '../../domain/api-key.ts';
import type { Random } from '../../random.ts';
import { audited, type CommandDeed } from '../audited.ts';
import { withCustody } from '../custody.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

interface NarrowOptions {
  account?: string[];
  action?: string[];
  expires?: string;
  name?: string;
  project?: string;
}

interface CreateOptions {
  account?: string[];
  action?: string[];
  expires?: string;
  name: string;
  project?: string;
  role: Role;
}

const MAX_ID_CHARS = 64;
const NEVER_AGAIN = 'This is the only time that the token is shown.';

/**
 * `corbel keys …`: the keys that callers send, and those that seal secrets. Works on the store itself, without a server.
 *
 * `--json`: create `{key, token}`, list `{keys}`, narrow and revoke `{key}`, where a key is that of `GET /api_keys/{id}`; operator
 * `{token}`; encryption `{file, key_id}`, the id of the key that seals, never the key.
 */
export function addKeys(program: Command, run: RunCommand): void {
  const keys = program
    .command('keys')
    .summary('make, list, narrow and revoke API keys; make encryption keys')
    .description(
      "Keys, on the server's own store: settings come from the environment, as for the server, which may run meanwhile.",
    )
    .addHelpText(
      'after',
      `
Examples:
  $ corbel keys create --name "my backend"
  $ corbel keys create --name reports --action acme_list_items --expires 90d
  $ corbel keys list
  $ corbel keys narrow key_… --expires 7d
  $ corbel keys revoke key_…`,
    );

  keys
    .command('create')
    .description('Make an API key and print its token, this once.')
    .requiredOption('-n, --name <text>', 'what it is for, to be told apart from others')
    .addOption(
      new Option('-r, --role <role>', 'operators set up, backends call')
        .choices(['backend', 'operator'])
        .default('backend'),
    )
    .option('--action <ids...>', 'only these actions, by public id')
    .option('--account <ids...>', 'only these accounts')
    .option('--expires <when>', 'a time from now (12h, 90d, 4w), a date, or a time of RFC 3339')
    .option('--project <id>', 'the project that it is for; the first one by default')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel keys create --name "my backend"
  $ corbel keys create --name reports --action acme_list_items acme_get_item --account acc_…
  $ corbel keys create --name ci --role operator --expires 12h
  $ TOKEN=$(corbel keys create --name script)       the token alone goes to standard output`,
    )
    .action((options: CreateOptions, command: Command) =>
      run(command, async (terminal) => {
        const { expiryOf, makeApiKey, projectFor } = await import('../keys/api-keys.ts');
        const { key, token } = await withStore(terminal, async (deps) => {
          const { name, role, action = null, account = null, expires } = options;
          const expiresAt = expires === undefined ? null : expiryOf(expires, deps.clock.now());
          const wanted = { name, role, actions: action, accounts: account, expires_at: expiresAt };
          const project = await projectFor(deps.store, options.project);
          return audited(deps, project, keyCreated(wanted), () => makeApiKey(deps, project, wanted));
        });
        if (terminal.json) {
          terminal.print(JSON.stringify({ key, token: token.reveal() }));
          return EXIT.ok;
        }
        const { narrowingOf } = await import('../keys/show-keys.ts');
        const until = key.expires_at === null ? 'does not expire' : `expires ${key.expires_at}`;
        terminal.note(`${key.id}, ${key.role}, ${until}`);
        for (const line of narrowingOf(key)) terminal.note(line);
        terminal.note(terminal.paintNote('yellow', NEVER_AGAIN));
        terminal.print(token.reveal());
        return EXIT.ok;
      }),
    );

  keys
    .command('list')
    .description('List the API keys of a project: what they may do and when they were last used, never their tokens.')
    .option('--project <id>', 'the first one by default')
    .action((options: { project?: string }, command: Command) =>
      run(command, async (terminal) => {
        const [{ allApiKeys, projectFor }, { keyTable }] = await Promise.all([
          import('../keys/api-keys.ts'),
          import('../keys/show-keys.ts'),
        ]);
        await withStore(terminal, async ({ store, clock }) => {
          const found = await allApiKeys(store, await projectFor(store, options.project));
          if (terminal.json) terminal.print(JSON.stringify({ keys: found }));
          else for (const line of keyTable(found, clock.now(), terminal.paint)) terminal.print(line);
        });
        return EXIT.ok;
      }),
    );

  keys
    .command('narrow')
    .argument('<id>', 'as `corbel keys list` shows it')
    .description('Rename an API key or let it do less, never more. Servers know of it within a second.')
    .option('-n, --name <text>', 'what it is called from now on')
    .option('--action <ids...>', 'only these of its actions')
    .option('--account <ids...>', 'only these of its accounts')
    .option('--expires <when>', 'an end that it did not have, or an earlier one; as with create')
    .option('--project <id>', 'the first one by default')
    .addHelpText('after', '\nExample:\n  $ corbel keys narrow key_… --action acme_list_items --expires 30d')
    .action((id: string, options: NarrowOptions, command: Command) =>
      run(command, async (terminal) => {
        const { changeKey, expiryOf, projectFor } = await import('../keys/api-keys.ts');
        const key = await withStore(terminal, async (deps) => {
          const { name, action: actions, account: accounts, expires } = options;
          const change = {
            ...(name !== undefined && { name }),
            ...(actions && { actions }),
            ...(accounts && { accounts }),
            ...(expires !== undefined && { expires_at: expiryOf(expires, deps.clock.now()) }),
          };
          const changes = Object.keys(change);
          if (changes.length === 0) throw new CommandFailure(EXIT.usage, 'Nothing to change: see --help.');
          const project = await projectFor(deps.store, options.project);
          const target = { type: 'api_key', id: id.slice(0, MAX_ID_CHARS), name: null };
          const completed = (changed: PublicApiKey) => ({ target: { ...target, name: changed.name } });
          return audited(deps, project, { action: 'api_key.updated', target, changes, completed }, () =>
            changeKey(deps, project, id, change),
          );
        });
        if (terminal.json) terminal.print(JSON.stringify({ key }));
        else {
          const { narrowingOf } = await import('../keys/show-keys.ts');
          terminal.print(`${key.id} is changed.`);
          for (const line of narrowingOf(key)) terminal.note(line);
        }
        return EXIT.ok;
      }),
    );

  keys
    .command('revoke')
    .argument('<id>', 'as `corbel keys list` shows it')
    .description('Revoke an API key for good. Servers refuse it within a second.')
    .option('--project <id>', 'the first one by default')
    .action((id: string, options: { project?: string }, command: Command) =>
      run(command, async (terminal) => {
        const { projectFor, revokeKey } = await import('../keys/api-keys.ts');
        const key = await withStore(terminal, async (deps) => {
          const project = await projectFor(deps.store, options.project);
          const target = { type: 'api_key', id: id.slice(0, MAX_ID_CHARS), name: null };
          const completed = ({ name }: { name: string }) => ({ target: { ...target, name } });
          return audited(deps, project, { action: 'api_key.revoked', target, completed }, () =>
            revokeKey(deps, project, id),
          );
        });
        terminal.print(terminal.json ? JSON.stringify({ key }) : `${key.id} is revoked.`);
        return EXIT.ok;
      }),
    );

  keys
    .command('operator')
    .description('Make a new operator key for the root project and print it: for when the first one was lost.')
    .addHelpText('after', '\nExample:\n  $ export OPERATOR=$(corbel keys operator)')
    .action((_options, command: Command) =>
      run(command, async (terminal) => {
        const { makeApiKey, projectFor } = await import('../keys/api-keys.ts');
        const { token } = await withStore(terminal, async (deps) => {
          const project = await projectFor(deps.store, undefined);
          const wanted = { name: 'Made by corbel keys operator', role: 'operator' } as const;
          return audited(deps, project, keyCreated(wanted), () => makeApiKey(deps, project, wanted));
        });
        terminal.print(terminal.json ? JSON.stringify({ token: token.reveal() }) : token.reveal());
        return EXIT.ok;
      }),
    );

  keys
    .command('encryption')
    .argument('<file>', 'where the key is kept')
    .description('Make a file with a new key for CORBEL_ENCRYPTION_KEYS_FILE, unless it is there already.')
    .addHelpText(
      'after',
      '\nExample:\n  $ corbel keys encryption ./encryption-keys\n  $ CORBEL_ENCRYPTION_KEYS_FILE=./encryption-keys npm start',
    )
    .action((file: string, _options, command: Command) =>
      run(command, async (terminal) => {
        const [{ loadOrCreateKeyFile }, { systemRandom }] = await Promise.all([
          import('../../vault/key-ring.ts'),
          import('../../random.ts'),
        ]);
        const path = resolve(terminal.cwd, file);
        const { primaryId } = await loadOrCreateKeyFile(path, systemRandom);
        if (terminal.json) terminal.print(JSON.stringify({ file: path, key_id: primaryId }));
        else terminal.note(`${path} has the key ${primaryId}.`);
        return EXIT.ok;
      }),
    );
}

/** What the audit trail tells of a new key. */
function keyCreated(wanted: NewApiKey): CommandDeed<{ key: PublicApiKey }> {
  const target = { type: 'api_key', id: null, name: wanted.name };
  return {
    action: 'api_key.created',
    target,
    changes: Object.entries(wanted).flatMap(([field, value]) => (value === null ? [] : [field])),
    details: { role: wanted.role },
    completed: ({ key }) => ({ target: { ...target, id: key.id } }),
  };
}

async function withStore<Result>(
  terminal: Terminal,
  work: (deps: Custody & { clock: Clock; random: Random }) => Promise<Result>,
): Promise<Result> {
  const [{ systemClock }, { systemRandom }] = await Promise.all([import('../../clock.ts'), import('../../random.ts')]);
  return withCustody(terminal, (custody) => work({ ...custody, clock: systemClock, random: systemRandom }));
}
