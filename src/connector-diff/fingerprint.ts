/**
 * The text of a compiled part of a connector: equal for two of them exactly when they were declared alike. Expressions and
 * templates count by their text, sets and maps by what is in them.
 */
export function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member instanceof Set) return [...member].sort();
    if (member instanceof Map) return [...member].sort(([one], [other]) => String(one).localeCompare(String(other)));
    if (member instanceof URL) return member.href;
    if (isCompiled(member)) return { text: member.text };
    return member;
  });
}

function isCompiled(value: unknown): value is { text: string } {
  return typeof value === 'object' && value !== null && 'evaluate' in value && 'text' in value;
}
