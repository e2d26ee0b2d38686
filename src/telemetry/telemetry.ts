import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Registry } from '../connector/connector.ts';
import type { Random } from '../random.ts';
import type { RequestLog, RequestLogOptions } from '../request-log/request-log.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import { figuresOf } from './call-figures.ts';
import { measuredDoor } from './measured-door.ts';
import { measuredStore } from './measured-store.ts';
import type { Metrics, Purpose } from './metrics.ts';
import { createUsageWriter, type UsageWriter } from './usage-writer.ts';

/** Everything that is counted and traced. What is switched off is not even loaded. */
export interface Telemetry {
  /** Undefined when switched off. */
  metrics: Metrics | undefined;
  usage: UsageWriter;
  /** The store that the rest of the server is to use. */
  store: Store;
  /** The door for a purpose. */
  door(purpose: Purpose, door: Door): Door;
  /** What the request log is to tell. */
  watchers: Pick<RequestLogOptions, 'onEnd' | 'onDropped' | 'trace'>;
  /** To be called when no calls run any more. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  settings: Pick<Settings, 'metrics' | 'tracing'>;
  store: Store;
  clock: Clock;
  random: Random;
  logger: Logger;
  registry: () => Registry;
  /** The log, once there is one. */
  requestLog: () => Pick<RequestLog, 'running'>;
  version: string;
}

export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { settings, clock, random, logger, registry, requestLog, version } = options;
  const running = () => requestLog().running();
  const metrics =
    settings.metrics === 'off'
      ? undefined
      : (await import('./metrics.ts')).createMetrics({ registry, running, version });
  const tracing =
    settings.tracing &&
    (await (await import('./tracing.ts')).startTracing({ settings: settings.tracing, version, registry }));
  const store = metrics ? measuredStore(options.store, metrics.stored) : options.store;
  const usage = createUsageWriter({ store, clock, random, logger });
  return {
    metrics,
    usage,
    store,
    door: (purpose, door) => (metrics ? measuredDoor(door, metrics.attempted(purpose)) : door),
    watchers: {
      onEnd(call) {
        const figures = figuresOf(call, registry());
        if (!figures) return;
        usage.add(figures);
        metrics?.called(figures);
      },
      ...(metrics && { onDropped: metrics.dropped }),
      ...(tracing && { trace: tracing.begin }),
    },
    async close() {
      await Promise.all([usage.close(), tracing?.close()]);
    },
  };
}
