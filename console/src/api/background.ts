import type { ApiClient } from './client.ts';

/** The same API for what a page asks for by itself: it does not keep the session from becoming idle. */
export function inBackground(api: ApiClient): ApiClient {
  const marked: ApiClient['send'] = (method, path, options = {}) =>
    api.send(method, path, { ...options, headers: { ...options.headers, 'x-background-request': '1' } });
  return {
    ...api,
    send: marked,
    request: (method, path, options = {}) =>
      api.request(method, path, { ...options, headers: { ...options.headers, 'x-background-request': '1' } }),
  };
}
