import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import { createFormatChecks } from '../../connector/compile-connector.ts';
import type { Connector } from '../../connector/connector.ts';
import { ConnectorError, printable } from '../../connector/diagnostics.ts';
import { loadFolder } from '../../connector/load.ts';
import { connectorFolders } from '../../connector/read-sources.ts';
import { mockedOrigins } from '../../mock/example-index.ts';
import { createMockProvider, type MockProvider, type MockRecord } from '../../mock/mock-provider.ts';
import { type MockServer, startMockServer } from '../../mock/mock-server.ts';
import { noSuchConnector } from '../command-line.ts';
import { watchConnectors } from '../dev/watch-connectors.ts';
import { CommandFailure, EXIT, reportFailure } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';

export interface MockOptions {
  directory: string;
  connector: string;
  host: string;
  port: number;
  delayMs: number;
}

// Editors write a file in several pieces.
const QUIET_MS = 100;

/** Serves until the terminal is interrupted. Throws {@link CommandFailure} for an unknown connector or a port that is taken, and `ConnectorError`. */
export async function serveMock(terminal: Terminal, options: MockOptions): Promise<void> {
  const { directory, host, port, delayMs } = options;
  const interrupted = terminal.interrupted();
  const connector = await load(directory, options.connector);
  const provider = createMockProvider(connector, () => systemClock.now());
  const onAnswer = (record: MockRecord) => tell(terminal, record);
  const server = await startMockServer(provider, { host, port, delayMs, clock: systemClock, onAnswer }).catch(
    (error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw new CommandFailure(
        EXIT.failed,
        `Cannot listen on ${host} port ${port} (${code}).`,
        'Choose another --port; 0 takes any.',
      );
    },
  );
  const watching = await watch(terminal, options, provider);
  try {
    announce(terminal, connector, server);
    await interrupted;
  } finally {
    await watching.close();
    await server.close();
  }
}

async function load(directory: string, name: string): Promise<Connector> {
  const folders = await connectorFolders(directory, []);
  if (!folders.includes(name)) throw noSuchConnector(name, folders);
  const { connector, faults } = await loadFolder(directory, name, createFormatChecks());
  if (!connector) throw new ConnectorError(faults);
  return connector;
}

/** What is saved is served; what is broken is told, and the last good examples stay. */
async function watch(terminal: Terminal, { directory, connector }: MockOptions, provider: MockProvider) {
  let timer: NodeJS.Timeout | undefined;
  const reload = () =>
    load(directory, connector).then(
      (loaded) => provider.replace(loaded),
      (error: unknown) => tellFault(terminal, error),
    );
  const watching = await watchConnectors(join(directory, connector), {
    onChange: () => {
      clearTimeout(timer);
      timer = setTimeout(reload, QUIET_MS);
    },
    onError: (error) => tellFault(terminal, error),
  });
  return {
    close: async () => {
      clearTimeout(timer);
      await watching.close();
    },
  };
}

/** On standard error: standard output is for requests. */
function tellFault(terminal: Terminal, error: unknown): void {
  reportFailure({ ...terminal, json: false }, error);
}

function announce(terminal: Terminal, connector: Connector, { origin, address }: MockServer): void {
  const origins = mockedOrigins(connector);
  const environment = {
    CORBEL_ORIGIN_OVERRIDES: origins.map((declared) => `${declared}=${origin}`).join(','),
    CORBEL_ALLOW_PRIVATE_ADDRESSES: `${address}/${isIPv6(address) ? 128 : 32}`,
  };
  if (terminal.json) {
    terminal.print(JSON.stringify({ origin, connector: connector.id, stands_in_for: origins, environment }));
    return;
  }
  terminal.print(`${connector.label} is played on ${terminal.paint('bold', origin)}. Settings for a server:\n`);
  for (const [name, value] of Object.entries(environment)) terminal.print(`${name}=${value}`);
  terminal.note(terminal.paintNote('dim', '\nCtrl-C ends.\n'));
}

function tell(terminal: Terminal, record: MockRecord): void {
  if (terminal.json) {
    terminal.print(JSON.stringify(record));
    return;
  }
  const { method, target, status, example, differs } = record;
  const { paint } = terminal;
  const [path = ''] = target.split('?');
  const colour = status < 400 ? 'green' : 'yellow';
  terminal.print(`${paint(colour, String(status))} ${printable(`${method} ${path}`)}`);
  if (example !== undefined) terminal.print(`    ${paint('dim', printable(example))}`);
  for (const text of differs) terminal.print(`    ${paint('yellow', printable(text))}`);
}
