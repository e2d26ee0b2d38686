import { Agent, type Dispatcher, request } from 'undici';
import { expect } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../../src/problems.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export type AnyJson = any;

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Undefined when the body is no JSON. */
  json: AnyJson;
}

export interface CallOptions {
  headers?: Record<string, string>;
  /** Sent as JSON; text and buffers as they are. */
  body?: unknown;
  signal?: AbortSignal;
}

export interface Client {
  readonly key: string | undefined;
  call(method: Dispatcher.HttpMethod, path: string, options?: CallOptions): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
  patch(path: string, body: unknown): Promise<Reply>;
  delete(path: string): Promise<Reply>;
  /** `POST /actions/autodesk_<action>`; `query` is like `raw=true`. */
  act(action: string, account: string, inputs?: Record<string, unknown>, query?: string): Promise<Reply>;
}

/** A caller of a server, with a key or without. */
export function clientOf(origin: string, key?: string): Client {
  // Of its own, so that a test's connections are never left over from a server that is gone.
  const dispatcher = new Agent({ keepAliveTimeout: 1_000, connections: 300 });
  async function call(method: Dispatcher.HttpMethod, path: string, options: CallOptions = {}): Promise<Reply> {
    const { body, signal } = options;
    const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
    const response = await request(`${origin}${path}`, {
      method,
      dispatcher,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body: raw ? (body as string | Buffer) : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, text, json: parse(text) };
  }
  return {
    key,
    call,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, { body }),
    patch: (path, body) => call('PATCH', path, { body }),
    delete: (path) => call('DELETE', path),
    act: (action, account, inputs = {}, query = '') =>
      call('POST', `/actions/autodesk_${action}${query && `?${query}`}`, {
        body: inputs,
        headers: { 'x-account-id': account },
      }),
  };
}

/** The answer is a well-formed problem document with this code; gives the document. */
export function expectProblem(reply: Reply, code: ProblemCode): AnyJson {
  const { json, headers } = reply;
  expect(json?.code, reply.text.slice(0, 500)).toBe(code);
  expect(reply.status).toBe(PROBLEMS[code].status);
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(json).toMatchObject({
    type: `urn:corbel:problem:${code}`,
    status: reply.status,
    title: expect.stringMatching(/\S/),
    detail: expect.stringMatching(/\S/),
    hint: expect.stringMatching(/\S/),
    fault: PROBLEMS[code].fault,
    retryable: expect.any(Boolean),
    request_id: expect.stringMatching(/^req_[0-9A-Za-z]{22}$/),
  });
  expect(json.request_id).toBe(headers['x-request-id']);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(JSON.stringify(json)).not.toMatch(/node:|\.ts:\d|\n +at /);
  return json;
}

/** The answer's `data`, when it is a success. */
export function expectData(reply: Reply): AnyJson {
  expect(reply.status, reply.text.slice(0, 800)).toBe(200);
  return reply.json.data;
}

function parse(text: string): AnyJson {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
