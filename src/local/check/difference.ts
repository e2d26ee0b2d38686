/** Something in which a replay is not what its example says. */
export interface Difference {
  part: 'request' | 'output' | 'problem' | 'fields' | 'next_page';
  /** In a line: what it is about. May quote a provider's or an author's text. */
  message: string;
  /** What the example has, and what was instead; undefined where one of them is not there. Plain JSON. */
  expected?: unknown;
  actual?: unknown;
  /** What to do about it. */
  remedy?: string;
}

/** A JSON value without what JSON does not keep: members that are undefined, dates, lists with members of their own. */
export function plainJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The value with the members of its objects in the order of another one, further ones after them: for reading side by side. */
export function inOrderOf(model: unknown, value: unknown): unknown {
  if (Array.isArray(value)) {
    const models = Array.isArray(model) ? model : [];
    return value.map((item, index) => inOrderOf(models[index], item));
  }
  if (!isObject(value)) return value;
  const known = isObject(model) ? model : {};
  const names = [
    ...Object.keys(known).filter((name) => Object.hasOwn(value, name)),
    ...Object.keys(value).filter((name) => !Object.hasOwn(known, name)),
  ];
  return Object.fromEntries(names.map((name) => [name, inOrderOf(known[name], value[name])]));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
