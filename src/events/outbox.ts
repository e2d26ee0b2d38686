import type { BaseLogger } from 'pino';
import type { Clock } from '../clock.ts';
import { findAccount, publicAccount } from '../domain/account.ts';
import {
  type AccountEvent,
  type AccountEventType,
  dropEvent,
  findEvent,
  preparedEvent,
  saveEvent,
} from '../domain/account-event.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { WorkQueue } from './work-queue.ts';

export interface EventSubject {
  project: string;
  account: string;
  type: AccountEventType;
}

/**
 * Tells what happens to accounts. An event is written down before its change and confirmed after it. When the process dies
 * between the two, whoever finds the event looks at the account, and tells what turns out to have happened.
 */
export interface AccountEvents {
  /**
   * Runs `change`, which is what the event says, and gives what it gives. No event when it gives undefined (nothing had to
   * be changed) or rejects with a Problem that tells that nothing was changed. Itself rejects only with
   * `store_unavailable`, before `change` is begun.
   */
  tell<T>(subject: EventSubject, change: () => Promise<T>): Promise<T>;
}

export interface Outbox extends AccountEvents {
  /** The event once it is certain that it happened; undefined when there is none, or it did not happen. */
  settle(project: string, event: string): Promise<AccountEvent | undefined>;
}

export interface OutboxDependencies {
  store: Store;
  clock: Clock;
  random: Random;
  logger: BaseLogger;
  queue: WorkQueue;
  /** Called when there is something to deliver. */
  wake: () => void;
}

// Longer than any change of an account takes, revocation at the provider included. When one takes longer still, it is told
// all the same once it is done.
const PREPARED_MS = 30_000;

export function createOutbox({ store, clock, random, logger, queue, wake }: OutboxDependencies): Outbox {
  async function accountNow({ project, account_id }: AccountEvent) {
    const account = await findAccount(store, project, account_id);
    return account && publicAccount(account);
  }

  /** Confirms the event with the account as it is now; of a deletion, as it was. */
  async function confirmed(event: AccountEvent): Promise<AccountEvent> {
    const account = event.type === 'account.deleted' ? event.account : await accountNow(event);
    const certain: AccountEvent = { ...event, state: 'certain', account: account ?? event.account };
    await saveEvent(store, certain);
    return certain;
  }

  /** What cannot be written now is left to {@link Outbox.settle}: the change is made, and its caller is to be told so. */
  async function quietly(event: AccountEvent, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => {
      const { id, type, project } = event;
      logger.warn({ event: id, type, project, err: error }, 'event left to be settled later');
    });
  }

  return {
    async tell(subject, change) {
      const { project, account: account_id, type } = subject;
      const about = { project, type, account_id };
      const event = preparedEvent(random, clock.now(), { ...about, account: null });
      if (type === 'account.deleted') event.account = (await accountNow(event)) ?? null;
      const work = { project, event: event.id, endpoint: null };
      const settleAt = clock.now() + PREPARED_MS;
      // Before the event: work without an event is thrown away, an event without work would lie for ever.
      const settling = await queue.add(settleAt, work);
      await saveEvent(store, event);
      const cancel = () =>
        quietly(event, async () => {
          await dropEvent(store, event);
          await queue.remove(settling);
        });
      let outcome: Awaited<ReturnType<typeof change>>;
      try {
        outcome = await change();
      } catch (error) {
        if (error instanceof Problem && error.code !== 'store_unavailable') await cancel();
        throw error;
      }
      if (outcome === undefined) await cancel();
      else {
        await quietly(event, async () => {
          await confirmed(event);
          await queue.add(clock.now(), work);
          await queue.remove(settling);
          wake();
        });
      }
      return outcome;
    },

    async settle(project, id) {
      const event = await findEvent(store, project, id);
      if (event?.state !== 'prepared') return event;
      if (await happened(event)) return confirmed(event);
      await dropEvent(store, event);
      return undefined;
    },
  };

  async function happened(event: AccountEvent): Promise<boolean> {
    const account = await accountNow(event);
    switch (event.type) {
      case 'account.created':
      // To tell an update that was none does no harm.
      case 'account.updated':
        return account !== undefined;
      case 'account.reauth_required':
        return account?.status === 'reauth_required';
      case 'account.deleted':
        return account === undefined;
    }
  }
}
