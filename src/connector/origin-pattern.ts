import { RE2JS } from 're2js';
import type { OriginPattern } from './connector.ts';
import type { FaultAt, Path } from './yaml-file.ts';

// As for requests that are rendered: what common servers and proxies accept in a request line.
const MAX_URL_CHARS = 8_192;
// A name under which anybody can have one of their own has at least two labels: `*.com` would be everybody's.
const MIN_LITERAL_LABELS = 2;
const SCHEME = 'https://';
/** Scheme, host, perhaps the default port, then path and query of RFC 3986's characters only. No user, no fragment. */
const PLAIN_URL = /^https:\/\/([a-z0-9.-]{1,253})(?::443)?((?:[/?][\w.~:/?[\]@!$&'()*+,;=%-]*)?)$/;

/** Reports every origin pattern that is not one, or that would let too much through; true when there is none. */
export function lintOrigins(path: Path, patterns: readonly string[], fault: FaultAt): boolean {
  const wrong = patterns.map((pattern, index) => {
    const message = faultOf(pattern);
    if (message) fault([...path, index], 'ACT021', message);
    return message !== undefined;
  });
  return !wrong.includes(true);
}

function faultOf(pattern: string): string | undefined {
  const labels = pattern.slice(SCHEME.length).split('.');
  if (labels.some((label) => !/^(\*|\*?[a-z0-9-]+(\*[a-z0-9-]+)*\*?)$/.test(label)))
    return 'is not a name of labels with * in them';
  const end = labels.slice(-MIN_LITERAL_LABELS);
  if (end.length < MIN_LITERAL_LABELS || end.some((label) => label.includes('*')))
    return `must end in at least ${MIN_LITERAL_LABELS} labels without *`;
  // A name whose last label is a number is read as an IPv4 address (WHATWG URL, "ends in a number").
  if (!/[a-z]/.test(end.at(-1) ?? '') || (end.at(-1) ?? '').startsWith('0x')) return 'is an address, not a name';
  return undefined;
}

/**
 * Decides by patterns that {@link lintOrigins} has nothing against. A `*` stands for one or more of a-z, 0-9 and hyphen,
 * never for a dot. A URL must be written as the URL standard writes it: one that a parser would change (upper case in the
 * host, dot segments, spaces, backslashes) could be read in two ways and is not admitted. `overrides` replace whole origins,
 * also by plain http; path and query stay as they are.
 */
export function compileOriginPattern(
  patterns: readonly string[],
  overrides: ReadonlyMap<string, string>,
): OriginPattern {
  const hosts = RE2JS.compile(patterns.map((pattern) => `(?:${hostExpression(pattern)})`).join('|'));
  return Object.freeze({
    admit(given: string) {
      if (given.length > MAX_URL_CHARS) return undefined;
      const [, host, rest = ''] = PLAIN_URL.exec(given) ?? [];
      if (host === undefined || !hosts.matcher(host).matches()) return undefined;
      const url = URL.canParse(given) ? new URL(given) : undefined;
      if (!url || url.href !== written(host, rest)) return undefined;
      const other = overrides.get(url.origin);
      return other === undefined ? url : new URL(`${other}${url.href.slice(url.origin.length)}`);
    },
  });
}

/** A URL as the standard serializes it: with a path, and with apostrophes in the query encoded. */
function written(host: string, rest: string): string {
  const [path = '', ...query] = rest.split('?');
  const search = query.length > 0 ? `?${query.join('?').replaceAll("'", '%27')}` : '';
  return `${SCHEME}${host}${path === '' ? '/' : path}${search}`;
}

function hostExpression(pattern: string): string {
  return pattern.slice(SCHEME.length).replaceAll('.', '\\.').replaceAll('*', '[a-z0-9-]+');
}
