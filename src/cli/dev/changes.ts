import type { Action, Registry } from '../../connector/connector.ts';

/** What a reload changed, by public ids of actions; sorted. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Actions of which only the examples changed. */
  readonly examples: readonly string[];
  /** Ids of the connectors that are not the same any more, removed ones included. */
  readonly connectors: readonly string[];
}

/** Compares two registries of one loader, which keeps what did not change as it is. */
export function changesBetween(before: Registry, after: Registry): Changes {
  const ids = [...after.actions.keys()].sort();
  const pairs = ids.flatMap((id) => {
    const [old, now] = [before.actions.get(id), after.actions.get(id)];
    return old && now ? [{ id, old, now }] : [];
  });
  const changed = pairs.filter(({ old, now }) => !sameDeclaration(old, now)).map(({ id }) => id);
  const connectors = new Set([...before.connectors.keys(), ...after.connectors.keys()]);
  return {
    added: ids.filter((id) => !before.actions.has(id)),
    changed,
    removed: [...before.actions.keys()].filter((id) => !after.actions.has(id)).sort(),
    examples: pairs
      .filter(({ id, old, now }) => old !== now && !changed.includes(id) && !sameExamples(old, now))
      .map(({ id }) => id),
    connectors: [...connectors].filter((id) => before.connectors.get(id) !== after.connectors.get(id)).sort(),
  };
}

function sameDeclaration(old: Action, now: Action): boolean {
  const { examples: _old, ...before } = propertiesOf(old);
  const { examples: _now, ...after } = propertiesOf(now);
  return Object.entries(after).every(([name, value]) => Object.is(value, before[name]));
}

// Spreading would ask for the examples, which are read when they are asked for.
function propertiesOf(action: Action): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(action)).map(([name, { value }]) => [name, value]),
  );
}

// Where an example stands changes with every line above it.
function sameExamples(old: Action, now: Action): boolean {
  const [before, after] = [old, now].map(({ examples }) =>
    JSON.stringify(examples.map(({ at: _at, ...rest }) => rest)),
  );
  return before === after;
}
