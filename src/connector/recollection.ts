/** Values kept from one compilation to the next: each stays the same as long as it is made of the same things. */
export interface Recollection<Value> {
  /**
   * The value of that name when it was last made of an equal basis (compared with Object.is, member by member), else what
   * `make` gives. An undefined value is not kept.
   */
  recall(name: string, basis: readonly unknown[], make: () => Value): Value;
  /** Forgets what was not asked for since the last time. */
  tidy(): void;
}

interface Kept<Value> {
  basis: readonly unknown[];
  value: Value;
}

export function createRecollection<Value>(): Recollection<Value> {
  let earlier = new Map<string, Kept<Value>>();
  let current = new Map<string, Kept<Value>>();
  return {
    recall(name, basis, make) {
      const known = current.get(name) ?? earlier.get(name);
      if (known && sameBasis(known.basis, basis)) {
        current.set(name, known);
        return known.value;
      }
      const value = make();
      if (value !== undefined) current.set(name, { basis, value });
      return value;
    },
    tidy() {
      earlier = current;
      current = new Map();
    },
  };
}

function sameBasis(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => Object.is(part, other[index]));
}
