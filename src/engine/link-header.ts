/** One link of a Link header (RFC 8288 §3). */
export interface Link {
  /** As it stands there: perhaps relative. */
  readonly target: string;
  /** Lower-case names; of several parameters of one name the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

// RFC 8288 §3: ABNF of link-param, with the whitespace that RFC 9110 §5.6.3 has readers put up with.
const BLANK = /[\t ]*/y;
const BETWEEN = /[\t ,]*/y;
const TARGET = /<([^<>]*)>/y;
const NAME = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const PLAIN_VALUE = /[^\t ,;"]*/y;
const QUOTED_VALUE = /"((?:[^"\\]|\\.)*)"/sy;

/** The links of a header, several fields joined by commas; undefined when it is not one. Linear in its length. */
export function parseLinks(header: string): Link[] | undefined {
  const links: Link[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(header) ?? undefined;
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    take(BETWEEN);
    if (at === header.length) return links;
    const target = take(TARGET)?.[1];
    if (target === undefined) return undefined;
    const parameters = new Map<string, string>();
    links.push({ target: target.trim(), parameters });
    for (take(BLANK); header[at] === ';'; take(BLANK)) {
      at += 1;
      take(BLANK);
      const name = take(NAME)?.[0].toLowerCase();
      // `;;`, and `;` at the end.
      if (name === undefined) continue;
      take(BLANK);
      let value = '';
      if (header[at] === '=') {
        at += 1;
        take(BLANK);
        const found = header[at] === '"' ? take(QUOTED_VALUE)?.[1]?.replace(/\\(.)/gs, '$1') : take(PLAIN_VALUE)?.[0];
        if (found === undefined) return undefined;
        value = found;
      }
      if (!parameters.has(name)) parameters.set(name, value);
    }
    if (at < header.length && header[at] !== ',') return undefined;
  }
}

/** The first link of a relation type, given in lower case. One with an anchor is about something else (RFC 8288 §3.2). */
export function linkTo(links: readonly Link[], relation: string): Link | undefined {
  return links.find(
    ({ parameters }) =>
      !parameters.has('anchor') &&
      (parameters.get('rel') ?? '')
        .toLowerCase()
        .split(/[\t ]+/)
        .includes(relation),
  );
}
