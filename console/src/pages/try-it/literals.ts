// Invisible or able to turn the text around (Trojan Source, CVE-2021-42574): code that is copied shows what it says.
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A text as a literal of JSON, which JavaScript and Python read alike. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(HIDDEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// A terminal that is pasted into obeys them: ESC [201~ ends the paste, so that what follows is typed, and run. Calls need none
// of them, and a NUL cannot be said to any program.
const COMMANDS_OF_TERMINALS = /(?![\t\n\r])\p{Cc}/gu;

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  // Nothing is special between single quotes.
  return `'${text.replace(COMMANDS_OF_TERMINALS, '').replaceAll("'", `'\\''`)}'`;
}

export interface Dialect {
  nothing: string;
  yes: string;
  no: string;
  /** The name of an object's member. */
  key: (name: string) => string;
  indent: string;
}

export const JSON_DIALECT: Dialect = { nothing: 'null', yes: 'true', no: 'false', key: quoted, indent: '  ' };

export const JAVASCRIPT: Dialect = {
  ...JSON_DIALECT,
  // Written plainly, it would set the prototype (ECMA-262 §13.2.5.5).
  key: (name) => (name === '__proto__' ? '["__proto__"]' : /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)),
};

export const PYTHON: Dialect = { nothing: 'None', yes: 'True', no: 'False', key: quoted, indent: '    ' };

/** JSON's values as a literal of a language. */
export function literal(value: unknown, dialect: Dialect, depth = 0): string {
  if (value === null || value === undefined) return dialect.nothing;
  if (typeof value === 'boolean') return value ? dialect.yes : dialect.no;
  if (typeof value === 'number') return JSON.stringify(value);
  if (typeof value !== 'object') return quoted(String(value));
  const list = Array.isArray(value);
  const parts = list
    ? value.map((item) => literal(item, dialect, depth + 1))
    : Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => `${dialect.key(name)}: ${literal(member, dialect, depth + 1)}`);
  if (parts.length === 0) return list ? '[]' : '{}';
  const inner = dialect.indent.repeat(depth + 1);
  const lines = parts.map((part) => `${inner}${part},\n`).join('');
  // JSON knows no comma after the last one.
  const body = dialect === JSON_DIALECT ? `${lines.slice(0, -2)}\n` : lines;
  return `${list ? '[' : '{'}\n${body}${dialect.indent.repeat(depth)}${list ? ']' : '}'}`;
}
