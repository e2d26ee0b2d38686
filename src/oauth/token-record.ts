import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store } from '../store/store.ts';
import { openRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';
import type { HeldToken } from './token-cache.ts';

export interface TokenRecords {
  /** The stored token, if it can be read, and the record's version (0: none) for {@link save}. */
  read(key: RecordKey): Promise<{ held: HeldToken | undefined; version: number }>;
  /**
   * Stores a token that was obtained, against the version read before. When another process stored one meanwhile, the
   * newer of the two is kept; resolves with the one that counts now.
   */
  save(key: RecordKey, obtained: HeldToken, version: number): Promise<HeldToken>;
}

// The lease keeps others away; more conflicts than this in a row are not conflicts but a fault.
const SAVE_ATTEMPTS = 5;

/** App tokens in the store, sealed, each gone when it expires. Both methods reject with `store_unavailable`. */
export function createTokenRecords(deps: { store: Store; vault: Vault; clock: Clock }): TokenRecords {
  const { store, vault, clock } = deps;

  async function read(key: RecordKey) {
    const record = await store.get(key);
    return record
      ? { held: parse(vault, key, record.value), version: record.version }
      : { held: undefined, version: 0 };
  }

  return {
    read,
    async save(key, obtained, version) {
      let held = obtained;
      let expectedVersion = version;
      for (let attempt = 1; attempt <= SAVE_ATTEMPTS; attempt++) {
        const ttlMs = Math.max(1, Math.ceil(held.access.expiresAt - clock.now()));
        const written = await store.put(key, serialize(vault, key, held), { expectedVersion, ttlMs });
        if (written.ok) return held;
        const current = await read(key);
        if (current.held && current.held.obtainedAt > held.obtainedAt && current.held.access.expiresAt > clock.now()) {
          return current.held;
        }
        // Ours is the newer token: it must also have the higher generation.
        const generation = Math.max(held.access.generation, (current.held?.access.generation ?? 0) + 1);
        held = { ...held, access: { ...held.access, generation } };
        expectedVersion = current.version;
      }
      return held;
    },
  };
}

function serialize(vault: Vault, key: RecordKey, { access, obtainedAt, forcedAt }: HeldToken): string {
  return sealRecord(vault, key, {
    generation: access.generation,
    access_token: access.token,
    expires_at: access.expiresAt,
    obtained_at: obtainedAt,
    scopes: access.scopes,
    ...(forcedAt !== undefined && { forced_at: forcedAt }),
  });
}

// What cannot be read is as good as absent: an app token can be obtained again, and the new one is written over it.
function parse(vault: Vault, key: RecordKey, value: string): HeldToken | undefined {
  try {
    const record = openRecord(vault, key, value);
    const {
      generation,
      access_token: token,
      expires_at: expiresAt,
      obtained_at: obtainedAt,
      scopes,
      forced_at,
    } = record;
    if (!(token instanceof Secret) || typeof expiresAt !== 'number' || typeof obtainedAt !== 'number') return undefined;
    if (!isTextList(scopes)) return undefined;
    return {
      access: Object.freeze({ token, expiresAt, generation, scopes }),
      obtainedAt,
      ...(typeof forced_at === 'number' && { forcedAt: forced_at }),
    };
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_value_unreadable') return undefined;
    throw error;
  }
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
