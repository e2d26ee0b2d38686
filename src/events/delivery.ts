import { type AccountEvent, type AccountEventType, EVENT_RETENTION_MS } from '../domain/account-event.ts';
import { decodeNext, encodeNext, type ListQuery, type Page } from '../domain/listing.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';

/** One event on its way to one endpoint. Times are ISO 8601. */
export interface Delivery {
  event_id: string;
  type: AccountEventType;
  state: 'pending' | 'delivered' | 'failed';
  /** The newest first; the oldest are forgotten. */
  attempts: DeliveryAttempt[];
  /** Attempts since it was last asked for. */
  tries: number;
  next_attempt_at: string | null;
  created_at: string;
  finished_at: string | null;
}

/** What the endpoint answered is not kept, only that and how it did. */
export interface DeliveryAttempt {
  at: string;
  duration_ms: number;
  status: number | null;
  /** Why there was no usable answer. */
  error: string | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Waits after the first, second, … failed attempt: three days in all, with the last attempts far enough apart for somebody
 * to come back from a weekend (as Standard Webhooks suggests, "Retries").
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  18 * HOUR_MS,
  22 * HOUR_MS,
];

// An endpoint that was down gets its deliveries spread, not all at once.
const JITTER = 0.2;
// What an endpoint may ask for with Retry-After.
const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;
const MAX_KEPT_ATTEMPTS = 20;

/** What a failed attempt is followed by. */
export interface Hindsight {
  nowMs: number;
  /** Jitter, in [0, 1). */
  fraction: number;
  retryAfterMs?: number | undefined;
  /** No further attempt, whatever the schedule says. */
  final: boolean;
}

export function newDelivery(event: AccountEvent, nowMs: number): Delivery {
  const now = new Date(nowMs).toISOString();
  return {
    event_id: event.id,
    type: event.type,
    state: 'pending',
    attempts: [],
    tries: 0,
    next_attempt_at: now,
    created_at: now,
    finished_at: null,
  };
}

/** The delivery asked for anew, with the whole schedule before it. */
export function askedAgain(delivery: Delivery, nowMs: number): Delivery {
  const now = new Date(nowMs).toISOString();
  return { ...delivery, state: 'pending', tries: 0, next_attempt_at: now, finished_at: null };
}

/** The delivery after an attempt: delivered when it was answered with 2xx, to be tried again as the schedule has it, or failed. */
export function afterAttempt(delivery: Delivery, attempt: DeliveryAttempt, hindsight: Hindsight): Delivery {
  const { nowMs, fraction, retryAfterMs = 0, final } = hindsight;
  const { status } = attempt;
  const attempts = [attempt, ...delivery.attempts].slice(0, MAX_KEPT_ATTEMPTS);
  const tries = delivery.tries + 1;
  const tried = { ...delivery, attempts, tries };
  const finished = { next_attempt_at: null, finished_at: new Date(nowMs).toISOString() };
  if (status !== null && status >= 200 && status <= 299) return { ...tried, ...finished, state: 'delivered' };
  const delayMs = RETRY_DELAYS_MS[tries - 1];
  if (final || delayMs === undefined) return { ...tried, ...finished, state: 'failed' };
  const waitMs = Math.max(delayMs * (1 + JITTER * (2 * fraction - 1)), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  return { ...tried, next_attempt_at: new Date(nowMs + waitMs).toISOString() };
}

/** A delivery as stored, with what is needed to change it. */
export interface StoredDelivery {
  delivery: Delivery;
  version: number;
}

// Of each endpoint on its own, so that they can be listed; and they are forgotten with the events.
function keyOf(project: string, endpoint: string, event: string): RecordKey {
  return { partition: project, kind: `webhook_delivery.${endpoint}`, id: event };
}

export async function findDelivery(
  store: Store,
  project: string,
  endpoint: string,
  event: string,
): Promise<StoredDelivery | undefined> {
  const record = await store.get(keyOf(project, endpoint, event));
  return record && { delivery: parseDelivery(record), version: record.version };
}

/** Writes a delivery over the version that was read (0: there is none yet); false when it was changed meanwhile. */
export async function saveDelivery(
  store: Store,
  project: string,
  endpoint: string,
  { delivery, version }: StoredDelivery,
): Promise<boolean> {
  const { ok } = await store.put(keyOf(project, endpoint, delivery.event_id), JSON.stringify(delivery), {
    expectedVersion: version,
    ttlMs: EVENT_RETENTION_MS,
  });
  return ok;
}

/** The deliveries to an endpoint, those of the newest events first. */
export async function listDeliveries(
  store: Store,
  project: string,
  endpoint: string,
  query: ListQuery,
): Promise<Page<Delivery>> {
  const { partition, kind } = keyOf(project, endpoint, '');
  const { records, next } = await store.list(partition, kind, {
    limit: query.limit,
    order: 'descending',
    ...(query.next !== undefined && { after: decodeNext(query.next) }),
  });
  return { data: records.map(parseDelivery), next: next === undefined ? null : encodeNext(next) };
}

function parseDelivery({ value }: StoredRecord): Delivery {
  return JSON.parse(value) as Delivery;
}
