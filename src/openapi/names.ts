import { CALL_PARAMETERS, PAGE_INPUTS } from '../connector/connector.ts';

// Longer names are no names any more.
const MAX_NAME_CHARS = 60;

/** A name of the format (`bucket_key`) for whatever a provider calls it (`bucketKey`, `x-bucket-key`, `filter[bucketKey]`). */
export function snakeCase(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    // "projectIDs" has two words.
    .replace(
      /([A-Z]{2,})s(?![a-z])/g,
      (_match, letters: string) => `${letters.charAt(0)}${letters.slice(1).toLowerCase()}s`,
    )
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const short = words.slice(0, MAX_NAME_CHARS).replace(/_+$/, '');
  if (short === '') return 'value';
  return /^[a-z]/.test(short) ? short : `n_${short}`;
}

/** Whether something of this name can be declared: nothing unprintable, and no more of it than a name has. */
export function isName(name: string): boolean {
  return /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,200}$/u.test(name) && !UNSENDABLE.has(name);
}

const UNSENDABLE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

// Names that a body cannot have, or that the server adds.
const RESERVED: ReadonlySet<string> = new Set([...PAGE_INPUTS, ...CALL_PARAMETERS, ...UNSENDABLE]);

/** Gives each thing a name of its own. */
export interface Namer {
  /** The wanted name, or one like it when it is taken. */
  take(wanted: string, otherwise?: string): string;
}

/** `reserved` are further names that are not given. */
export function createNamer(reserved: ReadonlySet<string> = RESERVED): Namer {
  const taken = new Set(reserved);
  return {
    take(wanted, otherwise = `${wanted}_value`) {
      const other = reserved.has(wanted) ? `${wanted}_value` : otherwise;
      let name = taken.has(wanted) ? other : wanted;
      for (let number = 2; taken.has(name); number += 1) name = `${other}_${number}`;
      taken.add(name);
      return name;
    },
  };
}

/** `List Buckets` of `list_buckets`. */
export function labelOf(id: string): string {
  return id
    .split('_')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join(' ');
}
