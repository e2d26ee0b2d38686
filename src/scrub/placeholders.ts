import type { ScrubKind } from './kinds.ts';
import { likeShape } from './like-shape.ts';
import { replaceWords, wordsOfName, writtenLike } from './person-words.ts';

/** What stands for what. An original has one placeholder, wherever and as whatever it is found. */
export interface Placeholders {
  /** Learns an original. The kind that it was found as first stays. */
  add(kind: ScrubKind, original: string): void;
  kindOf(original: string): ScrubKind | undefined;
  /** The placeholder of an original that was added; undefined for others. */
  of(original: string): string | undefined;
  /** Every original, with the words of names. */
  originals(): readonly Original[];
}

export interface Original {
  readonly text: string;
  readonly kind: ScrubKind;
  /** A single word of a name. */
  readonly word: boolean;
}

// RFC 5737: addresses that are nobody's.
const DOCUMENTATION_NETWORKS = ['192.0.2', '198.51.100', '203.0.113'] as const;
const HOSTS_PER_NETWORK = 254;

export function createPlaceholders(): Placeholders {
  const known = new Map<string, { kind: ScrubKind; placeholder: string }>();
  const words = new Map<string, number>();
  const counts = new Map<ScrubKind, number>();
  const taken = new Set<string>();

  function wordFor(word: string): string {
    const key = word.toLowerCase();
    const number = words.get(key) ?? words.size + 1;
    words.set(key, number);
    return writtenLike(word, number);
  }

  function make(kind: ScrubKind, original: string): string {
    if (kind === 'person_name' && wordsOfName(original).length > 0) return replaceWords(original, wordFor);
    for (;;) {
      const number = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, number);
      const placeholder = numbered(kind, original, number);
      if (!taken.has(placeholder) && !known.has(placeholder) && placeholder !== original) return placeholder;
    }
  }

  return {
    add(kind, original) {
      const key = canonical(kind, original);
      if (known.has(key)) return;
      const placeholder = make(kind, original);
      taken.add(placeholder);
      known.set(key, { kind, placeholder });
    },
    kindOf: (original) => (known.get(original) ?? known.get(original.toLowerCase()))?.kind,
    of: (original) => (known.get(original) ?? emailOf(known.get(original.toLowerCase())))?.placeholder,
    originals: () => [
      ...[...known].map(([text, { kind }]) => ({ text, kind, word: false })),
      ...[...known].flatMap(([text, { kind }]) =>
        kind === 'person_name' ? wordsOfName(text).map((word) => ({ text: word, kind, word: true })) : [],
      ),
    ],
  };
}

function emailOf<T extends { kind: ScrubKind }>(found: T | undefined): T | undefined {
  return found?.kind === 'email' ? found : undefined;
}

/** Addresses of e-mail are the same in any case, in practice. */
function canonical(kind: ScrubKind, original: string): string {
  return kind === 'email' ? original.toLowerCase() : original;
}

function numbered(kind: ScrubKind, original: string, number: number): string {
  if (kind === 'email') return `person${number}@example.com`;
  if (kind !== 'ip_address') return likeShape(original, number);
  // RFC 3849: the documentation prefix.
  if (original.includes(':')) return `2001:db8::${number.toString(16)}`;
  const network = DOCUMENTATION_NETWORKS[Math.floor((number - 1) / HOSTS_PER_NETWORK) % DOCUMENTATION_NETWORKS.length];
  return `${network}.${((number - 1) % HOSTS_PER_NETWORK) + 1}`;
}
