import type { Command } from 'commander';
import type { AuditVerdict } from '../../audit/verify.ts';
import { withCustody } from '../custody.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `corbel audit verify`: walks the audit trails; exit 1 when one is not as it was written. `--json`: `{trails}`, each an
 * {@link AuditVerdict}.
 */
export function addAudit(program: Command, run: RunCommand): void {
  const audit = program
    .command('audit')
    .summary('check the audit trail')
    .description("The audit trail, on the server's own store: settings come from the environment, as for the server.");

  audit
    .command('verify')
    .description(
      'Walk the chain of every project and name the first record that does not fit: changed, removed, inserted, reordered, or cut off at the end. Servers may run meanwhile.',
    )
    .option('--project <id>', 'this one only')
    .addHelpText(
      'after',
      `
Examples:
  $ corbel audit verify
  $ corbel audit verify --project prj_… --json`,
    )
    .action((options: { project?: string }, command: Command) =>
      run(command, async (terminal) => {
        const trails = await verify(terminal, options.project);
        if (terminal.json) terminal.print(JSON.stringify({ trails }));
        else for (const trail of trails) terminal.print(lineOf(trail, terminal));
        return trails.every(({ finding }) => finding === null) ? EXIT.ok : EXIT.found;
      }),
    );
}

async function verify(terminal: Terminal, wanted: string | undefined): Promise<AuditVerdict[]> {
  const [{ verifyAudit }, { getProject, partitions }] = await Promise.all([
    import('../../audit/verify.ts'),
    import('../../domain/project.ts'),
  ]);
  return withCustody(terminal, async ({ store, vault }) => {
    if (wanted !== undefined) return [await verifyAudit(store, vault, (await getProject(store, wanted)).id)];
    const trails: AuditVerdict[] = [];
    for await (const partition of partitions(store)) {
      // It holds the projects, and nothing of theirs.
      if (partition !== 'global') trails.push(await verifyAudit(store, vault, partition));
    }
    if (trails.length === 0)
      throw new CommandFailure(EXIT.failed, 'This store has never been started: start the server once.');
    return trails;
  });
}

function lineOf({ project, records, first_seq, last_seq, finding }: AuditVerdict, { paint }: Terminal): string {
  const told = records === 0 ? 'no records' : `records ${first_seq} to ${last_seq} fit`;
  if (!finding) return `${project}: ${told}`;
  return `${project}: ${paint('red', `${finding.fault}: ${finding.message}`)} (${told})`;
}
