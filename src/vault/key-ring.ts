import { createSecretKey, type KeyObject } from 'node:crypto';
import { constants, linkSync, unlinkSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Random } from '../random.ts';

/** AES-256. */
export const KEY_BYTES = 32;

const KEY_ID = /^[a-z0-9_-]{1,32}$/;
// Base64 or base64url, padded or not; what it decodes to is checked for length.
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const GENERATED_ID_BYTES = 4;
const OTHERS_MAY_READ = 0o077;

/** The keys that seal values. The primary seals; all of them open. */
export interface KeyRing {
  readonly primaryId: string;
  /** In the order given, the primary first. */
  readonly ids: readonly string[];
  /** The key of that id, or undefined. A KeyObject, because it cannot be printed by accident. */
  key(id: string): KeyObject | undefined;
}

/** A key ring that cannot be used. The message names positions and ids, never key material. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}

/**
 * A ring from `id:base64key[,id:base64key…]`; the first is the primary. Ids are [a-z0-9_-]{1,32}, keys exactly 32 bytes.
 * Throws {@link KeyRingError} for a malformed entry, an id or a key given twice, and a key that is one byte repeated.
 */
export function parseKeyRing(text: string): KeyRing {
  const keys = new Map<string, KeyObject>();
  for (const [index, entry] of text.split(',').entries()) {
    const { id, key } = parseEntry(entry.trim(), index + 1);
    if (keys.has(id)) throw new KeyRingError(`key id "${id}" is given twice`);
    for (const [otherId, other] of keys) {
      if (other.equals(key)) throw new KeyRingError(`keys "${otherId}" and "${id}" are the same key`);
    }
    keys.set(id, key);
  }
  const ids = [...keys.keys()];
  const [primaryId] = ids;
  if (primaryId === undefined) throw new KeyRingError('the key ring is empty');
  return Object.freeze({ primaryId, ids: Object.freeze(ids), key: (id: string) => keys.get(id) });
}

function parseEntry(entry: string, position: number): { id: string; key: KeyObject } {
  const colon = entry.indexOf(':');
  const id = entry.slice(0, Math.max(colon, 0));
  // An entry without a good id may be nothing but a key, so only its position is named.
  if (!KEY_ID.test(id)) {
    throw new KeyRingError(`entry ${position} must be "id:base64key", with an id of 1 to 32 of a-z, 0-9, "_" and "-"`);
  }
  const encoded = entry.slice(colon + 1);
  const bytes = Buffer.from(encoded, 'base64');
  if (!BASE64.test(encoded) || bytes.length !== KEY_BYTES) {
    throw new KeyRingError(`key "${id}" must be exactly ${KEY_BYTES} bytes of base64`);
  }
  if (bytes.every((byte) => byte === bytes[0])) throw new KeyRingError(`key "${id}" is one byte repeated, not a key`);
  return { id, key: createSecretKey(bytes) };
}

/**
 * The ring of a key file (the format of {@link parseKeyRing}, entries also one per line). A missing file is made with one
 * new random key: mode 0600, directory 0700, durable before this resolves, and when several processes make it at once they
 * all end with the same key. Throws {@link KeyRingError} when group or others may read the file or when it is malformed.
 */
export async function loadOrCreateKeyFile(path: string, random: Random): Promise<KeyRing> {
  return ringOf((await readKeyFile(path)) ?? (await createKeyFile(path, random)));
}

/** The ring of a key file that may be missing; makes none. Throws as {@link loadOrCreateKeyFile}. */
export async function loadKeyFile(path: string): Promise<KeyRing | undefined> {
  const text = await readKeyFile(path);
  return text === undefined ? undefined : ringOf(text);
}

function ringOf(text: string): KeyRing {
  const entries = text
    .split(/[\r\n,]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return parseKeyRing(entries.join(','));
}

async function readKeyFile(path: string): Promise<string | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    // Of the opened file, not of the path, which could be exchanged in between.
    const { mode } = await file.stat();
    if ((mode & OTHERS_MAY_READ) !== 0) {
      throw new KeyRingError(`key file ${path} may be read by others than its owner: run "chmod 600" on it`);
    }
    return await readFile(file, 'utf8');
  } finally {
    await file.close();
  }
}

async function createKeyFile(path: string, random: Random): Promise<string> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const id = `k${random.bytes(GENERATED_ID_BYTES).toString('hex')}`;
  const text = `${id}:${random.bytes(KEY_BYTES).toString('base64')}\n`;
  const temporary = join(directory, `.${basename(path)}.${random.bytes(8).toString('hex')}.tmp`);

  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // link, unlike rename, fails when another process was first: then its key counts.
    linkSync(temporary, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(temporary);
  }
  await syncDirectory(directory);

  const written = await readKeyFile(path);
  if (written === undefined) throw new KeyRingError(`key file ${path} vanished while it was being made`);
  return written;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
