/** What is edited: values and lists of values by name, also nested. A list stands for a set. */
export type Editable = Readonly<Record<string, unknown>>;

export interface Rebased<T> {
  draft: T;
  /** Names of what was changed on both sides, differently. */
  conflicts: string[];
}

/**
 * A draft that was begun on `base`, carried over to what there is `newer`: what was not edited follows it, what was edited stays.
 */
export function rebase<T extends object>(base: T, newer: T, draft: T): Rebased<T> {
  const [one, other, mine] = [base, newer, draft] as readonly Editable[] as [Editable, Editable, Editable];
  const conflicts: string[] = [];
  const entries = [...new Set([one, other, mine].flatMap(Object.keys))].map((name): [string, unknown] => {
    const [before, now, wanted] = [one, other, mine].map((values) => memberOf(values, name));
    if (isEditable(before) && isEditable(now) && isEditable(wanted)) {
      const inside = rebase(before, now, wanted);
      conflicts.push(...inside.conflicts);
      return [name, inside.draft];
    }
    if (isSame(wanted, before)) return [name, now];
    if (!isSame(now, before) && !isSame(now, wanted)) conflicts.push(name);
    return [name, wanted];
  });
  // What is undefined was not there, and settings are compared and sent by their names.
  return { draft: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as T, conflicts };
}

/** Whether two values of a draft are the same; lists, in whatever order. */
export function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return Object.is(one, other);
  return new Set(one).symmetricDifference(new Set(other)).size === 0;
}

function memberOf(values: Editable, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function isEditable(value: unknown): value is Editable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
