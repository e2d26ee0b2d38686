/** Whether `part` is `whole` with members and items left out, and nothing altered. */
export function isTrimmed(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole)) return false;
    let at = 0;
    return part.every((item) => {
      while (at < whole.length && !isTrimmed(item, whole[at])) at += 1;
      at += 1;
      return at <= whole.length;
    });
  }
  if (isObject(part)) {
    return (
      isObject(whole) && Object.entries(part).every(([key, value]) => key in whole && isTrimmed(value, whole[key]))
    );
  }
  return part === whole;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
