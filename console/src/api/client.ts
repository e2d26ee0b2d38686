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
  /** Sent with everything that changes something. */
  setCsrfToken(token: string | undefined): void;
}

export interface ApiClientDependencies {
  /** Path below which the server is. */
  base: string;
  origin: string;
  fetch: typeof fetch;
  /** Called when the server no longer knows the session. */
  onSessionEnd: () => void;
}

export function createApiClient({ base, origin, fetch, onSessionEnd }: ApiClientDependencies): ApiClient {
  let csrfToken: string | undefined;

  async function send(method: Method, path: string, options: RequestOptions = {}): Promise<Response> {
    const { body, signal } = options;
    const binary = body instanceof Blob || body instanceof FormData;
    const changes = method !== 'GET';
    const response = await fetch(`${base}${path}${queryOf(options.query)}`, {
      method,
      credentials: 'same-origin',
      // A redirect would be to somewhere that this console knows nothing of.
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(changes && csrfToken !== undefined && { 'x-csrf-token': csrfToken }),
        ...(body !== undefined && !binary && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body: binary ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      throw signal?.aborted ? error : unreachable(error);
    });
    if (response.ok) return response;
    const problem = await problemIn(response);
    // To sign in with a wrong key is no end of a session.
    if (problem.status === 401 && path !== '/console/session') onSessionEnd();
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
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

function queryOf(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
