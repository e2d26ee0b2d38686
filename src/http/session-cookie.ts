const NAME = 'corbel_session';
const MAX_VALUE_CHARS = 200;

/** The cookie of a console session. */
export interface SessionCookie {
  /** Its value in a `Cookie` header; undefined when there is none, or more than one. */
  read(header: string | undefined): string | undefined;
  /** The `Set-Cookie` header that has a browser keep it. */
  keep(value: string, maxAgeS: number): string;
  /** The one that has a browser forget it. */
  forget(): string;
}

/**
 * `HttpOnly`, so that no script reads it; `SameSite=Strict`, so that it comes from no other site. With https the name has the
 * prefix `__Host-` (RFC 6265bis §4.1.3.2): no other host, not even a subdomain, can plant one. Without https browsers refuse
 * that prefix.
 */
export function createSessionCookie(secure: () => boolean): SessionCookie {
  const nameNow = () => (secure() ? `__Host-${NAME}` : NAME);
  function header(value: string, maxAgeS: number): string {
    const attributes = ['Path=/', `Max-Age=${maxAgeS}`, 'HttpOnly', 'SameSite=Strict', ...(secure() ? ['Secure'] : [])];
    return [`${nameNow()}=${value}`, ...attributes].join('; ');
  }
  return {
    read(cookies) {
      if (cookies === undefined) return undefined;
      const prefix = `${nameNow()}=`;
      const values = cookies
        .split(';')
        .map((part) => part.trim())
        .filter((part) => part.startsWith(prefix))
        .map((part) => part.slice(prefix.length));
      // Two of one name: one of them was planted, and there is no telling which.
      const [value = ''] = values;
      return values.length === 1 && value !== '' && value.length <= MAX_VALUE_CHARS ? value : undefined;
    },
    keep: header,
    forget: () => header('', 0),
  };
}
