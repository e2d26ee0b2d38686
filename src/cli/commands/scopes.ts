import { type Command, Option } from 'commander';
import { SCOPE_SEPARATORS, type ScopeSeparator } from '../../guide/minimal-scopes.ts';
import { findAction } from '../action-name.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import { EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

interface ScopesOptions {
  connectors?: string;
  separator: ScopeSeparator;
}

/**
 * `corbel scopes`: the least scopes for a set of actions. `--json`: `{scopes, provider_scopes, actions}`; of several connectors
 * that for each, by its id.
 */
export function addScopes(program: Command, run: RunCommand): void {
  program
    .command('scopes')
    .summary('the least scopes for a set of actions')
    .description('Print the least scopes that let a set of actions through, ready to be pasted.')
    .argument('<action...>', 'actions, or a connector for all of its actions')
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
  $ corbel scopes acme.list_items acme.create_item
  $ corbel scopes acme --separator newline
  $ corbel scopes acme.list_items other.get_item    a line for each connector`,
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
        const least = [...Map.groupBy(new Set(actions), ({ connector }) => connector)].flatMap(([id, own]) => {
          const connector = registry.connectors.get(id);
          return connector ? [{ id, ...minimalScopes(connector, own) }] : [];
        });
        if (terminal.json) {
          const told = least.map(({ id, ...one }) => [id, one] as const);
          terminal.print(JSON.stringify(told.length === 1 ? told[0]?.[1] : Object.fromEntries(told)));
          return EXIT.ok;
        }
        const separator = SCOPE_SEPARATORS[options.separator];
        for (const { id, scopes, provider_scopes } of least) {
          const about = least.length === 1 ? '' : `${id}:${separator === '\n' ? '\n' : ' '}`;
          terminal.print(`${about}${scopes.join(separator)}`.trimEnd());
          const further = provider_scopes.join(' ');
          const of = least.length === 1 ? '' : ` of ${id}`;
          if (further !== '') terminal.note(`The provider's reference asks for these${of} besides: ${further}`);
        }
        return EXIT.ok;
      }),
    );
}
