import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { openRecord, parseSealedRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';
import type { AccountEventType } from './account-event.ts';
import { isId, newId } from './ids.ts';
import { type ListQuery, listRecords, type Page } from './listing.ts';

/** Where a project wants its events. */
export interface WebhookEndpoint {
  id: string;
  url: string;
  description: string | null;
  /** Only these types; null: all. */
  events: AccountEventType[] | null;
  enabled: boolean;
  /** `gone`: it answered with 410. */
  disabled_reason: 'operator' | 'gone' | null;
  created_at: string;
  updated_at: string;
  /** `whsec_` and 32 bytes in base64 (Standard Webhooks, "Signature scheme"). */
  secret: Secret;
  /** The secret before, which signs too until its time is over. */
  previous_secret: Secret | null;
  previous_secret_until: string | null;
  /** Grows with every new secret. */
  generation: number;
}

export type PublicEndpoint = Omit<WebhookEndpoint, 'secret' | 'previous_secret' | 'generation'>;
export type NewEndpoint = Pick<WebhookEndpoint, 'url' | 'description' | 'events' | 'enabled'>;
export type EndpointChange = Partial<NewEndpoint & Pick<WebhookEndpoint, 'disabled_reason'>>;

/** Each event is sent to each of them. */
export const MAX_ENDPOINTS = 20;

const KIND = 'webhook_endpoint';
const SECRET_BYTES = 32;
// Time to bring the new secret to the receivers (Standard Webhooks, "Key rotation").
const PREVIOUS_SECRET_MS = 24 * 60 * 60 * 1_000;

function keyOf(project: string, id: string): RecordKey {
  return { partition: project, kind: KIND, id };
}

/** Makes an endpoint. The secret stands in the answer only; `request_invalid` when there are too many already. */
export async function createEndpoint(
  store: Store,
  vault: Vault,
  random: Random,
  nowMs: number,
  project: string,
  wanted: NewEndpoint,
): Promise<{ endpoint: PublicEndpoint; secret: Secret }> {
  const present = await listEndpoints(store, project, { limit: MAX_ENDPOINTS });
  if (present.data.length >= MAX_ENDPOINTS)
    throw new Problem('request_invalid', `A project has at most ${MAX_ENDPOINTS} webhook endpoints.`);
  const now = new Date(nowMs).toISOString();
  const endpoint: WebhookEndpoint = {
    ...wanted,
    id: newId(random, 'whe'),
    disabled_reason: wanted.enabled ? null : 'operator',
    created_at: now,
    updated_at: now,
    secret: newSecret(random),
    previous_secret: null,
    previous_secret_until: null,
    generation: 1,
  };
  const key = keyOf(project, endpoint.id);
  await store.put(key, sealRecord(vault, key, endpoint), { expectedVersion: 0 });
  return { endpoint: publicEndpoint(endpoint), secret: endpoint.secret };
}

export async function changeEndpoint(
  store: Store,
  vault: Vault,
  nowMs: number,
  project: string,
  id: string,
  change: EndpointChange,
): Promise<PublicEndpoint> {
  const disabledReason = change.enabled === undefined ? undefined : change.enabled ? null : 'operator';
  return publicEndpoint(
    await rewrite(store, vault, nowMs, project, id, (endpoint) => ({
      ...endpoint,
      ...(disabledReason !== undefined && { disabled_reason: disabledReason }),
      ...change,
    })),
  );
}

/** A new secret, shown in the answer only; the one before signs too for another day. */
export async function rotateSecret(
  store: Store,
  vault: Vault,
  random: Random,
  nowMs: number,
  project: string,
  id: string,
): Promise<{ endpoint: PublicEndpoint; secret: Secret }> {
  const secret = newSecret(random);
  const endpoint = await rewrite(store, vault, nowMs, project, id, (present) => ({
    ...present,
    secret,
    previous_secret: present.secret,
    previous_secret_until: new Date(nowMs + PREVIOUS_SECRET_MS).toISOString(),
    generation: present.generation + 1,
  }));
  return { endpoint: publicEndpoint(endpoint), secret };
}

export async function deleteEndpoint(store: Store, project: string, id: string): Promise<void> {
  await store.delete((await requireRecord(store, project, id)).key);
}

/** The endpoint without its secrets, or the problem `not_found`. */
export async function getEndpoint(store: Store, project: string, id: string): Promise<PublicEndpoint> {
  return publicOf(await requireRecord(store, project, id));
}

export function listEndpoints(store: Store, project: string, query: ListQuery): Promise<Page<PublicEndpoint>> {
  return listRecords(store, project, KIND, query, publicOf);
}

/** The endpoint with its secrets, or undefined; `sealed_value_unreadable` when they cannot be opened. */
export async function openEndpoint(
  store: Store,
  vault: Vault,
  project: string,
  id: string,
): Promise<WebhookEndpoint | undefined> {
  const record = await store.get(keyOf(project, id));
  return record && opened(vault, record);
}

/** The secrets that sign at a time, the newest first. */
export function signingSecrets(endpoint: WebhookEndpoint, nowMs: number): Secret[] {
  const { secret, previous_secret, previous_secret_until } = endpoint;
  const valid = previous_secret !== null && Date.parse(previous_secret_until ?? '') > nowMs;
  return valid ? [secret, previous_secret] : [secret];
}

async function rewrite(
  store: Store,
  vault: Vault,
  nowMs: number,
  project: string,
  id: string,
  change: (endpoint: WebhookEndpoint) => WebhookEndpoint,
): Promise<WebhookEndpoint> {
  const record = await requireRecord(store, project, id);
  const changed = { ...change(opened(vault, record)), updated_at: new Date(nowMs).toISOString() };
  const { ok } = await store.put(record.key, sealRecord(vault, record.key, changed), {
    expectedVersion: record.version,
  });
  if (!ok) throw new Problem('version_conflict', 'The webhook endpoint was changed meanwhile.');
  return changed;
}

async function requireRecord(store: Store, project: string, id: string): Promise<StoredRecord> {
  const record = isId('whe', id) ? await store.get(keyOf(project, id)) : undefined;
  if (!record) throw new Problem('not_found', 'There is no such webhook endpoint.');
  return record;
}

function newSecret(random: Random): Secret {
  return new Secret(`whsec_${random.bytes(SECRET_BYTES).toString('base64')}`);
}

function opened(vault: Vault, { key, value }: StoredRecord): WebhookEndpoint {
  return openRecord(vault, key, value) as unknown as WebhookEndpoint;
}

function publicOf({ value }: StoredRecord): PublicEndpoint {
  return publicEndpoint(parseSealedRecord(value) as unknown as WebhookEndpoint);
}

function publicEndpoint({
  secret: _secret,
  previous_secret: _previous,
  generation: _generation,
  ...endpoint
}: WebhookEndpoint): PublicEndpoint {
  return endpoint;
}
