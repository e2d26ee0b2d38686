import type { ProviderDetail } from '../problems.ts';
import type { UpstreamResponse } from './types.ts';

const MAX_MESSAGE_CHARS = 300;
const MAX_CODE_CHARS = 64;
const MAX_REQUEST_ID_CHARS = 128;
const REDACTED = '[secret]';
// Shorter values occur in ordinary words; hiding them would make every message unreadable, and guards nothing.
const MIN_REDACTED_CHARS = 4;

// RFC 6749 §5.2 first, then what API gateways use in its place.
const CODE_MEMBERS = ['error', 'errorCode', 'error_code', 'code'] as const;
const MESSAGE_MEMBERS = [
  'error_description',
  'developerMessage',
  'userMessage',
  'message',
  'detail',
  'title',
  'reason',
] as const;

/** What a provider said in a refusal. */
export interface ProviderWords {
  detail: ProviderDetail;
  /** The code and every text of the answer, lower-case, for classification only. Not redacted: never to be shown. */
  searchable: string;
  /** The RFC 6749 §5.2 `error`, as sent. */
  error: string | undefined;
}

/** What is already known of an answer, by a connector's own rules; the usual places are searched for the rest. */
export interface KnownWords {
  code?: string | undefined;
  message?: string | undefined;
  requestId?: string | undefined;
}

// A refusal says what it has to say at its beginning; a page of 10 MB is not searched for it.
const MAX_READ_BYTES = 64 * 1024;

/**
 * Reads the answer's JSON (RFC 6749 or a gateway's), HTML title or plain text into short, clean, one-line texts. Each value
 * of `secrets` is hidden wherever it is echoed, also percent-, form-, base64-, JSON- or HTML-encoded.
 */
export function readProviderWords(
  response: UpstreamResponse,
  secrets: readonly string[],
  known: KnownWords = {},
): ProviderWords {
  const clean = cleaner(secrets);
  const text = response.body.subarray(0, MAX_READ_BYTES).toString('utf8');
  const json = parseObject(text);
  const code = known.code ?? (json && firstText(json, CODE_MEMBERS));
  const message = known.message ?? (json ? messageOf(json) : plainText(text));
  const requestId = known.requestId ?? response.headers['x-request-id'];
  return {
    detail: {
      status: response.status,
      ...(code && { code: clean(code, MAX_CODE_CHARS) }),
      ...(message && { message: clean(message, MAX_MESSAGE_CHARS) }),
      ...(requestId && { request_id: clean(requestId, MAX_REQUEST_ID_CHARS) }),
    },
    searchable: `${code ?? ''} ${message ?? ''}`.toLowerCase(),
    error: typeof json?.error === 'string' ? json.error : undefined,
  };
}

/** The JSON object in a text, or undefined. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageOf(json: Record<string, unknown>): string | undefined {
  const own = firstText(json, MESSAGE_MEMBERS);
  if (own) return own;
  const nested = Array.isArray(json.errors) ? json.errors[0] : json.error;
  return isObject(nested) ? firstText(nested, MESSAGE_MEMBERS) : undefined;
}

function firstText(json: Record<string, unknown>, members: readonly string[]): string | undefined {
  for (const member of members) {
    const value = json[member];
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

function plainText(text: string): string | undefined {
  const start = text.trimStart();
  if (!start.startsWith('<')) return start === '' ? undefined : start;
  const from = start.search(/<title[^>]{0,200}>/i);
  if (from < 0) return undefined;
  const title = start.slice(start.indexOf('>', from) + 1);
  const end = title.indexOf('<');
  return end < 0 ? undefined : title.slice(0, end);
}

/** Whether a text has one of the secrets in it, in one of the encodings that {@link readProviderWords} hides. */
export function showsSecret(text: string, secrets: readonly string[]): boolean {
  return hiddenForms(secrets).some((form) => text.includes(form));
}

/** Longest first, so that a short one does not break up a longer one that contains it. */
function hiddenForms(secrets: readonly string[]): string[] {
  return [...new Set(secrets.flatMap(encodingsOf))]
    .filter((value) => value.length >= MIN_REDACTED_CHARS)
    .sort((a, b) => b.length - a.length);
}

function cleaner(secrets: readonly string[]): (text: string, maxChars: number) => string {
  const hidden = hiddenForms(secrets);
  const hide = (text: string) => hidden.reduce((result, value) => result.replaceAll(value, REDACTED), text);
  return (text, maxChars) => {
    // Once more after tidying: a secret may have been echoed over several lines.
    const tidy = hide(
      hide(text)
        .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
        .trim(),
    );
    return tidy.length > maxChars ? `${tidy.slice(0, maxChars - 1)}…` : tidy;
  };
}

function encodingsOf(secret: string): string[] {
  const percent = encodeURIComponent(secret);
  const form = new URLSearchParams({ v: secret }).toString().slice('v='.length);
  const bytes = Buffer.from(secret, 'utf8');
  return [
    secret,
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()),
    form,
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ];
}
