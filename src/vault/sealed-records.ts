import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { RecordKey } from '../store/store.ts';
import type { SealContext, Vault } from './vault.ts';

/** How the records of one kind hold secrets. */
export interface SealedKind {
  /** Top-level members of the JSON record whose values are sealed. */
  fields: readonly string[];
  /**
   * What a key rotation does with a record under an old key. `reseal`: seals it anew; such a kind must have no time to
   * live, which rewriting would remove. `delete`: removes it; for what can be obtained again. `retire`: the rotation's own
   * bookkeeping, removed when nothing else is left under the key.
   */
  onRotation: 'reseal' | 'delete' | 'retire';
}

export type SealedKinds = Readonly<Record<string, SealedKind>>;

/** The one list of what is sealed in the store. A kind that is to hold a secret is added here and nowhere else. */
export const SEALED_RECORDS = {
  connector_profile: { fields: ['client_secret', 'private_key'], onRotation: 'reseal' },
  grant: { fields: ['access_token', 'refresh_token', 'candidate_refresh_token'], onRotation: 'reseal' },
  webhook_endpoint: { fields: ['secret', 'previous_secret'], onRotation: 'reseal' },
  // Nothing in it is secret: nobody without the ring's keys may write one.
  audit_head: { fields: ['state'], onRotation: 'reseal' },
  audit_pending: { fields: ['state'], onRotation: 'reseal' },
  dev_key: { fields: ['token'], onRotation: 'reseal' },
  app_token: { fields: ['access_token'], onRotation: 'delete' },
  // Both live for minutes: whoever is in the middle of a link begins it again.
  link_state: { fields: ['code_verifier'], onRotation: 'delete' },
  device_code: { fields: ['hub_token'], onRotation: 'delete' },
  key_canary: { fields: ['canary'], onRotation: 'retire' },
} as const satisfies SealedKinds;

/** A record with secrets: `generation` grows each time they are written, and is what their sealing is bound to. */
export interface Generational {
  generation: number;
}

/**
 * The record as text for the store: every sealed field, a {@link Secret}, null or undefined, is sealed under the record's key and
 * generation. Throws when a sealed field holds anything else, or when a Secret stands where it would not be sealed: both are
 * programming faults, and the message never holds the value.
 */
export function sealRecord<R extends Generational>(
  vault: Vault,
  key: RecordKey,
  record: R,
  kinds: SealedKinds = SEALED_RECORDS,
): string {
  const fields = sealedFields(key.kind, kinds);
  const stored: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (!fields.includes(name)) {
      if (value instanceof Secret) throw new Error(`${key.kind}.${name} is a secret but not declared as sealed`);
      stored[name] = value;
    } else if (value instanceof Secret) {
      stored[name] = vault.seal(value.reveal(), contextOf(key, name, record.generation));
    } else if (value === null) {
      stored[name] = null;
    } else if (value !== undefined) {
      throw new Error(`${key.kind}.${name} must be a Secret`);
    }
  }
  return JSON.stringify(stored);
}

/**
 * The record of a stored text, its sealed fields opened to {@link Secret}s (absent ones stay absent). Throws
 * `sealed_value_unreadable` when one cannot be opened or the text is not a record.
 */
export function openRecord(
  vault: Vault,
  key: RecordKey,
  value: string,
  kinds: SealedKinds = SEALED_RECORDS,
): Generational & Record<string, unknown> {
  const record = parseSealedRecord(value);
  for (const field of sealedFields(key.kind, kinds)) {
    const secret = openField(vault, key, record, field);
    if (secret) record[field] = secret;
  }
  return record;
}

/** One sealed field of a record whose other fields may be unreadable; undefined when the record does not have it. */
export function openField(
  vault: Vault,
  key: RecordKey,
  record: Generational & Record<string, unknown>,
  field: string,
): Secret | undefined {
  const sealed = record[field];
  if (sealed === undefined || sealed === null) return undefined;
  if (typeof sealed !== 'string') throw malformed(`${key.kind}.${field} is not text`);
  return vault.open(sealed, contextOf(key, field, record.generation));
}

/** A stored record with its sealed fields still sealed: enough for lists, and one unreadable record breaks none. */
export function parseSealedRecord(value: string): Generational & Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    throw malformed('not JSON');
  }
  if (!isGenerational(parsed)) throw malformed('not an object with a generation');
  return parsed;
}

/** The ids of the keys a stored record's fields are sealed under. Throws `sealed_value_unreadable` for a damaged record. */
export function keyIdsOf(vault: Vault, kind: string, value: string, kinds: SealedKinds = SEALED_RECORDS): Set<string> {
  const record = parseSealedRecord(value);
  const ids = new Set<string>();
  for (const field of sealedFields(kind, kinds)) {
    const sealed = record[field];
    if (sealed === undefined || sealed === null) continue;
    if (typeof sealed !== 'string') throw malformed(`${kind}.${field} is not text`);
    ids.add(vault.keyIdOf(sealed));
  }
  return ids;
}

function isGenerational(value: unknown): value is Generational & Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'generation' in value && Number.isSafeInteger(value.generation);
}

function sealedFields(kind: string, kinds: SealedKinds): readonly string[] {
  const sealedKind = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!sealedKind) throw new Error(`records of kind "${kind}" are not declared as sealed`);
  return sealedKind.fields;
}

function contextOf(key: RecordKey, field: string, generation: number): SealContext {
  return { partition: key.partition, kind: key.kind, id: key.id, field, generation };
}

function malformed(why: string): Problem {
  return new Problem('sealed_value_unreadable', 'A sealed value cannot be opened.', { cause: new Error(why) });
}
