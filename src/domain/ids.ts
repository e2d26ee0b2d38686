import { BASE62, type Random, randomBase62 } from '../random.ts';

/** The kinds of ids that people see. */
export type IdPrefix = 'prj' | 'key' | 'prf' | 'acc' | 'req' | 'cns' | 'whe' | 'evt' | 'aud' | 'ses';

// 22 characters of base62 carry 130 bits: ids cannot be guessed.
const ID_LENGTH = 22;
// 62^8 milliseconds last until the year 8888; the other 14 characters carry 83 bits, so that these cannot be guessed either.
const TIME_LENGTH = 8;
const LAST_TIME_MS = BASE62.length ** TIME_LENGTH - 1;

/** A new random id, `<prefix>_<22 characters of base62>`. */
export function newId(random: Random, prefix: IdPrefix): string {
  return `${prefix}_${randomBase62(random, ID_LENGTH)}`;
}

/** Whether a text has the form of an id, so that nothing else is ever looked up in the store. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return (
    text.length === prefix.length + 1 + ID_LENGTH &&
    text.startsWith(`${prefix}_`) &&
    /^[0-9A-Za-z]+$/.test(text.slice(prefix.length + 1))
  );
}

/** A new id of a request: like every other, but one of a later millisecond sorts after one of an earlier. */
export function newRequestId(random: Random, nowMs: number): string {
  return firstRequestIdAt(nowMs) + randomBase62(random, ID_LENGTH - TIME_LENGTH);
}

/** Sorts behind every request id of an earlier millisecond and before all of this and of later ones. */
export function firstRequestIdAt(ms: number): string {
  let rest = Math.min(Math.max(0, Math.trunc(ms)), LAST_TIME_MS);
  let text = '';
  for (let digit = 0; digit < TIME_LENGTH; digit += 1) {
    text = `${BASE62[rest % BASE62.length]}${text}`;
    rest = Math.floor(rest / BASE62.length);
  }
  return `req_${text}`;
}

/** When a request id was made, milliseconds since the epoch. */
export function timeOfRequestId(id: string): number {
  const digits = id.slice('req_'.length, 'req_'.length + TIME_LENGTH);
  return [...digits].reduce((time, digit) => time * BASE62.length + BASE62.indexOf(digit), 0);
}
