import { problemIn, unreachable } from './problem.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** Left out where undefined or empty. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  query?: Query;
  /** Sent as JSON; files and form data as they are. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** The API of the server, with the session's cookie. */
export interface ApiClient {
  /** The answer's JSON (undefined for 204). Rejects with `ApiProblem`, or `AbortError`. */
  request<T>(method: Method, path: string, options?: RequestOptions): Promise<T>;
  /** The answer itself, where its headers or its text are wanted. Rejects as {@link request}. */
  send(method: Method, path: string, options?: RequestOptions): Promise<Response>;
  /** The whole URL of a path of the API, for people to copy. */
  url(path: string): string;
  /** Sent with everything, so that nothing is read or changed with a session that another tab began. */
  setCsrfToken(token: string | undefined): void;
}

export interface ApiClientDependencies {
  /** Path below which the server is. */
  base: string;
  origin: string;
  fetch: typeof fetch;
  /** Called when the server no longer knows the session. */
  onSessionEnd: () => void;
  /** Called when the browser has another session than this page. Tells whether it is of the same key. */
  onOtherSession: () => Promise<boolean>;
}

const SESSION_PATH = '/console/session';

export function createApiClient(dependencies: ApiClientDependencies): ApiClient {
  const { base, origin, fetch, onSessionEnd, onOtherSession } = dependencies;
  let csrfToken: string | undefined;

  async function attempt(method: Method, path: string, options: RequestOptions): Promise<Response> {
    const { body, signal } = options;
    const binary = body instanceof Blob || body instanceof FormData;
    // What asks whose session it is takes any.
    const token = method === 'GET' && path === SESSION_PATH ? undefined : csrfToken;
    return fetch(`${base}${path}${queryOf(options.query)}`, {
      method,
      credentials: 'same-origin',
      // A redirect would be to somewhere that this console knows nothing of.
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { 'x-csrf-token': token }),
        ...(body !== undefined && !binary && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body: binary ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      throw signal?.aborted ? error : unreachable(error);
    });
  }

  async function send(method: Method, path: string, options: RequestOptions = {}): Promise<Response> {
    let response = await attempt(method, path, options);
    if (response.ok) return response;
    let problem = await problemIn(response);
    // Nothing was done. With another session of the same key it is as it was meant.
    if (problem.code === 'csrf_token_invalid' && (await onOtherSession())) {
      response = await attempt(method, path, options);
      if (response.ok) return response;
      problem = await problemIn(response);
    }
    // To sign in with a wrong key is no end of a session.
    if (problem.status === 401 && path !== SESSION_PATH) onSessionEnd();
    throw problem;
  }

  return {
    send,
    async request<T>(method: Method, path: string, options?: RequestOptions) {
      const response = await send(method, path, options);
      return (response.status === 204 ? undefined : await response.json()) as T;
    },
    url: (path) => `${origin}${base}${path}`,
    setCsrfToken(token) {
      csrfToken = token;
    },
  };
}

/** A path of the API: `` path`/accounts/${id}` `` with every value encoded. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: parts }, ...values.map(segment));
}

// The segments that lead elsewhere (WHATWG URL §4.4), which no encoding keeps from it. Nothing has such an id.
const DOTS = /^\.\.?$/;

function segment(value: string): string {
  return DOTS.test(value) ? `${value}${encodeURIComponent(' ')}` : encodeURIComponent(value);
}

function queryOf(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
