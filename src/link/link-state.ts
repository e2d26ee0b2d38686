import { createHash } from 'node:crypto';
import { digestOf } from '../domain/connect-session.ts';
import { type Random, randomBase62 } from '../random.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store } from '../store/store.ts';
import { openRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';

/** What an authorization request was made for; found again by its `state` (RFC 6749 §10.12). */
export interface LinkState {
  project: string;
  session: string;
  connector: string;
  /** The session's count of authorization requests when this one was made. */
  attempt: number;
  /** Digest of the cookie of the browser that made it. */
  browser_digest: string;
  settings: Record<string, unknown>;
  /** RFC 7636. */
  code_verifier: Secret;
}

/** A state as it was found, not yet used. */
export interface FoundState {
  state: LinkState;
  /** Uses it up; false when somebody else did. */
  consume(): Promise<boolean>;
}

export interface LinkStates {
  /** Keeps a request under a new state of 256 bits for ten minutes. */
  issue(wanted: Omit<LinkState, 'code_verifier'>): Promise<{ state: Secret; codeChallenge: string }>;
  find(state: string): Promise<FoundState | undefined>;
}

const STATE_LIFE_MS = 10 * 60 * 1_000;
// 43 characters of base62 carry 256 bits.
const STATE_LENGTH = 43;
const STATE = /^[0-9A-Za-z]{43}$/;
// RFC 7636 §4.1 wants 43 to 128 characters.
const VERIFIER_LENGTH = 64;
// Each state is written once.
const GENERATION = 1;

export function createLinkStates({ store, vault, random }: { store: Store; vault: Vault; random: Random }): LinkStates {
  return {
    async issue(wanted) {
      const state = randomBase62(random, STATE_LENGTH);
      const verifier = newCodeVerifier(random);
      const key = keyOf(state);
      const record = sealRecord(vault, key, { ...wanted, code_verifier: verifier, generation: GENERATION });
      await store.put(key, record, { expectedVersion: 0, ttlMs: STATE_LIFE_MS });
      return { state: new Secret(state), codeChallenge: codeChallengeOf(verifier) };
    },
    async find(text) {
      if (!STATE.test(text)) return undefined;
      const found = await store.get(keyOf(text));
      if (!found) return undefined;
      return {
        state: openRecord(vault, found.key, found.value) as unknown as LinkState,
        consume: async () => (await store.delete(found.key, { expectedVersion: found.version })).ok,
      };
    },
  };
}

/** A verifier for one authorization request (RFC 7636 §4.1). */
export function newCodeVerifier(random: Random): Secret {
  return new Secret(randomBase62(random, VERIFIER_LENGTH));
}

/** The S256 challenge of a verifier (RFC 7636 §4.2). */
export function codeChallengeOf(verifier: Secret): string {
  return createHash('sha256').update(verifier.reveal()).digest('base64url');
}

// Not in the project's partition: a callback knows nothing but the state. Its digest, so that the store cannot give it away.
function keyOf(state: string): RecordKey {
  return { partition: 'global', kind: 'link_state', id: digestOf(state) };
}
