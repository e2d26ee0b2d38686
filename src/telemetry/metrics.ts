import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry as PrometheusRegistry } from 'prom-client';
import type { Registry } from '../connector/connector.ts';
import type { RecordedCall } from '../request-log/recorded-call.ts';
import type { Attempt } from '../upstream/types.ts';
import type { CallFigures } from './call-figures.ts';
import { CountTable } from './count-table.ts';
import { hostLabeller } from './host-labels.ts';
import type { StoreObserver } from './measured-store.ts';

/** For what a request leaves the server. */
export type Purpose = 'call' | 'app_token' | 'refresh' | 'event';

/** What the process counts for Prometheus. No label holds anything that a caller sent: all are declared or of a fixed list. */
export interface Metrics {
  called(figures: CallFigures): void;
  attempted(purpose: Purpose): (host: string, attempt: Attempt) => void;
  stored: StoreObserver;
  dropped(count: number): void;
  /** The exposition text with its media type. */
  expose(): Promise<{ type: string; text: string }>;
}

export interface MetricsOptions {
  registry: () => Registry;
  running: () => Iterable<RecordedCall>;
  version: string;
}

const SECOND_MS = 1_000;
// From what this server adds to what an upload takes.
const CALL_BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];
const STORE_BUCKETS_S = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];

/** Counts in a registry of its own; nothing is global. The official client's process metrics are in it, too. */
export function createMetrics({ registry, running, version }: MetricsOptions): Metrics {
  const prometheus = new PrometheusRegistry();
  const registers = [prometheus];
  collectDefaultMetrics({ register: prometheus });
  const hostLabel = hostLabeller(registry);

  // Counted in a plain table and handed over when asked for: that costs a tenth, and calls come by the thousand a second.
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) => {
    const table = new CountTable(labelNames);
    const made: Counter<L> = new Counter({
      ...{ name, help, labelNames, registers },
      collect() {
        made.reset();
        for (const { labels, count } of table.entries()) made.inc(labels as Record<L, string>, count);
      },
    });
    return table;
  };
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });

  const calls = counter(
    'corbel_calls_total',
    'Calls of actions that ended, dry runs aside; code "ok" or that of the problem.',
    ['connector', 'action', 'code'],
  );
  const own = histogram(
    'corbel_call_own_seconds',
    'Time of a call spent in this server; calls with files aside.',
    ['connector'],
    CALL_BUCKETS_S,
  );
  const provider = histogram(
    'corbel_call_provider_seconds',
    'Time of a call spent waiting for the provider.',
    ['connector'],
    CALL_BUCKETS_S,
  );
  const requests = counter(
    'corbel_provider_requests_total',
    'Attempts of requests that left the server, by outcome: the class of the status, timeout, or unreachable.',
    ['purpose', 'host', 'outcome'],
  );
  const retries = counter('corbel_provider_retries_total', 'Attempts that repeated an earlier one.', [
    'purpose',
    'host',
  ]);
  const tokens = counter(
    'corbel_token_requests_total',
    'Requests for tokens: app (client credentials, assertions) and refresh, ok, refused or failed.',
    ['kind', 'outcome'],
  );
  const deliveries = counter(
    'corbel_event_deliveries_total',
    'Attempts to deliver events: delivered, refused or failed.',
    ['outcome'],
  );
  const waits = counter('corbel_rate_budget_waits_total', 'Calls that waited for their turn under a rate limit.', [
    'limit',
  ]);
  const waited = counter('corbel_rate_budget_wait_seconds_total', 'Time that calls waited for their turn.', ['limit']);
  const drops = counter('corbel_request_log_dropped_total', 'Records of calls that the store did not take.', []);
  const store = histogram('corbel_store_seconds', 'Time that the store took.', ['operation'], STORE_BUCKETS_S);
  const failures = counter('corbel_store_errors_total', 'Operations that the store did not do.', ['operation']);
  gauge('corbel_calls_running', 'Calls of actions under way.', () => [...running()].length);
  gauge(
    'corbel_uploads_open',
    'Calls under way that send a file.',
    () => [...running()].filter(({ trace }) => trace.hasFile).length,
  );
  new Gauge({ name: 'corbel_info', help: 'This release.', labelNames: ['version'], registers }).set({ version }, 1);

  function gauge(name: string, help: string, value: () => number): void {
    const made: Gauge = new Gauge({
      ...{ name, help, registers },
      collect() {
        made.set(value());
      },
    });
  }

  return {
    called({ connector, action, code, corbelMs, providerMs, waitsMs }) {
      calls.add(1, connector, action, code ?? 'ok');
      if (corbelMs !== null) own.observe({ connector }, corbelMs / SECOND_MS);
      if (providerMs !== null) provider.observe({ connector }, providerMs / SECOND_MS);
      for (const limit in waitsMs) {
        waits.add(1, limit);
        waited.add((waitsMs[limit] ?? 0) / SECOND_MS, limit);
      }
    },
    attempted: (purpose) => (hostname, attempt) => {
      const host = purpose === 'event' ? 'endpoint' : hostLabel(hostname);
      requests.add(1, purpose, host, outcomeOf(attempt));
      if (attempt.number > 1) retries.add(1, purpose, host);
      if (purpose === 'event')
        deliveries.add(1, attempt.status === undefined ? 'failed' : isOk(attempt) ? 'delivered' : 'refused');
      if (purpose === 'app_token' || purpose === 'refresh')
        tokens.add(1, purpose === 'refresh' ? 'refresh' : 'app', tokenOutcome(attempt));
    },
    stored(operation, durationMs, failed) {
      store.observe({ operation }, durationMs / SECOND_MS);
      if (failed) failures.add(1, operation);
    },
    dropped: (count) => drops.add(count),
    expose: async () => ({ type: prometheus.contentType, text: await prometheus.metrics() }),
  };
}

function outcomeOf({ status, error }: Attempt): string {
  if (status !== undefined) return `${Math.floor(status / 100)}xx`;
  return /TIMEDOUT|TIMEOUT/i.test(error ?? '') ? 'timeout' : 'unreachable';
}

function isOk({ status = 0 }: Attempt): boolean {
  return status >= 200 && status <= 299;
}

function tokenOutcome(attempt: Attempt): string {
  if (isOk(attempt)) return 'ok';
  const { status = 0 } = attempt;
  return status >= 400 && status <= 499 && status !== 429 ? 'refused' : 'failed';
}
