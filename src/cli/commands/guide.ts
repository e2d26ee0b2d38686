import type { Command } from 'commander';
import type { Connector, Registry } from '../../connector/connector.ts';
import type { Guide } from '../../connector/guide.ts';
import { didYouMean } from '../../connector/suggest.ts';
import { findAction } from '../action-name.ts';
import { noSuchConnector } from '../command-line.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

interface GuideOptions {
  connectors?: string;
  publicUrl?: string;
}

// What a guide shows when nobody says where the server is reached.
const EXAMPLE_PUBLIC_URL = 'https://corbel.example.com';

/** `corbel guide`: the set-up guide of a connector as Markdown, adjusted to actions. `--json`: the guide as the server gives it. */
export function addGuide(program: Command, run: RunCommand): void {
  program
    .command('guide')
    .summary('the set-up guide of a connector')
    .description(
      'Print how the provider is set up for a connector, as Markdown, adjusted to the actions that you need.',
    )
    .argument('<guide>', 'connector.authentication, or a connector with one guide')
    .argument('[action...]', 'actions that you need; all of them if none is named')
    .option('--public-url <url>', 'where browsers reach the server (default: CORBEL_PUBLIC_URL, else an example)')
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel guide acme
  $ corbel guide acme.two_legged acme.list_items > set-up.md`,
    )
    .action((name: string, names: string[], options: GuideOptions, command: Command) =>
      run(command, async (terminal) => {
        const [{ loadRegistry }, { viewGuide }, { guideMarkdown }, { callbackPath }] = await Promise.all([
          import('../../connector/load.ts'),
          import('../../guide/view-guide.ts'),
          import('../../guide/guide-markdown.ts'),
          import('../../http/oauth-callback.ts'),
        ]);
        const registry = await loadRegistry(connectorsDirectory(terminal, options.connectors), { later: () => {} });
        const { connector, guide } = findGuide(registry, name);
        const chosen = names.map((action) => findAction(registry, action));
        const foreign = chosen.find((action) => action.connector !== connector.id);
        if (foreign) throw new CommandFailure(EXIT.usage, `${foreign.id} is no action of ${connector.id}.`);
        const publicUrl = (options.publicUrl ?? terminal.env.CORBEL_PUBLIC_URL ?? EXAMPLE_PUBLIC_URL).replace(
          /\/$/,
          '',
        );
        const view = await viewGuide(connector, guide, chosen.length > 0 ? chosen : [...connector.actions.values()], {
          public_url: publicUrl,
          callback_url: `${publicUrl}${callbackPath(connector.id)}`,
        });
        terminal.print(terminal.json ? JSON.stringify(view) : guideMarkdown(view).trimEnd());
        return EXIT.ok;
      }),
    );
}

function findGuide(registry: Registry, name: string): { connector: Connector; guide: Guide } {
  const [id = '', authentication] = name.split('.');
  const connector = registry.connectors.get(id);
  if (!connector) throw noSuchConnector(id, registry.connectors.keys());
  const guides = [...connector.guides.values()];
  const [only] = guides;
  const guide = authentication === undefined && guides.length === 1 ? only : connector.guides.get(authentication ?? '');
  if (guide) return { connector, guide };
  const names = guides.map((one) => `${id}.${one.authentication}`);
  throw new CommandFailure(
    EXIT.usage,
    authentication === undefined
      ? `${id} has several guides.`
      : `There is no guide "${name}"${didYouMean(name, names)}`,
    names.length > 0 ? `There are: ${names.join(', ')}` : 'The connector has none.',
  );
}
