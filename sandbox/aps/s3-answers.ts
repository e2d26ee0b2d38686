import { randomBytes } from 'node:crypto';
import type { Answer } from './answer.ts';
import { Refusal } from './errors.ts';

/** Paths of S3; everything else of the sandbox comes through the provider's edge. */
export const S3_PREFIX = '/s3/';

export function s3Headers(): Record<string, string> {
  return {
    Server: 'AmazonS3',
    'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
    'x-amz-id-2': randomBytes(48).toString('base64'),
  };
}

export function s3Answer(status: number, headers: Record<string, string>, body = ''): Answer {
  return { status, headers: { ...s3Headers(), ...headers }, body: Buffer.from(body), bare: true };
}

/** XML, as S3 refuses (its API reference, error responses). */
export function s3Error(status: number, code: string, message: string, more: Record<string, string> = {}): Refusal {
  return new Refusal(s3ErrorAnswer(status, code, message, more));
}

export function s3ErrorAnswer(
  status: number,
  code: string,
  message: string,
  more: Record<string, string> = {},
): Answer {
  const headers = s3Headers();
  const fields = { Code: code, Message: message, ...more, RequestId: headers['x-amz-request-id'] ?? '' };
  const elements = Object.entries(fields).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.join('')}</Error>`;
  return { status, headers: { ...headers, 'Content-Type': 'application/xml' }, body: Buffer.from(body), bare: true };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
