import { digestOf } from '../domain/connect-session.ts';
import { type Random, randomBase62 } from '../random.ts';

// 43 characters of base62 carry 256 bits.
const VALUE_LENGTH = 43;
const VALUE = /^[0-9A-Za-z]{43}$/;
// A session lasts half an hour at most; its outcome may be looked at a little longer.
const MAX_AGE_S = 60 * 60;
const NAME = 'corbel_hub';

/** Knows a browser again. The cookie says nothing of who uses it. */
export interface BrowserCookie {
  /** The digest of the value that the browser sent; undefined when it sent none. */
  digest(header: string | undefined): string | undefined;
  /** What makes a browser keep the value that it sent for another hour; undefined as {@link digest}. */
  renew(header: string | undefined): string | undefined;
  /** A value for a browser that has none, with what makes it keep it. */
  issue(): { digest: string; setCookie: string };
}

/**
 * With https the name has the prefix `__Host-` (RFC 6265bis §4.1.3.2): no other host, not even a subdomain, and nobody on
 * the wire can plant one. Without https browsers refuse that prefix.
 */
export function createBrowserCookie(random: Random, secure: () => boolean): BrowserCookie {
  const nameNow = () => (secure() ? `__Host-${NAME}` : NAME);
  function valueIn(header: string | undefined): string | undefined {
    const prefix = `${nameNow()}=`;
    const values = (header ?? '')
      .split(';')
      .map((part) => part.trim())
      .filter((part) => part.startsWith(prefix))
      .map((part) => part.slice(prefix.length));
    // Two of one name: one of them was planted, and there is no telling which.
    const [value] = values;
    return values.length === 1 && value !== undefined && VALUE.test(value) ? value : undefined;
  }
  function kept(value: string): string {
    const attributes = ['Path=/', `Max-Age=${MAX_AGE_S}`, 'HttpOnly', 'SameSite=Lax', ...(secure() ? ['Secure'] : [])];
    return [`${nameNow()}=${value}`, ...attributes].join('; ');
  }
  return {
    digest(header) {
      const value = valueIn(header);
      return value === undefined ? undefined : digestOf(value);
    },
    renew(header) {
      const value = valueIn(header);
      return value === undefined ? undefined : kept(value);
    },
    issue() {
      const value = randomBase62(random, VALUE_LENGTH);
      return { digest: digestOf(value), setCookie: kept(value) };
    },
  };
}
