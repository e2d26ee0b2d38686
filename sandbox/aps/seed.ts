import { createHash } from 'node:crypto';

/** Deterministic values by label: the same seed and label always give the same value, in whatever order they are asked. */
export interface Seed {
  uuid(label: string): string;
  /** 22 characters of base64url, as the provider's own lineage and folder keys. */
  key(label: string): string;
  /** Inclusive bounds. */
  integer(label: string, min: number, max: number): number;
  pick<T>(label: string, from: readonly [T, ...T[]]): T;
  /** Milliseconds since the epoch, somewhere in the five years after `EARLIEST_MS`. */
  time(label: string): number;
}

const EARLIEST_MS = Date.UTC(2020, 0, 6, 7, 0, 0);
const SPAN_S = 5 * 365 * 24 * 3600;

export function createSeed(seed: string): Seed {
  const digest = (label: string): Buffer => createHash('sha256').update(seed).update('\0').update(label).digest();
  const integer = (label: string, min: number, max: number): number =>
    min + (digest(label).readUInt32BE(0) % (max - min + 1));
  return {
    uuid(label) {
      const bytes = digest(label).subarray(0, 16);
      bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
      bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
      return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
    key: (label) => digest(label).subarray(0, 16).toString('base64url'),
    integer,
    pick: (label, from) => from[integer(label, 0, from.length - 1)] ?? from[0],
    time: (label) => EARLIEST_MS + integer(label, 0, SPAN_S) * 1000,
  };
}

/** The live service writes seven fractional digits (recorded traffic), which some date parsers choke on. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}
