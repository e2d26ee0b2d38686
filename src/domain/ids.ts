import { type Random, randomBase62 } from '../random.ts';

/** The kinds of ids that people see. */
export type IdPrefix = 'prj' | 'key' | 'prf' | 'acc' | 'req';

// 22 characters of base62 carry 130 bits: ids cannot be guessed.
const ID_LENGTH = 22;

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
