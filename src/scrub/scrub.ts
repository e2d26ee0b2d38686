import { isNameKey, tellingKey } from './key-names.ts';
import type { ScrubKind, ValuePath } from './kinds.ts';
import { throughLayers } from './layers.ts';
import { wordsOfName } from './person-words.ts';
import { createPlaceholders, type Placeholders } from './placeholders.ts';
import { createReplace } from './replace.ts';
import { foundInText, looksRandom } from './shapes.ts';
import { type Visitor, type Where, walk } from './walk.ts';

export interface ScrubOptions {
  /** Secrets that are known by value: they go wherever they stand, in whatever encoding. */
  readonly credentials: readonly string[];
  /** Replace ids of people, too. */
  readonly personIds: boolean;
}

/** What was replaced in one place; lists count as one place. Never holds an original. */
export interface Finding {
  readonly kind: ScrubKind;
  /** Such as `response.body.data[].email`. */
  readonly place: string;
  readonly count: number;
  /** What stands there now; of several the first ones. */
  readonly replacements: readonly string[];
}

/** Something that may be personal and was kept. */
export interface Kept {
  readonly place: string;
  readonly count: number;
  readonly reason: string;
}

export interface Scrubbed<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
  readonly kept: readonly Kept[];
}

// Enough to see what kind of replacement it is.
const SHOWN_REPLACEMENTS = 2;
// What goes goes everywhere: of something shorter, everywhere would be too much, and it can hardly be a secret.
const LEAST_CHARS = 4;
// In small letters a shorter one may be an ordinary word.
const LEAST_FOLDED_CHARS = 8;
// A text of several lines is no name.
const MAX_NAME_CHARS = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A copy of a JSON document without secrets and without what tells who somebody is: by the names of members, by the form of
 * texts, and by the given values; also in JSON, percent-encoding and base64 inside of texts, in URLs and in member names. The same
 * original becomes the same placeholder everywhere; types and shapes stay. Members `{request: {url}, response}` are taken
 * for what was asked and answered. Pure: the same document gives the same result.
 */
export function scrub<T>(document: T, options: ScrubOptions): Scrubbed<T> {
  const placeholders = createPlaceholders();
  for (const credential of options.credentials)
    for (const form of formsOf(credential)) placeholders.add('credential', form);
  walk(document, collector(placeholders, options));
  const changed: ScrubKind[] = [];
  const replace = createReplace(placeholders, (kind) => changed.push(kind));
  const places = new Places(replace);
  const kept = new KeptPlaces(replace, options);
  const value = walk(document, replacer(placeholders, replace, changed, places, kept)) as T;
  return { value, findings: places.findings(), kept: kept.list() };
}

/** A credential as it may be echoed, besides the encodings that are looked through anyway. */
function formsOf(credential: string): string[] {
  if (credential.length < LEAST_FOLDED_CHARS) return credential === '' ? [] : [credential];
  const hex = Buffer.from(credential, 'utf8').toString('hex');
  return [credential, credential.toLowerCase(), credential.toUpperCase(), hex, hex.toUpperCase()];
}

/** Learns what has to go; leaves everything as it is. */
function collector(placeholders: Placeholders, { personIds }: ScrubOptions): Visitor {
  const learn = (text: string): string => {
    for (const found of foundInText(text)) placeholders.add(found.kind, found.text);
    return text;
  };
  const visitor: Visitor = {
    text(text, { kind, key }) {
      const own = kindOfValue(text, kind, key);
      if (own !== undefined && (own !== 'person_id' || personIds)) placeholders.add(own, text);
      throughLayers(text, learn, (value) => walk(value, visitor));
      return text;
    },
    number(value, { kind }) {
      const goes = kind === 'secret' || kind === 'phone' || (kind === 'person_id' && personIds);
      if (goes && Number.isSafeInteger(value) && String(value).length >= LEAST_CHARS)
        placeholders.add(kind, String(value));
      return value;
    },
    key(key) {
      throughLayers(key, learn, (value) => value);
      return key;
    },
  };
  return visitor;
}

/** What a text is, after its member's name and a look at itself. */
function kindOfValue(text: string, kind: ScrubKind | undefined, key: string): ScrubKind | undefined {
  if (text.trim() === '' || kind === undefined) return undefined;
  if (kind === 'phone' && !/\d/.test(text)) return undefined;
  if (kind !== 'person_name') return text.length < LEAST_CHARS ? undefined : kind;
  if (text.length > MAX_NAME_CHARS) return undefined;
  // "owner" may hold an address, an id or a link, which are found by their form.
  if (text.includes('@') || /^https?:/i.test(text)) return undefined;
  if (UUID.test(text) || /^\d+$/.test(text)) return text.length < LEAST_CHARS ? undefined : 'person_id';
  if (!isNameKey(key) && /^(?=.*\d.*\d.*\d)\S{8,}$/.test(text)) return 'person_id';
  return wordsOfName(text).length > 0 ? kind : undefined;
}

function replacer(
  placeholders: Placeholders,
  replace: (text: string) => string,
  changed: ScrubKind[],
  places: Places,
  kept: KeptPlaces,
): Visitor {
  const through = (text: string): string => {
    changed.length = 0;
    return throughLayers(text, replace, (value, inner) => walk(value, { ...visitor, text: (one) => inner(one) }));
  };
  const visitor: Visitor = {
    text(text, where) {
      const result = through(text);
      if (result === text) kept.note(text, where);
      else places.note(changed[0] ?? 'secret', where.path, result);
      return result;
    },
    number(value, where) {
      const replaced = placeholders.of(String(value));
      if (replaced === undefined) {
        kept.note(value, where);
        return value;
      }
      places.note(placeholders.kindOf(String(value)) ?? 'secret', where.path, replaced);
      return Number(replaced);
    },
    key(key, { path }) {
      const result = through(key);
      if (result !== key) places.note(changed[0] ?? 'secret', path, result);
      return result;
    },
  };
  return visitor;
}

/** Where what was replaced. */
class Places {
  readonly #replace: (text: string) => string;
  readonly #found = new Map<string, { kind: ScrubKind; place: string; count: number; replacements: Set<string> }>();

  constructor(replace: (text: string) => string) {
    this.#replace = replace;
  }

  note(kind: ScrubKind, path: ValuePath, replacement: string): void {
    const place = placeOf(path, this.#replace);
    const key = `${kind} ${place}`;
    const found = this.#found.get(key) ?? { kind, place, count: 0, replacements: new Set<string>() };
    found.count += 1;
    if (found.replacements.size < SHOWN_REPLACEMENTS) found.replacements.add(replacement);
    this.#found.set(key, found);
  }

  findings(): Finding[] {
    return [...this.#found.values()].map(({ replacements, ...found }) => ({
      ...found,
      replacements: [...replacements],
    }));
  }
}

/** Where what may be personal was kept. */
class KeptPlaces {
  readonly #replace: (text: string) => string;
  readonly #personIds: boolean;
  readonly #found = new Map<string, { place: string; count: number; reason: string }>();

  constructor(replace: (text: string) => string, { personIds }: ScrubOptions) {
    this.#replace = replace;
    this.#personIds = personIds;
  }

  note(value: string | number, { path, key, kind }: Where): void {
    const reason = this.#reason(value, key, kind);
    if (reason === undefined) return;
    const place = placeOf(path, this.#replace);
    const found = this.#found.get(`${reason} ${place}`) ?? { place, count: 0, reason };
    found.count += 1;
    this.#found.set(`${reason} ${place}`, found);
  }

  #reason(value: string | number, key: string, kind: ScrubKind | undefined): string | undefined {
    if (value === '') return undefined;
    if (
      (kind === 'person_id' || (typeof value === 'string' && kindOfValue(value, kind, key) === 'person_id')) &&
      !this.#personIds
    )
      return 'id of a person';
    if (typeof value === 'string' && looksRandom(value)) return 'looks like a key';
    const told = tellingKey(key);
    if (told === undefined) return undefined;
    // Single words are states and types.
    return told === 'free text' && !/\s\S+\s/.test(String(value)) ? undefined : told;
  }

  list(): Kept[] {
    return [...this.#found.values()];
  }
}

/** `response.body.data[].email`; member names as they are written now. */
function placeOf(path: ValuePath, replace: (text: string) => string): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return '[]';
      const name = throughLayers(part, replace, (value) => value);
      const written = /^[\w$-]+$/.test(name) ? name : `["${name}"]`;
      return index === 0 || written.startsWith('[') ? written : `.${written}`;
    })
    .join('');
}
