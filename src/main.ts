import { readFileSync } from 'node:fs';
import { assemble, type Running } from './assemble.ts';
import { systemClock } from './clock.ts';
import { ConnectorError } from './connector/diagnostics.ts';
import { ensureFirstStart, rootProject } from './first-start.ts';
import { createLogger } from './logger.ts';
import { systemRandom } from './random.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';
import { describeStartFailure } from './start-failure.ts';

// Every exit that is not by choice: a supervisor must not take it for a success.
const EXIT_REFUSED = 1;
// The first calls of a new process come before what nobody waits for, which takes a third of a second.
const FINISH_LOADING_AFTER_MS = 5_000;

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

let settings: Settings;
try {
  settings = readSettings(process.env);
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError ? error.message : describeStartFailure(error)}\n`);
  process.exit(EXIT_REFUSED);
}
// Whoever reads the log may go away; that must not take the calls under way with it.
process.stdout.on('error', () => {});
const logger = createLogger(settings.logLevel);

try {
  const running = await assemble({ settings, clock: systemClock, random: systemRandom, logger, version });
  await ensureFirstStart({
    store: running.store,
    clock: systemClock,
    random: systemRandom,
    announce: async (key) => {
      process.stdout.write(`\nOperator key (shown this once, keep it): ${key.reveal()}\n\n`);
      const project = await rootProject(running.store);
      if (project === undefined) return;
      const target = { type: 'project', id: project, name: null };
      running.audit.noteServer(project, { action: 'project.first_started', target, details: { role: 'operator' } });
    },
  });
  const address = await running.app.listen({ host: settings.host, port: settings.port });
  const { hash, actions } = running.registry.current();
  logger.info({ address, version, store: running.store.kind, actions: actions.size, registry: hash }, 'listening');
  onSignals(running);
  await systemClock.sleep(FINISH_LOADING_AFTER_MS);
  await running.finishLoading();
} catch (error) {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  process.exit(EXIT_REFUSED);
}

function onSignals(running: Running): void {
  process.on('SIGHUP', () => {
    running.registry.reload().then(
      (outcome) => logger.info({ outcome, registry: running.registry.current().hash }, 'connectors reloaded'),
      (error: unknown) => {
        const faults =
          error instanceof ConnectorError ? error.diagnostics.map(({ frame: _frame, ...fault }) => fault) : undefined;
        logger.error(
          { ...(faults ? { faults } : { err: error }), registry: running.registry.current().hash },
          'reload refused, the connectors in force stay',
        );
      },
    );
  });
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void stop(running, signal);
    });
  }
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'unhandled rejection');
    process.exit(EXIT_REFUSED);
  });
}

async function stop(running: Running, signal: string): Promise<void> {
  logger.info({ signal }, 'stopping');
  running.drain();
  await systemClock.sleep(settings.drainDelayMs);
  const late = setTimeout(() => {
    logger.error({ grace_ms: settings.shutdownGraceMs }, 'calls under way did not finish in time');
    process.exit(EXIT_REFUSED);
  }, settings.shutdownGraceMs);
  try {
    await running.close();
    clearTimeout(late);
    logger.info('stopped');
    process.exit(0);
  } catch (error) {
    logger.error({ err: error }, 'stopping failed');
    process.exit(EXIT_REFUSED);
  }
}
