import fc from 'fast-check';

/** Names of members: those that expressions read, and those that have a meaning to JavaScript or to the interpreter. */
const ODD_NAMES = ['__proto__', 'constructor', 'length', 'sequence', 'cons', '_jsonata_lambda', 'undefined', '0', '@'];

/** A scalar as providers send it, and as they should not. */
export const scalar: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>('x', 'y', '', '1', 'a', 'b.1', 'b.2', '"', 'ä𝒳'), weight: 4 },
  { arbitrary: fc.constantFrom<unknown>(0, 1, 2, -1, 1.5, -0, 0.1 + 0.2, 1e21), weight: 3 },
  { arbitrary: fc.constantFrom<unknown>(true, false, null), weight: 3 },
  { arbitrary: fc.constantFrom<unknown>(undefined, Number.NaN, Number.POSITIVE_INFINITY, new Date(0)), weight: 1 },
);

/** Any value, with members of these names. */
export function oddJson(names: readonly string[]): fc.Arbitrary<unknown> {
  const name = fc.oneof(
    { arbitrary: fc.constantFrom(...names), weight: 12 },
    { arbitrary: fc.constantFrom(...ODD_NAMES), weight: 1 },
  );
  return fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { arbitrary: scalar, weight: 3 },
      { arbitrary: tie('object'), weight: 4 },
      { arbitrary: fc.array(tie('object'), { maxLength: 3 }), weight: 3 },
      { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
    ),
    object: fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(objectOf),
  })).value;
}

/** A change somewhere inside a value: where, and what is put there. */
export interface Change {
  readonly at: number;
  readonly how: 'remove' | 'null' | 'list' | 'empty list' | 'nested list' | 'twice' | 'put';
  readonly value: unknown;
}

export function change(names: readonly string[]): fc.Arbitrary<Change> {
  return fc.record({
    at: fc.nat(),
    how: fc.constantFrom<Change['how']>('remove', 'null', 'list', 'empty list', 'nested list', 'twice', 'put'),
    value: oddJson(names),
  });
}

/** A changed copy. */
export function changed(original: unknown, changes: readonly Change[]): unknown {
  const copy = structuredClone(original);
  for (const { at, how, value } of changes) {
    const places = placesOf(copy);
    const [holder, name] = places[at % Math.max(1, places.length)] ?? [];
    if (holder === undefined || name === undefined) continue;
    const before = holder[name];
    if (how === 'remove') delete holder[name];
    else
      holder[name] = {
        null: null,
        list: [before],
        'empty list': [],
        twice: [before, before],
        put: value,
        'nested list': [[before], before],
      }[how];
  }
  return copy;
}

type Holder = Record<string, unknown>;

function placesOf(value: unknown, found: [Holder, string][] = []): [Holder, string][] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    found.push([value as Holder, name]);
    placesOf(member, found);
  }
  return found;
}

/** As `JSON.parse` makes it: also of a member called `__proto__`. */
function objectOf(members: readonly (readonly [string, unknown])[]): Holder {
  const made: Holder = {};
  for (const [name, value] of members)
    Object.defineProperty(made, name, { value, enumerable: true, writable: true, configurable: true });
  return made;
}
