import { type Command, Option } from 'commander';
import { connectorsDirectory } from '../connectors-directory.ts';
import { CommandFailure, EXIT, type ExitCode, reportFailure } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';
import type { Report } from '../validate/check.ts';

const FORMATS = ['text', 'github', 'sarif', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface ValidateOptions {
  watch?: boolean;
  format?: Format;
  connectors?: string;
}

/**
 * `corbel validate [path…]`: everything that is wrong with connectors, all at once; exit 1 when there is something. `--json` (or
 * `--format json`) answers as JsonReport in validate/format-json.ts says.
 */
export function addValidate(program: Command, run: RunCommand): void {
  program
    .command('validate')
    .summary('show everything that is wrong with connectors')
    .description(
      'Check connectors without calling anybody: YAML, keys, scopes, inputs, expressions, examples. Every fault is shown at once, with its place, what to do, and the page of its rule.',
    )
    .argument('[path...]', 'a folder of connectors, a connector, or files of one (default: the connectors directory)')
    .option('-w, --watch', 'check again whenever a file is saved, until Ctrl-C')
    .addOption(new Option('-f, --format <format>', 'how to answer (default: text)').choices(FORMATS))
    .option('--connectors <dir>', 'folder of the connectors, where no path is given')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel validate                                        all connectors
  $ corbel validate connectors/acme --watch                one, again after each save
  $ corbel validate connectors/acme/actions/items.yaml    only what is wrong in this file
  $ corbel validate --format github                        annotations in a workflow of GitHub
  $ corbel validate --format sarif > corbel.sarif          for code scanning

Exit codes: 0 no faults in what was named, 1 faults, 2 a path that is not there.
Every rule is explained in docs/rules.md.`,
    )
    .action((paths: string[], options: ValidateOptions, command: Command) =>
      run(command, async (terminal) => {
        const format = formatOf(terminal, options);
        const [{ createLoadMemory }, { checkTargets }, { findTargets, foldersToWatch }] = await Promise.all([
          import('../../connector/load-memory.ts'),
          import('../validate/check.ts'),
          import('../validate/targets.ts'),
        ]);
        const named = paths.length > 0 ? paths : [connectorsDirectory(terminal, options.connectors)];
        const memory = createLoadMemory();
        const check = async (): Promise<ExitCode> => {
          const targets = await findTargets(named, terminal.cwd);
          const report = await checkTargets(targets, memory, () => performance.now());
          terminal.print(await write(report, format, terminal, command));
          return report.faults.length > 0 ? EXIT.found : EXIT.ok;
        };
        if (!options.watch) return check();
        const { repeatOnChange } = await import('../repeat-on-change.ts');
        const folders = await foldersToWatch(named, terminal.cwd);
        return repeatOnChange(folders, terminal.interrupted(), async () => {
          terminal.clear();
          // What is named may go and come again.
          const exitCode = await check().catch((error: unknown) => reportFailure(terminal, error));
          terminal.note(terminal.paintNote('dim', 'Checking again when a file is saved. Ctrl-C ends it.'));
          return exitCode;
        });
      }),
    );
}

function formatOf({ json }: Terminal, { format, watch }: ValidateOptions): Format {
  if (json && format !== undefined && format !== 'json' && format !== 'sarif')
    throw new CommandFailure(EXIT.usage, `--json and --format ${format} exclude each other.`);
  const chosen = format ?? (json ? 'json' : 'text');
  if (watch && chosen !== 'text')
    throw new CommandFailure(EXIT.usage, `--watch answers again and again, as text; --format ${chosen} is one answer.`);
  return chosen;
}

async function write(report: Report, format: Format, terminal: Terminal, command: Command): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../validate/format-text.ts')).formatText(report, terminal);
    case 'github':
      return (await import('../validate/format-github.ts')).formatGithub(report, terminal.env);
    case 'json':
      return JSON.stringify((await import('../validate/format-json.ts')).formatJson(report));
    case 'sarif': {
      const [{ formatSarif }, { rulesPageUrl }] = await Promise.all([
        import('../validate/format-sarif.ts'),
        import('../validate/docs-url.ts'),
      ]);
      const version = command.parent?.version() ?? '';
      return JSON.stringify(formatSarif(report, { version, docs: rulesPageUrl(terminal.env) }));
    }
  }
}
