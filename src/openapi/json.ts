export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at hand, or an empty one. */
export function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that says something, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** A member of the object's own, whatever its name. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

// Examples are copied into files that people read.
const MAX_COPY_DEPTH = 20;
const MAX_COPIED_VALUES = 2_000;

/** A copy that is a finite JSON value, or undefined where the value is too large, too deep or circular. */
export function boundedCopy(value: unknown): unknown {
  let left = MAX_COPIED_VALUES;
  const copy = (one: unknown, depth: number): unknown => {
    left -= 1;
    if (left < 0 || depth > MAX_COPY_DEPTH) throw new RangeError('too large');
    if (Array.isArray(one)) return one.map((item) => copy(item, depth + 1));
    if (isObject(one))
      return Object.fromEntries(
        Object.entries(one)
          .filter(([name]) => name !== '__proto__')
          .map(([name, below]) => [name, copy(below, depth + 1)]),
      );
    if (typeof one === 'number') return Number.isFinite(one) ? one : null;
    return typeof one === 'string' || typeof one === 'boolean' ? one : null;
  };
  try {
    return copy(value, 0);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
