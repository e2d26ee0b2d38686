import type { Reply, Running } from './client.ts';

/** Any JSON, read loosely: each test asserts the part that it asked for. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it then asserts
export type Loose = any;

export const jsonOf = (reply: Reply): Loose => JSON.parse(reply.bytes.toString('utf8'));
export const enc = encodeURIComponent;
export const MIB = 1024 ** 2;

export type CallApi = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => Promise<Reply>;

/** Calls with one token; JSON bodies go as `contentType`. */
export async function caller(running: Running, token: string, contentType = 'application/json'): Promise<CallApi> {
  return (method, path, body) =>
    running.call(path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': contentType }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}

/** What a client under test does with an origin override: the same path and query at the sandbox itself. */
export function atSandbox(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

export function put(running: Running, url: string, body: Buffer, headers: Record<string, string> = {}): Promise<Reply> {
  return running.call(atSandbox(url), { method: 'PUT', body, headers });
}

/** Uploads in as many parts as are given, and completes; the answer to the completion. */
export async function upload(running: Running, api: CallApi, object: string, parts: readonly Buffer[]): Promise<Reply> {
  const signed = jsonOf(await api('GET', `${object}/signeds3upload?parts=${parts.length}`));
  for (const [index, part] of parts.entries()) await put(running, signed.urls[index], part);
  return api('POST', `${object}/signeds3upload`, { uploadKey: signed.uploadKey });
}

export const objectPath = (bucket: string, key: string): string => `/oss/v2/buckets/${bucket}/objects/${enc(key)}`;

/** From an object URN to the path of the object. */
export function pathOfUrn(urn: string): string {
  const [, bucket = '', key = ''] = /^urn:adsk\.objects:os\.object:([^/]+)\/(.+)$/.exec(urn) ?? [];
  return objectPath(bucket, key);
}
