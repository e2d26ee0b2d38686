import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import { type AccountEvent, findEvent } from '../domain/account-event.ts';
import {
  changeEndpoint,
  listEndpoints,
  openEndpoint,
  type PublicEndpoint,
  type WebhookEndpoint,
} from '../domain/webhook-endpoint.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import { afterAttempt, findDelivery, newDelivery, saveDelivery } from './delivery.ts';
import type { Outbox } from './outbox.ts';
import { type SentEvent, sendEvent } from './send-event.ts';
import type { DueWork, WorkQueue } from './work-queue.ts';

export interface EventWorkDependencies {
  store: Store;
  vault: Vault;
  door: Door;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
  queue: WorkQueue;
  outbox: Outbox;
}

// Standard Webhooks: "410 Gone: the endpoint is gone and should be disabled".
const GONE = 410;
const PAGE = 100;

/**
 * Does one piece of work of the queue. Everything that follows from it is written before it is taken off, so that a process
 * that dies in between leaves it to be done again.
 */
export function createEventWork(dependencies: EventWorkDependencies): (due: DueWork) => Promise<void> {
  const { store, vault, clock, random, logger, queue, outbox } = dependencies;

  return async (due) => {
    if (due.endpoint === null) await handOut(due);
    else await deliver(due, due.endpoint);
    await queue.remove(due);
  };

  /** Makes a delivery for each endpoint that wants the event. */
  async function handOut({ project, event: id }: DueWork): Promise<void> {
    const event = await outbox.settle(project, id);
    if (!event) return;
    for await (const endpoint of endpointsOf(project)) {
      const wanted = endpoint.events === null || endpoint.events.includes(event.type);
      // Who came later did not ask for what was before.
      if (!wanted || !endpoint.enabled || endpoint.created_at > event.at) continue;
      const delivery = newDelivery(event, clock.now());
      // In this order: work without a delivery is thrown away. When this ends in between, all of it is done again.
      await saveDelivery(store, project, endpoint.id, { delivery, version: 0 });
      await queue.add(clock.now(), { project, event: id, endpoint: endpoint.id });
    }
  }

  async function* endpointsOf(project: string): AsyncGenerator<PublicEndpoint> {
    let next: string | undefined;
    do {
      const page = await listEndpoints(store, project, { limit: PAGE, next });
      yield* page.data;
      next = page.next ?? undefined;
    } while (next !== undefined);
  }

  async function deliver({ project, event: id }: DueWork, endpointId: string): Promise<void> {
    const stored = await findDelivery(store, project, endpointId, id);
    if (stored?.delivery.state !== 'pending') return;
    // Another piece of work stands for a later time.
    if (Date.parse(stored.delivery.next_attempt_at ?? '') > clock.now()) return;
    const event = await findEvent(store, project, id);
    const endpoint = await opened(project, endpointId);
    // Deleted meanwhile; what is left of its deliveries is forgotten in time.
    if (!event || !endpoint) return;

    const { attempt, retryAfterMs } = await attemptOf(endpoint, event);
    const gone = attempt.status === GONE;
    if (gone) await disable(project, endpointId);
    const delivery = afterAttempt(stored.delivery, attempt, {
      nowMs: clock.now(),
      fraction: random.fraction(),
      retryAfterMs,
      final: gone || attempt.error === DISABLED,
    });
    if (delivery.next_attempt_at !== null)
      await queue.add(Date.parse(delivery.next_attempt_at), { project, event: id, endpoint: endpointId });
    await saveDelivery(store, project, endpointId, { delivery, version: stored.version });
    const { state } = delivery;
    const told = { project, event: id, endpoint: endpointId, status: attempt.status, error: attempt.error, state };
    logger.info(told, 'event delivery');
  }

  /** The endpoint; `unreadable` when its secrets cannot be opened, which somebody may mend before the schedule is over. */
  async function opened(project: string, id: string): Promise<WebhookEndpoint | 'unreadable' | undefined> {
    try {
      return await openEndpoint(store, vault, project, id);
    } catch (error) {
      if (error instanceof Problem && error.code === 'sealed_value_unreadable') return 'unreadable';
      throw error;
    }
  }

  async function attemptOf(endpoint: WebhookEndpoint | 'unreadable', event: AccountEvent): Promise<SentEvent> {
    const without = (error: string): SentEvent => ({
      attempt: { at: new Date(clock.now()).toISOString(), duration_ms: 0, status: null, error },
      retryAfterMs: undefined,
    });
    if (endpoint === 'unreadable') return without('sealed_value_unreadable');
    if (!endpoint.enabled) return without(DISABLED);
    return sendEvent(dependencies, endpoint, event);
  }

  async function disable(project: string, id: string): Promise<void> {
    const change = { enabled: false, disabled_reason: 'gone' } as const;
    await changeEndpoint(store, vault, clock.now(), project, id, change).catch((error: unknown) => {
      // Changed or deleted by somebody who knows better just now.
      if (!(error instanceof Problem) || error.code === 'store_unavailable') throw error;
    });
  }
}

const DISABLED = 'webhook_endpoint_disabled';
