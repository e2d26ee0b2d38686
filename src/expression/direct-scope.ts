/** Which variables can be seen from a place of the expression, and where their values are kept. */
export interface Scope {
  /** The slot of a variable that has a value here. */
  slotOf(name: string): number | undefined;
  /** A variable from here on; one of that name before it is hidden. */
  add(name: string): number;
  /** For a block or a function inside. */
  inner(): Scope;
}

/** `count()` is the number of slots that all scopes together need. */
export function createScopes(): { outermost: Scope; count(): number } {
  let slots = 0;
  const scopeIn = (outer: Scope | undefined): Scope => {
    const own = new Map<string, number>();
    const scope: Scope = {
      slotOf: (name) => own.get(name) ?? outer?.slotOf(name),
      add(name) {
        own.set(name, slots);
        slots += 1;
        return slots - 1;
      },
      inner: () => scopeIn(scope),
    };
    return scope;
  };
  return { outermost: scopeIn(undefined), count: () => slots };
}
