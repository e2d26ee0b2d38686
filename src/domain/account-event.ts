import type { Random } from '../random.ts';
import type { RecordKey, Store } from '../store/store.ts';
import type { PublicAccount } from './account.ts';
import { isId, newRequestId } from './ids.ts';

export const ACCOUNT_EVENT_TYPES = [
  'account.created',
  'account.updated',
  'account.reauth_required',
  'account.deleted',
] as const;
export type AccountEventType = (typeof ACCOUNT_EVENT_TYPES)[number];

/** Something that happened to an account. Holds nothing secret: accounts have no secrets in them. */
export interface AccountEvent {
  /** Sorts by time, and is the webhook-id of every delivery. */
  id: string;
  type: AccountEventType;
  project: string;
  account_id: string;
  /** ISO 8601. */
  at: string;
  /** `prepared`: it was about to happen when last heard of, see `Outbox`. */
  state: 'prepared' | 'certain';
  /** The account after the event, of a deletion before it; null as long as it is not known. */
  account: PublicAccount | null;
}

/** How long an event can be delivered again. Deliveries end after three days; people look for what was missed later. */
export const EVENT_RETENTION_MS = 30 * 24 * 60 * 60 * 1_000;

const KIND = 'account_event';

function keyOf(project: string, id: string): RecordKey {
  return { partition: project, kind: KIND, id };
}

/** An event that is about to happen. */
export function preparedEvent(
  random: Random,
  nowMs: number,
  about: Pick<AccountEvent, 'project' | 'type' | 'account_id' | 'account'>,
): AccountEvent {
  // Made as ids of requests are, so that later ones sort behind.
  const id = newRequestId(random, nowMs).replace(/^req_/, 'evt_');
  return { ...about, id, at: new Date(nowMs).toISOString(), state: 'prepared' };
}

export async function saveEvent(store: Store, event: AccountEvent): Promise<void> {
  await store.put(keyOf(event.project, event.id), JSON.stringify(event), { ttlMs: EVENT_RETENTION_MS });
}

/** The event, or undefined when there is none (any more). */
export async function findEvent(store: Store, project: string, id: string): Promise<AccountEvent | undefined> {
  const record = isId('evt', id) ? await store.get(keyOf(project, id)) : undefined;
  return record && (JSON.parse(record.value) as AccountEvent);
}

export async function dropEvent(store: Store, { project, id }: Pick<AccountEvent, 'project' | 'id'>): Promise<void> {
  await store.delete(keyOf(project, id));
}

/** The payload of a delivery (Standard Webhooks, "Payload structure"), the same at every attempt. */
export function eventPayload({ type, at, account, account_id, project }: AccountEvent): string {
  // One that was deleted before its event could be confirmed is not there to be shown.
  return JSON.stringify({ type, timestamp: at, data: { project, account: account ?? { id: account_id } } });
}
