import { digestOf } from '../domain/connect-session.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { Secret } from '../secret.ts';
import type { RecordKey, Store } from '../store/store.ts';
import { openRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';

/** Short codes that people type on another device than the one that asks for the link (after RFC 8628). */
export interface DeviceCodes {
  /** A code, `XXXX-XXXX`, that stands for a hub token. */
  issue(hubToken: Secret, lifetimeMs: number): Promise<string>;
  /**
   * The hub token of a code, which is used up with it. Spaces, dashes and case do not matter. Rejects with
   * `device_code_invalid`, and with `too_many_attempts` when this very code was tried too often.
   */
  claim(typed: string): Promise<Secret>;
}

// RFC 8628 §6.1: no vowels, so that no words come about, and nothing that is mistaken for a digit. 8 letters: 34 bits.
export const CODE_ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LENGTH = 8;
const GROUP_LENGTH = 4;
const MAX_TYPED_CHARS = 32;
// A person mistypes it twice; only a machine comes back to one code more often.
const MAX_TRIES = 10;
const TRIES_COUNTED_MS = 30 * 60 * 1_000;
// With 100,000 codes in use one of 250,000 new ones is taken already; twice in a row is no accident.
const MAX_DRAWS = 5;
// Each code is written once.
const GENERATION = 1;

export function createDeviceCodes({
  store,
  vault,
  random,
}: {
  store: Store;
  vault: Vault;
  random: Random;
}): DeviceCodes {
  return {
    async issue(hubToken, lifetimeMs) {
      for (let draw = 1; draw <= MAX_DRAWS; draw += 1) {
        const code = randomCode(random);
        const key = keyOf('device_code', code);
        const record = sealRecord(vault, key, { hub_token: hubToken, generation: GENERATION });
        if ((await store.put(key, record, { expectedVersion: 0, ttlMs: lifetimeMs })).ok) return shown(code);
      }
      throw new Error('no free device code was found');
    },

    async claim(typed) {
      const code = codeOf(typed);
      if (code === undefined) throw unknown();
      const tries = await store.increment(keyOf('device_code_tries', code), 1, { ttlMs: TRIES_COUNTED_MS });
      if (tries > MAX_TRIES) {
        const retryAfterS = TRIES_COUNTED_MS / 1_000;
        throw new Problem('too_many_attempts', 'This code was tried too often.', { retryAfterS });
      }
      const record = await store.get(keyOf('device_code', code));
      if (!record || !(await store.delete(record.key, { expectedVersion: record.version })).ok) throw unknown();
      const { hub_token } = openRecord(vault, record.key, record.value);
      if (!(hub_token instanceof Secret)) throw unknown();
      return hub_token;
    },
  };
}

function randomCode(random: Random): string {
  let code = '';
  while (code.length < CODE_LENGTH) {
    for (const byte of random.bytes(CODE_LENGTH)) {
      // 240 is the largest multiple of 20 below 256: higher bytes would favour the first letters.
      if (byte < 240 && code.length < CODE_LENGTH) code += CODE_ALPHABET[byte % CODE_ALPHABET.length];
    }
  }
  return code;
}

function shown(code: string): string {
  return `${code.slice(0, GROUP_LENGTH)}-${code.slice(GROUP_LENGTH)}`;
}

/** What was meant by what was typed, or undefined when it cannot be a code. */
function codeOf(typed: string): string | undefined {
  if (typed.length > MAX_TYPED_CHARS) return undefined;
  const code = typed.toUpperCase().replace(/[\s\p{Pd}]/gu, '');
  return code.length === CODE_LENGTH && [...code].every((letter) => CODE_ALPHABET.includes(letter)) ? code : undefined;
}

function keyOf(kind: string, code: string): RecordKey {
  return { partition: 'global', kind, id: digestOf(code) };
}

function unknown(): Problem {
  return new Problem('device_code_invalid', 'There is no such code, or it was used already.');
}
