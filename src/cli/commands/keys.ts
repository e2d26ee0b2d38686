import type { Command } from 'commander';
import { withCustody } from '../custody.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

/** `corbel keys …`: the keys that callers send, and those that seal secrets. Works on the store itself, without a server. */
export function addKeys(program: Command, run: RunCommand): void {
  const keys = program
    .command('keys')
    .summary('make API keys and encryption keys')
    .description("Keys, on the server's own store: settings come from the environment, as for the server.");

  keys
    .command('operator')
    .description('Make a new operator key for the root project and print it: for when the first one was lost.')
    .action((_options, command: Command) =>
      run(command, async (terminal) => {
        const [{ createApiKey }, { rootProject }, { systemClock }, { systemRandom }] = await Promise.all([
          import('../../domain/api-key.ts'),
          import('../../first-start.ts'),
          import('../../clock.ts'),
          import('../../random.ts'),
        ]);
        const token = await withCustody(terminal, async ({ store }) => {
          const project = await rootProject(store);
          if (project === undefined)
            throw new CommandFailure(EXIT.failed, 'This store has never been started: start the server once.');
          const made = { name: 'Made by corbel keys operator', role: 'operator' } as const;
          return (await createApiKey(store, systemRandom, systemClock.now(), project, made)).token;
        });
        terminal.print(terminal.json ? JSON.stringify({ token: token.reveal() }) : token.reveal());
        return EXIT.ok;
      }),
    );

  keys
    .command('encryption')
    .argument('<file>', 'where the key is kept')
    .description('Make a file with a new key for CORBEL_ENCRYPTION_KEYS_FILE, unless it is there already.')
    .action((file: string, _options, command: Command) =>
      run(command, async () => {
        const [{ loadOrCreateKeyFile }, { systemRandom }] = await Promise.all([
          import('../../vault/key-ring.ts'),
          import('../../random.ts'),
        ]);
        await loadOrCreateKeyFile(file, systemRandom);
        return EXIT.ok;
      }),
    );
}
