import type { Command } from 'commander';
import { MAX_PORT, wholeNumber } from '../command-line.ts';
import { connectorsDirectory } from '../connectors-directory.ts';
import { EXIT } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';

interface Options {
  connectors?: string;
  port: number;
  delayMs: number;
  host: string;
}

const MAX_DELAY_MS = 600_000;
const DEFAULT_PORT = 4_020;
const LOOPBACK = '127.0.0.1';

/**
 * `corbel mock`: serves a connector's examples. `--json`: the first line is `{origin, connector, stands_in_for: [origin],
 * environment: {name: value}}`, then one `{method, target, status, example, differs}` for every request.
 */
export function addMock(program: Command, run: RunCommand): void {
  program
    .command('mock')
    .summary("serve a connector's examples as its provider")
    .description(
      "Stand in for a connector's provider: answer requests with the connector's examples, consent to everything, give made-up tokens. A saved example is served at once.",
    )
    .argument('<connector>', 'whose provider')
    .option('-p, --port <number>', 'where to listen; 0: any that is free', wholeNumber(0, MAX_PORT), DEFAULT_PORT)
    .option('--delay-ms <number>', 'hold every answer back', wholeNumber(0, MAX_DELAY_MS), 0)
    .option('--host <address>', 'address to listen on; another one lets others in', LOOPBACK)
    .option('--connectors <dir>', 'folder of the connectors')
    .addHelpText(
      'after',
      `
A request gets the example that asks for exactly this, else the one most like
it. The answer tells which in x-mock-example, and in x-mock-differs what is
different. A refusal is given for exactly its request, or when the request names
it in x-mock-example; behind a server: POST /__mock__/next {"example": "<name>"}.

Examples:
  $ corbel mock acme                  prints the settings for a server
  $ corbel mock acme --port 0 --json
  $ corbel mock acme --delay-ms 2000  a slow provider
  $ curl -i http://127.0.0.1:4020/v1/items -H 'x-mock-example: The provider refuses what it is asked.'`,
    )
    .action((connector: string, { connectors, ...options }: Options, command: Command) =>
      run(command, async (terminal) => {
        const { serveMock } = await import('../mock/serve-mock.ts');
        const directory = connectorsDirectory(terminal, connectors);
        await serveMock(terminal, { directory, connector, ...options });
        return EXIT.ok;
      }),
    );
}
