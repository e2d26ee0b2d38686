import { type CipherKey, createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { Secret } from '../secret.ts';
import { KEY_BYTES, type KeyRing } from './key-ring.ts';

/** Where a sealed value lives. Opened under any other context it is unreadable, so it cannot be moved or rolled back. */
export interface SealContext {
  partition: string;
  kind: string;
  id: string;
  field: string;
  /** Grows with every writing of the record's secrets. */
  generation: number;
}

/** Seals values for the store. Synchronous: a value costs a few microseconds. */
export interface Vault {
  readonly primaryKeyId: string;
  /** The ring's ids, the primary first. */
  readonly keyIds: readonly string[];
  /** Text that only {@link open} with the same context and the same ring key gives back. Different at every call. */
  seal(plaintext: string, context: SealContext): string;
  /** The value. Throws `sealed_value_unreadable`, always with the same detail: which check failed is in the private cause. */
  open(sealed: string, context: SealContext): Secret;
  /** The id of the ring key a value is sealed under, in the ring or not. Throws `sealed_value_unreadable` for other text. */
  keyIdOf(sealed: string): string;
}

const ALGORITHM = 'aes-256-gcm';
// NIST SP 800-38D: the nonce length GCM is made for, and the full tag.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'cv1';
const SEALED = /^cv1\.([a-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const BUFFER_LENGTH_BYTES = 4;

/**
 * A vault over a key ring. Every value gets its own random 256-bit data key, which is wrapped with the ring's primary key;
 * both encryptions are AES-256-GCM bound to the context. Form: `cv1.<key id>.<wrapped data key>.<value>`, each part
 * base64url of nonce, ciphertext and tag. A data key encrypts one value only, so nonces cannot repeat under it; a ring key
 * is used with random nonces and should be rotated well before 2^32 sealings.
 */
export function createVault(keyRing: KeyRing, random: Random): Vault {
  return {
    primaryKeyId: keyRing.primaryId,
    keyIds: keyRing.ids,

    seal(plaintext, context) {
      // UTF-8 cannot carry a lone surrogate: what is opened would differ from what was sealed.
      if (!plaintext.isWellFormed()) throw new Problem('request_invalid', 'A secret is not well-formed Unicode text.');
      const keyId = keyRing.primaryId;
      const ringKey = keyRing.key(keyId);
      if (!ringKey) throw new Error('the key ring lacks its primary key');
      const dataKey = random.bytes(KEY_BYTES);
      const wrapped = encrypt(ringKey, dataKey, wrapAad(keyId, context), random);
      const value = encrypt(createSecretKey(dataKey), Buffer.from(plaintext, 'utf8'), valueAad(context), random);
      dataKey.fill(0);
      return `${VERSION}.${keyId}.${wrapped.toString('base64url')}.${value.toString('base64url')}`;
    },

    open(sealed, context) {
      const { keyId, wrapped, value } = parse(sealed);
      const ringKey = keyRing.key(keyId);
      if (!ringKey) throw unreadable(context, `key "${keyId}" is not in the ring`);
      try {
        const dataKey = decrypt(ringKey, wrapped, wrapAad(keyId, context));
        const plaintext = decrypt(createSecretKey(dataKey), value, valueAad(context));
        dataKey.fill(0);
        return new Secret(plaintext.toString('utf8'));
      } catch {
        throw unreadable(context, `authentication failed under key "${keyId}"`);
      }
    },

    keyIdOf: (sealed) => parse(sealed).keyId,
  };
}

interface Envelope {
  keyId: string;
  wrapped: Buffer;
  value: Buffer;
}

function parse(sealed: string): Envelope {
  const [, keyId, wrappedText, valueText] = SEALED.exec(sealed) ?? [];
  const wrapped = decodeExactly(wrappedText);
  const value = decodeExactly(valueText);
  if (keyId === undefined || !wrapped || !value) throw unreadable(undefined, 'not the form of a sealed value');
  return { keyId, wrapped, value };
}

// Node's decoder ignores stray bits in the last character; two texts must never open to the same value.
function decodeExactly(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length >= NONCE_BYTES + TAG_BYTES && bytes.toString('base64url') === text ? bytes : undefined;
}

function encrypt(key: CipherKey, plaintext: Buffer, aad: Buffer, random: Random): Buffer {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: CipherKey, sealed: Buffer, aad: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

function wrapAad(keyId: string, context: SealContext): Buffer {
  return encodeAad([VERSION, 'key', keyId], context);
}

function valueAad(context: SealContext): Buffer {
  return encodeAad([VERSION, 'value'], context);
}

function encodeAad(purpose: readonly string[], context: SealContext): Buffer {
  const { partition, kind, id, field, generation } = context;
  if (!Number.isSafeInteger(generation) || generation < 0)
    throw new Error('a generation must be a whole number from 0');
  const texts = [...purpose, partition, kind, id, field, String(generation)];
  const encoded = Buffer.alloc(texts.reduce((bytes, text) => bytes + BUFFER_LENGTH_BYTES + 2 * text.length, 0));
  let at = 0;
  // Lengths in front make the encoding unambiguous; UTF-16 because it keeps every string apart, even ill-formed ones.
  for (const text of texts) {
    at = encoded.writeUInt32BE(2 * text.length, at);
    at += encoded.write(text, at, 'utf16le');
  }
  return encoded;
}

// One detail for every cause: an answer must not tell an attacker how far a made-up value came.
function unreadable(context: SealContext | undefined, why: string): Problem {
  const where = context ? `${context.kind}/${context.id} ${context.field} generation ${context.generation}: ` : '';
  return new Problem('sealed_value_unreadable', 'A sealed value cannot be opened.', { cause: new Error(where + why) });
}
