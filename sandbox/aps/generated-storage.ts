import type { Seed } from './seed.ts';

/** A storage object of a generated version: never uploaded by anybody, its bytes made while they are read. */
export interface GeneratedObject {
  key: string;
  size: number;
  /** Quoted. Not the MD5 of the bytes, which would have to be made to be known. */
  eTag: string;
  /** The bytes from `start` to before `end`, in pieces. */
  read(start: number, end: number): Iterable<Buffer>;
}

const KEY = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\.[^/]{1,40}$/;
/** Position of the size in the 16 bytes, behind everything that a version 4 uuid fixes; three bytes of check follow. */
const SIZE_AT = 9;
const CHECK_AT = 13;
const BLOCK_BYTES = 64 * 1024;

/**
 * A key that looks like the provider's (uuid and file type) and carries the object's size with a check, so that the
 * objects of hundreds of thousands of generated versions can be served without remembering any of them.
 */
export function generatedKey(seed: Seed, label: string, size: number, fileType: string): string {
  const bytes = Buffer.from(seed.uuid(label).replaceAll('-', ''), 'hex');
  bytes.writeUInt32BE(size, SIZE_AT);
  check(seed, bytes).copy(bytes, CHECK_AT);
  const uuid = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return `${uuid}.${fileType}`;
}

/** The object of a key that `generatedKey` made with the same seed; `undefined` for any other key. */
export function generatedObject(seed: Seed, key: string): GeneratedObject | undefined {
  const parts = KEY.exec(key);
  if (parts === null) return undefined;
  const bytes = Buffer.from(parts.slice(1).join(''), 'hex');
  if (!check(seed, bytes).equals(bytes.subarray(CHECK_AT))) return undefined;
  const size = bytes.readUInt32BE(SIZE_AT);
  return {
    key,
    size,
    eTag: `"${Buffer.from(seed.key(`etag/${key}`), 'base64url').toString('hex')}"`,
    read: (start, end) => pieces(`Simulated content of ${key}. `, start, Math.min(end, size)),
  };
}

function check(seed: Seed, bytes: Buffer): Buffer {
  const label = `storage/${bytes.subarray(0, CHECK_AT).toString('hex')}`;
  return Buffer.from(seed.key(label), 'base64url').subarray(0, bytes.length - CHECK_AT);
}

function* pieces(text: string, start: number, end: number): Generator<Buffer> {
  const block = Buffer.alloc(BLOCK_BYTES, text);
  for (let at = start; at < end; ) {
    const from = at % BLOCK_BYTES;
    const piece = block.subarray(from, Math.min(BLOCK_BYTES, from + end - at));
    yield piece;
    at += piece.length;
  }
}
