import { join } from 'node:path';
import { assemble, type Running } from '../../assemble.ts';
import { systemClock } from '../../clock.ts';
import type { Connector } from '../../connector/connector.ts';
import { ConnectorError } from '../../connector/diagnostics.ts';
import { connectorFolders } from '../../connector/read-sources.ts';
import { createLogger } from '../../logger.ts';
import { systemRandom } from '../../random.ts';
import { noSuchConnector } from '../command-line.ts';
import { EXIT, type ExitCode } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import { type DevServer, describeConnector } from './describe-connector.ts';
import type { DevConnector } from './dev-event.ts';
import { ensureDevKeys } from './dev-keys.ts';
import { devSettings } from './dev-settings.ts';
import { createExamplePlayer } from './play-examples.ts';
import { createReloads } from './reloads.ts';
import { readSandboxFile, type SandboxProgram } from './sandbox-file.ts';
import { createSandboxSet } from './sandbox-set.ts';
import { createTeller } from './screen.ts';
import { createSettle } from './settle.ts';
import { watchConnectors } from './watch-connectors.ts';

export interface DevOptions {
  /** Those that get a sandbox and an account; all when empty. */
  connectors: readonly string[];
  /** Absolute. */
  directory: string;
  /** The file that registers sandbox programs. */
  sandboxes: string;
  port: number | undefined;
  data: string | undefined;
  sandbox: boolean;
  /** Whether the examples of what changed are played. */
  test: boolean;
  version: string;
}

// An editor writes a file in one go or in a few pieces, within a few milliseconds.
const QUIET_MS = 20;
// Some editors remove the file before they put the new one in its place.
const QUIET_AFTER_REMOVAL_MS = 100;
// A checkout of a branch goes on for long: what is there already can be looked at meanwhile.
const LONGEST_BURST_MS = 300;

/**
 * Server, sandboxes and watch in one; resolves when it was interrupted and everything has ended. Rejects as `assemble` does, but
 * not for faults in connectors: those are told, and mended ones are waited for. Throws {@link CommandFailure} when a connector that
 * is named is not there.
 */
export async function dev(terminal: Terminal, options: DevOptions): Promise<ExitCode> {
  const { directory } = options;
  const folders = await connectorFolders(directory, []);
  const missing = options.connectors.find((id) => !folders.includes(id));
  if (missing !== undefined) throw noSuchConnector(missing, folders);
  let ending = false;
  const interrupted = terminal.interrupted().then(() => {
    ending = true;
  });
  const tell = createTeller(terminal);
  const settings = devSettings(terminal.env, { ...options, cwd: terminal.cwd });
  const programs = options.sandbox ? await readSandboxFile(options.sandboxes) : new Map<string, SandboxProgram>();
  const surroundings = { env: terminal.env, cwd: terminal.cwd, clock: systemClock };
  const wanted = (ids: readonly string[]) =>
    options.sandbox ? ids.filter((id) => options.connectors.length === 0 || options.connectors.includes(id)) : [];
  const overrides = settings.originOverrides;
  const sandboxes = createSandboxSet({ directory, programs, overrides, surroundings, tell, ending: () => ending });
  const player = createExamplePlayer(directory, surroundings);
  const describe = (at: DevServer, connector: Connector) =>
    describeConnector(at, connector, sandboxes.of(connector.id), programs.get(connector.id));
  const prepare = async () => sandboxes.ensure(wanted(await connectorFolders(directory, [])));

  let running: Running | undefined;
  let server: DevServer | undefined;
  let retry: () => void = () => {};
  const reloads = createReloads({
    ...{ tell, prepare, clock: systemClock },
    played: options.test ? player : undefined,
    async connected(connector, isNew) {
      if (!server) return;
      const described = await describe(server, connector);
      if (isNew) tell({ event: 'connector', connector: described });
    },
  });
  const settle = createSettle({
    clock: systemClock,
    longestMs: LONGEST_BURST_MS,
    work: async () => (running ? reloads.reload(running.registry) : retry()),
  });
  const watch = await watchConnectors(directory, {
    onChange(path, what) {
      reloads.noted(path);
      settle.note(what === 'removed' ? QUIET_AFTER_REMOVAL_MS : QUIET_MS);
    },
    onError: ({ message }) => tell({ event: 'note', message: `The folder is not watched any more: ${message}` }),
  });

  try {
    await prepare();
    running = await untilSound(interrupted);
    if (running) {
      const keys = await ensureDevKeys({ ...running, clock: systemClock, random: systemRandom });
      const address = await running.app.listen({ host: settings.host, port: settings.port });
      server = { app: running.app, keys, address };
      const connectors: DevConnector[] = [];
      for (const connector of running.registry.current().connectors.values())
        connectors.push(await describe(server, connector));
      tell({
        event: 'ready',
        address,
        connectors_directory: directory,
        store: running.store.kind === 'sqlite' ? settings.dataDirectory : running.store.kind,
        operator_key: keys.operator.reveal(),
        backend_key: keys.backend.reveal(),
        connectors,
      });
      // So that the first save need not do it.
      await running.finishLoading();
      await interrupted;
    }
  } finally {
    ending = true;
    await watch.close();
    await settle.idle();
    await player.stop();
    running?.drain();
    await running?.close();
    await sandboxes.stop();
  }
  tell({ event: 'stopped' });
  return EXIT.ok;

  /** Assembles the server as soon as the connectors have no faults; undefined when interrupted before. */
  async function untilSound(end: Promise<void>): Promise<Running | undefined> {
    const logger = createLogger(settings.logLevel, process.stderr);
    for (;;) {
      const changed = new Promise<'changed'>((resolve) => {
        retry = () => resolve('changed');
      });
      try {
        return await assemble({ settings, clock: systemClock, random: systemRandom, logger, version: options.version });
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        tell({ event: 'refused', serving: false, faults: error.diagnostics });
      }
      if ((await Promise.race([changed, end])) !== 'changed') return undefined;
      await prepare();
    }
  }
}

/** Where the programs are registered, unless told otherwise. */
export function defaultSandboxFile(cwd: string): string {
  return join(cwd, 'sandbox', 'sandboxes.yaml');
}
