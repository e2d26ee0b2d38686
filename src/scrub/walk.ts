import { asksForPeople, holdsPeople, isPerson, isSecretGroup, kindOfKey } from './key-names.ts';
import type { ScrubKind, ValuePath } from './kinds.ts';

/** Where a value stands, and what that says about it. */
export interface Where {
  readonly path: ValuePath;
  /** The nearest member name. */
  readonly key: string;
  /** By the names of the members above it. */
  readonly kind: ScrubKind | undefined;
}

/** Gives what stands in the place of each part of a document. */
export interface Visitor {
  text(text: string, where: Where): string;
  number(value: number, where: Where): number;
  key(key: string, where: Where): string;
}

interface Surroundings extends Where {
  /** The objects here are people. */
  readonly people: boolean;
}

// Lists of people stand in these, or in nothing.
const WRAPPERS: ReadonlySet<string> = new Set(
  'attributes body content data elements entries included items members people records response result results users value values'.split(
    ' ',
  ),
);

/** A new document with every text, number and member name put through the visitor. Nothing is changed in the given one. */
export function walk(value: unknown, visitor: Visitor, path: ValuePath = []): unknown {
  return visit(value, visitor, { path, key: '', kind: undefined, people: false });
}

function visit(value: unknown, visitor: Visitor, here: Surroundings): unknown {
  if (typeof value === 'string') return visitor.text(value, here);
  if (typeof value === 'number') return visitor.number(value, here);
  if (Array.isArray(value))
    return value.map((item, index) => visit(item, visitor, { ...here, path: [...here.path, index] }));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Readonly<Record<string, unknown>>;
  const person = here.people || isPerson(object);
  const answersPeople = isExchange(object) && asksForPeople(object.request.url);
  return Object.fromEntries(
    Object.entries(object).map(([key, member]) => {
      const path = [...here.path, key];
      const inherited = here.kind === 'secret' ? here.kind : undefined;
      const kind = inherited ?? kindOfKey(key, person) ?? (isSecretGroup(key) ? 'secret' : undefined);
      const inside: Surroundings = {
        path,
        key,
        kind: isScalars(member) || kind === 'secret' ? kind : undefined,
        people: false,
      };
      const people =
        holdsPeople(key) || (answersPeople && key === 'response') || (here.people && WRAPPERS.has(key.toLowerCase()));
      return [visitor.key(key, inside), visit(member, visitor, { ...inside, people })];
    }),
  );
}

/** What the name of a member says holds for its text or list of texts, not for what is below further names. */
function isScalars(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isScalars) : typeof value !== 'object' || value === null;
}

function isExchange(
  value: Readonly<Record<string, unknown>>,
): value is { request: { url: string }; response: unknown } {
  const { request, response } = value;
  return (
    typeof request === 'object' &&
    request !== null &&
    'url' in request &&
    typeof request.url === 'string' &&
    response !== undefined
  );
}
