// A page that sends people on to more addresses than these has lost the overview.
export const MAX_RETURN_URLS = 50;
export const MAX_URL_CHARS = 2_000;

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What is wrong with a return URL that is to be registered, or undefined. */
export function faultOfReturnUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return 'must be an absolute URL';
  // What a browser makes of the text must be the text itself: no two spellings of one address, nothing hidden in it.
  if (url.href !== text) return `must be written as browsers write it: ${url.href.slice(0, MAX_URL_CHARS)}`;
  if (!isSafe(url)) return 'must be https, or http on localhost';
  if (url.username !== '' || url.password !== '') return 'must have no user name or password';
  if (text.includes('#')) return 'must have no fragment';
  return undefined;
}

/** What is wrong with the origin of a page that opens popups, or undefined. */
export function faultOfOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.origin !== text)
    return 'must be an origin like https://app.example.com, with nothing behind the host';
  return isSafe(url) ? undefined : 'must be https, or http on localhost';
}

/** Where the browser goes: the registered URL with the outcome in its query. Never a code, a token or an account's data. */
export function returnLocation(returnUrl: string, session: string, status: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set('connect_session_id', session);
  url.searchParams.set('status', status);
  return url.href;
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname));
}
