import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import { gatewayError, quotaExceeded } from './errors.ts';
import type { Fault } from './faults.ts';
import { S3_PREFIX, s3ErrorAnswer } from './s3-answers.ts';

type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>;

const COMPRESS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync } as const;
const HTML_PAGE =
  '<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back</h1></body></html>';

/** The answer a fault gives in place of the true one; `undefined` when the request must be processed first. */
export function replacementAnswer(fault: Fault, now: number, path: string): Answer | undefined {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault, now, path);
    case 'redirect':
      return emptyAnswer(fault.status ?? 302, { Location: fault.location });
    case 'not_json':
      return {
        status: fault.status ?? 200,
        headers: { 'Content-Type': fault.content_type ?? 'text/html; charset=utf-8' },
        body: Buffer.from(HTML_PAGE),
      };
    default:
      return undefined;
  }
}

/** The true answer, its body coded. Codings are named in the order they were applied, as `Content-Encoding` wants. */
export function encodedAnswer(fault: Of<'encoding'>, answer: Answer): Answer {
  let body = answer.body;
  for (const coding of fault.encodings) body = COMPRESS[coding](body);
  if (fault.corrupt === true) body = body.subarray(0, Math.floor(body.length / 2));
  return { ...answer, headers: { ...answer.headers, 'Content-Encoding': fault.encodings.join(', ') }, body };
}

/** The true answer with other members; as it is when it is no 2xx or no JSON object. */
export function patchedAnswer(fault: Of<'patch_json'>, answer: Answer): Answer {
  if (answer.status >= 300 || !/json/.test(answer.headers['Content-Type'] ?? '')) return answer;
  const value: unknown = JSON.parse(answer.body.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return answer;
  const kept = Object.entries(value).filter(([name]) => fault.omit?.includes(name) !== true);
  return { ...answer, body: Buffer.from(JSON.stringify({ ...Object.fromEntries(kept), ...fault.set })) };
}

function statusAnswer(fault: Of<'status'>, now: number, path: string): Answer {
  const base = fault.body === undefined ? defaultError(fault.status, path) : bodyAnswer(fault.status, fault.body);
  const headers: Record<string, string> = { ...base.headers };
  delete headers['Retry-After'];
  return { ...base, headers: { ...headers, ...retryAfter(fault, now), ...fault.headers } };
}

function bodyAnswer(status: number, body: unknown): Answer {
  if (typeof body !== 'string') return jsonAnswer(status, body, 'application/json');
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) };
}

function defaultError(status: number, path: string): Answer {
  if (status === 204 || status === 304) return emptyAnswer(status);
  if (path.startsWith(S3_PREFIX)) return s3ErrorAnswer(status, s3Code(status), 'Simulated fault.');
  if (status === 429) return quotaExceeded(0).answer;
  return gatewayError(status, 'Simulated fault.', status >= 500 ? 'ERR-003' : undefined).answer;
}

/** S3 throttles with 503. */
function s3Code(status: number): string {
  if (status === 503) return 'SlowDown';
  return status >= 500 ? 'InternalError' : 'AccessDenied';
}

function retryAfter(fault: Of<'status'>, now: number): Record<string, string> {
  if (fault.retry_after === undefined) return {};
  if ('seconds' in fault.retry_after) return { 'Retry-After': String(fault.retry_after.seconds) };
  return { 'Retry-After': new Date(now + fault.retry_after.date_in_seconds * 1000).toUTCString() };
}
