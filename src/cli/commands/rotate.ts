import type { Command } from 'commander';
import type { RotateResult } from '../../vault/rotate.ts';
import { audited } from '../audited.ts';
import { withCustody } from '../custody.ts';
import { EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

/** `corbel rotate`: prints what was sealed anew as one line of JSON; exit 1 while something is left under another key. */
export function addRotate(program: Command, run: RunCommand): void {
  program
    .command('rotate')
    .summary('seal everything anew with the first encryption key')
    .description(
      'Seal everything anew with the first key of CORBEL_ENCRYPTION_KEYS, while servers run. Afterwards the other keys can go.',
    )
    .addHelpText(
      'after',
      `
Prints how many records were looked at, sealed anew, and are left under other keys. Exit code 1: some are left; run it again.

Examples:
  $ corbel keys encryption ./new-keys                        a key to put first, before those that there are
  $ CORBEL_ENCRYPTION_KEYS=new:…,old:… corbel rotate
  $ CORBEL_ENCRYPTION_KEYS_FILE=./keys corbel rotate         the same keys as the servers, in the same order`,
    )
    .action((_options, command: Command) =>
      run(command, async (terminal) => {
        const [{ rotate }, { partitions }, { rootProject }] = await Promise.all([
          import('../../vault/rotate.ts'),
          import('../../domain/project.ts'),
          import('../../first-start.ts'),
        ]);
        const result = await withCustody(terminal, async (custody) => {
          const { store, vault } = custody;
          const root = await rootProject(store);
          const work = () => rotate(store, vault, { partitions: partitions(store) });
          // A store that was never started has no trail, and nothing that could be rotated.
          if (root === undefined) return work();
          const target = { type: 'encryption_key', id: vault.primaryKeyId, name: null };
          const completed = ({ remaining }: RotateResult) => ({ details: { remaining: String(remaining) } });
          return audited(custody, root, { action: 'encryption_key.rotated', target, completed }, work);
        });
        terminal.print(JSON.stringify(result));
        return result.remaining === 0 ? EXIT.ok : EXIT.found;
      }),
    );
}
