import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { noSuchConnector } from '../command-line.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import { EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

interface DocsOptions {
  connectors?: string;
  out: string;
  check?: boolean;
}

/** `corbel docs`. `--json`: `{stale: [path]}`, the pages that were not up to date. Exit 1 with `--check` when there are such. */
export function addDocs(program: Command, run: RunCommand): void {
  program
    .command('docs')
    .summary('make the action reference')
    .description(
      'Make the reference of connectors in Markdown: for each action its scopes, inputs, answer, an example as curl, refusals; and the set-up guides.',
    )
    .argument('[connector...]', 'connectors; all of them if none is named')
    .option('--out <dir>', 'where the pages go, a folder for each connector', 'docs/connectors')
    .option('--check', 'change nothing; fail when a page is out of date')
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel docs
  $ corbel docs acme --out /tmp/reference
  $ corbel docs --check`,
    )
    .action((names: string[], options: DocsOptions, command: Command) =>
      run(command, async (terminal) => {
        const [{ loadRegistry }, { updateReference }] = await Promise.all([
          import('../../connector/load.ts'),
          import('../../reference/folder.ts'),
        ]);
        const { connectors } = await loadRegistry(connectorsDirectory(terminal, options.connectors));
        const chosen = names.map((name) => {
          const connector = connectors.get(name);
          if (connector) return connector;
          throw noSuchConnector(name, connectors.keys());
        });
        const { check = false } = options;
        const out = resolve(terminal.cwd, options.out);
        const stale = await updateReference(out, chosen.length > 0 ? chosen : connectors.values(), { check });
        const paths = stale.map((path) => relative(terminal.cwd, path));
        if (terminal.json) terminal.print(JSON.stringify({ stale: paths }));
        else if (paths.length === 0) terminal.print('All pages are up to date.');
        else for (const path of paths) terminal.print(`${check ? 'out of date' : 'written'}  ${path}`);
        return check && paths.length > 0 ? EXIT.found : EXIT.ok;
      }),
    );
}
