import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import { findEvent } from '../domain/account-event.ts';
import { getEndpoint } from '../domain/webhook-endpoint.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { Door } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import { createDeliverer } from './deliverer.ts';
import { askedAgain, type Delivery, findDelivery, newDelivery, saveDelivery } from './delivery.ts';
import { createEventWork } from './event-work.ts';
import { type AccountEvents, createOutbox } from './outbox.ts';
import { createWorkQueue } from './work-queue.ts';

export interface Events extends AccountEvents {
  /**
   * Sends an event to an endpoint once more, or for the first time. Rejects with `not_found` and
   * `webhook_endpoint_disabled`.
   */
  redeliver(project: string, endpoint: string, event: string): Promise<Delivery>;
  /** Begins no more deliveries; resolves when those under way are over (at most some 10 s). */
  close(): Promise<void>;
}

export interface EventsDependencies {
  store: Store;
  vault: Vault;
  door: Door;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
}

/** Events about accounts: written down with the change, and delivered behind it by whichever process comes to it. */
export function createEvents(dependencies: EventsDependencies): Events {
  const { store, clock } = dependencies;
  const queue = createWorkQueue(store);
  const outbox = createOutbox({ ...dependencies, queue, wake: () => deliverer.wake() });
  const work = createEventWork({ ...dependencies, queue, outbox });
  const deliverer = createDeliverer({ ...dependencies, queue, work });

  return {
    tell: outbox.tell,
    async redeliver(project, endpointId, eventId) {
      const endpoint = await getEndpoint(store, project, endpointId);
      const event = await findEvent(store, project, eventId);
      if (event?.state !== 'certain') throw new Problem('not_found', 'There is no such event (any more).');
      if (!endpoint.enabled)
        throw new Problem('webhook_endpoint_disabled', `Webhook endpoint ${endpoint.id} is disabled.`);
      const now = clock.now();
      for (;;) {
        const stored = await findDelivery(store, project, endpointId, eventId);
        const delivery = stored ? askedAgain(stored.delivery, now) : newDelivery(event, now);
        if (!(await saveDelivery(store, project, endpointId, { delivery, version: stored?.version ?? 0 }))) continue;
        await queue.add(now, { project, event: eventId, endpoint: endpointId });
        deliverer.wake();
        return delivery;
      }
    },
    close: () => deliverer.close(),
  };
}
