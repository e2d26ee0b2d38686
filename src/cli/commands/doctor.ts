import type { Command } from 'commander';
import { EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], fault: ['red', '✗'] } as const;

/** `corbel doctor`. `--json`: `{faults, warnings, findings: [{check, outcome: ok|warning|fault, message, remedy?}]}`. */
export function addDoctor(program: Command, run: RunCommand): void {
  program
    .command('doctor')
    .summary('look at everything that the server needs, and say what is wrong')
    .description(
      `Look at settings, store, encryption keys, clocks, providers, public URL, files, disk and connectors with the server's
own settings, and say what to do about each thing that is wrong. Changes nothing; may run beside the server. Exit code 1
when there is a fault (✗).`,
    )
    .addHelpText(
      'after',
      `
Examples:
  $ corbel doctor
  $ CORBEL_STORE=redis://… CORBEL_ENCRYPTION_KEYS_FILE=./keys corbel doctor
  $ corbel doctor --json | jq '.findings[] | select(.outcome != "ok")'`,
    )
    .action((_options, command: Command) =>
      run(command, async (terminal) => {
        const [{ examine }, { systemClock }, { systemRandom }, { printable }] = await Promise.all([
          import('../doctor/doctor.ts'),
          import('../../clock.ts'),
          import('../../random.ts'),
          import('../../connector/diagnostics.ts'),
        ]);
        const { env, cwd } = terminal;
        const nodeVersion = process.versions.node;
        const findings = await examine({ env, cwd, clock: systemClock, random: systemRandom, nodeVersion });
        const count = (outcome: string) => findings.filter((finding) => finding.outcome === outcome).length;
        const [faults, warnings] = [count('fault'), count('warning')];
        if (terminal.json) terminal.print(JSON.stringify({ faults, warnings, findings }));
        else {
          const width = Math.max(...findings.map(({ check }) => check.length));
          for (const { check, outcome, message, remedy } of findings) {
            const [colour, mark] = MARKS[outcome];
            terminal.print(`${terminal.paint(colour, mark)} ${check.padEnd(width)}  ${printable(message)}`);
            if (remedy !== undefined) terminal.print(`  ${' '.repeat(width)}  → ${printable(remedy)}`);
          }
          const told = [
            `${faults} ${faults === 1 ? 'fault' : 'faults'}`,
            `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
          ];
          terminal.print(`\n${terminal.paint(faults > 0 ? 'red' : 'green', told.join(', '))}`);
        }
        return faults > 0 ? EXIT.found : EXIT.ok;
      }),
    );
}
