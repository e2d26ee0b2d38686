import { pino } from 'pino';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import { createAccount } from '../../src/domain/account.ts';
import { newId, timeOfRequestId } from '../../src/domain/ids.ts';
import { createEndpoint, type NewEndpoint } from '../../src/domain/webhook-endpoint.ts';
import { listDeliveries } from '../../src/events/delivery.ts';
import { createEventWork } from '../../src/events/event-work.ts';
import { createOutbox } from '../../src/events/outbox.ts';
import { createWorkQueue, type DueWork } from '../../src/events/work-queue.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { createDoor } from '../../src/upstream/door.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { startReceiver } from '../support/receiver.ts';
import { temporarySqlite } from '../support/sqlite.ts';

export const PROJECT = `prj_${'p'.repeat(22)}`;

/** Events over a store file and a receiver of their own, with a clock that only the test moves. */
export async function setEventStage() {
  const sqlite = await temporarySqlite();
  const random = systemRandom;
  const store = await openStore({ url: sqlite.url, clock: systemClock, random, allowVolatile: false });
  const vault = createVault(parseKeyRing(`test:${random.bytes(32).toString('base64')}`), random);
  const door = createDoor({ clock: systemClock, random, allowPrivateAddresses: ['127.0.0.0/8'] });
  const receiver = await startReceiver();
  const logger = pino({ level: 'silent' });
  let nowMs = Date.now();
  const clock: Clock = { now: () => nowMs, sleep: async () => {} };
  const queue = createWorkQueue(store);
  const outbox = createOutbox({ store, clock, random, logger, queue, wake: () => {} });
  // The door measures its deadline by its own clock.
  const sending = {
    send: (...[request, options]: Parameters<typeof door.send>) =>
      door.send(request, { ...options, deadlineAt: Date.now() + 5_000 }),
    close: door.close,
  };
  const work = createEventWork({ store, vault, door: sending, clock, random, logger, queue, outbox });
  const dueAt = async (ms: number) => {
    const all: DueWork[] = [];
    for await (const page of queue.due(ms)) all.push(...page);
    return all;
  };
  const dueNow = () => dueAt(nowMs);

  return {
    store,
    vault,
    queue,
    outbox,
    clock,
    receiver,
    now: () => nowMs,
    advance(ms: number) {
      nowMs += ms;
    },
    dueNow,
    /** Does everything that is due, and what becomes due by it. */
    async pump() {
      for (let due = await dueNow(); due.length > 0; due = await dueNow()) for (const one of due) await work(one);
    },
    /** The time of the next work, or undefined. */
    async nextDue() {
      const [first] = await dueAt(Number.MAX_SAFE_INTEGER);
      return first && timeOfRequestId(`req_${first.id.slice(0, 8)}`);
    },
    account: (id = newId(random, 'acc')) =>
      createAccount(store, random, nowMs, PROJECT, {
        id,
        profile_id: newId(random, 'prf'),
        connector: 'example',
        owner_id: 'owner',
        settings: {},
      }),
    endpoint: (wanted: Partial<NewEndpoint> = {}) =>
      createEndpoint(store, vault, random, nowMs, PROJECT, {
        url: `${receiver.origin}/hook`,
        description: null,
        events: null,
        enabled: true,
        ...wanted,
      }),
    deliveries: async (endpoint: string) => (await listDeliveries(store, PROJECT, endpoint, { limit: 100 })).data,
    async close() {
      await receiver.close();
      await door.close();
      await store.close();
      await sqlite.remove();
    },
  };
}

export type EventStage = Awaited<ReturnType<typeof setEventStage>>;
