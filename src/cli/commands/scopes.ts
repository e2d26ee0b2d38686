import { type Command, Option } from 'commander';
import { SCOPE_SEPARATORS, type ScopeSeparator } from '../../guide/minimal-scopes.ts';
import { findAction } from '../action-name.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

interface ScopesOptions {
  connectors?: string;
  separator: ScopeSeparator;
}

/** `corbel scopes`: the least scopes for a set of actions of one connector. `--json`: `{scopes, provider_scopes, actions}`. */
export function addScopes(program: Command, run: RunCommand): void {
  program
    .command('scopes')
    .summary('the least scopes for a set of actions')
    .description('Print the least scopes that let a set of actions through, ready to be pasted.')
    .argument('<action...>', 'actions of one connector, or a connector for all of its actions')
    .addOption(
      new Option('-s, --separator <name>', 'what stands between scopes')
        .choices(Object.keys(SCOPE_SEPARATORS))
        .default('space'),
    )
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel scopes acme.list_things acme.create_thing
  $ corbel scopes acme --separator newline`,
    )
    .action((names: string[], options: ScopesOptions, command: Command) =>
      run(command, async (terminal) => {
        const [{ loadRegistry }, { minimalScopes }] = await Promise.all([
          import('../../connector/load.ts'),
          import('../../guide/minimal-scopes.ts'),
        ]);
        const registry = await loadRegistry(connectorsDirectory(terminal, options.connectors), { later: () => {} });
        const actions = names.flatMap((name) => {
          const connector = registry.connectors.get(name);
          return connector ? [...connector.actions.values()] : [findAction(registry, name)];
        });
        const ids = new Set(actions.map(({ connector }) => connector));
        const [id = ''] = ids;
        const connector = registry.connectors.get(id);
        if (!connector || ids.size > 1)
          throw new CommandFailure(EXIT.usage, `These are actions of several connectors: ${[...ids].join(', ')}.`);
        const least = minimalScopes(connector, [...new Set(actions)]);
        if (terminal.json) {
          terminal.print(JSON.stringify(least));
          return EXIT.ok;
        }
        terminal.print(least.scopes.join(SCOPE_SEPARATORS[options.separator]));
        const further = least.provider_scopes.join(' ');
        if (further !== '') terminal.note(`The provider's reference asks for these besides: ${further}`);
        return EXIT.ok;
      }),
    );
}
