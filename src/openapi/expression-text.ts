// How things are written in the format's expressions (JSONata).

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
// Words that are operators or values where a name could stand.
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** Whether a member of this name can be read by an expression at all. */
export function isReadable(name: string): boolean {
  return name !== '' && !/[`\p{Cc}]/u.test(name);
}

/** A member's name in a path. */
export function nameInPath(name: string): string {
  return PLAIN_NAME.test(name) && !WORDS.has(name) ? name : `\`${name}\``;
}

export function pathText(names: readonly string[]): string {
  return names.map(nameInPath).join('.');
}

/** A text in an expression. */
export function quotedText(text: string): string {
  return JSON.stringify(text);
}

/** An expression where a literal could stand. */
export function template(expression: string): string {
  return `\${${expression}}`;
}
