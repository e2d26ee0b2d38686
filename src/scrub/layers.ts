import { scanJson } from '../json-scan.ts';

// Base64 in base64 in JSON is seen; nobody nests deeper by accident.
const MAX_LAYERS = 4;
const BASE64 = /[A-Za-z0-9+/_-]{12,}={0,2}/g;
const PERCENT = /%[0-9A-Fa-f]{2}/;
/** What ends a percent-encoded part; split, because a search for such parts would take quadratic time. */
const ENDS_PART = /([\s&=?#/"'<>;]+)/;
// Deeper documents are attacks, and walks recurse.
const MAX_JSON_DEPTH = 100;

/** Looks at a text, or gives another in its place. */
export type OnText = (text: string) => string;
/** The same for the members of a JSON document that stands in a text. */
export type OnValue = (value: unknown, onText: OnText) => unknown;

/**
 * Puts a text through `onText`, and everything that is written into it: JSON documents (through `onValue`), percent-encoded
 * parts, base64. What nothing was changed in stays as it is, to the character; what was, is encoded again in the same way.
 */
export function throughLayers(text: string, onText: OnText, onValue: OnValue, depth = 0): string {
  if (depth > MAX_LAYERS) return onText(text);
  const deeper: OnText = (inner) => throughLayers(inner, onText, onValue, depth + 1);
  const json = jsonIn(text);
  if (json !== undefined) {
    const changed = JSON.stringify(onValue(json, deeper));
    return changed === JSON.stringify(json) ? text : changed;
  }
  return throughPercent(onText(text), deeper).replace(BASE64, (encoded) => throughBase64(encoded, deeper));
}

function throughPercent(text: string, deeper: OnText): string {
  if (!PERCENT.test(text)) return text;
  return text
    .split(ENDS_PART)
    .map((part) => (PERCENT.test(part) ? reencoded(part, decodePercent(part), deeper, encodeURIComponent) : part))
    .join('');
}

function throughBase64(encoded: string, deeper: OnText): string {
  const whole = reencodedBase64(encoded, deeper);
  if (whole !== encoded || !encoded.includes('/')) return whole;
  // A "/" may be one of base64's digits, or end a part of a path.
  return encoded
    .split('/')
    .map((part) => (part.length < 12 ? part : reencodedBase64(part, deeper)))
    .join('/');
}

function reencodedBase64(encoded: string, deeper: OnText): string {
  const alphabet = /[-_]/.test(encoded) ? 'base64url' : 'base64';
  const padded = encoded.endsWith('=');
  return reencoded(encoded, decodeBase64(encoded), deeper, (text) => {
    const bytes = Buffer.from(text, 'utf8');
    if (alphabet === 'base64url')
      return bytes.toString(alphabet) + (padded ? '='.repeat((3 - (bytes.length % 3)) % 3) : '');
    const standard = bytes.toString(alphabet);
    return padded || encoded.length % 4 === 0 ? standard : standard.replace(/=+$/, '');
  });
}

function reencoded(
  encoded: string,
  decoded: string | undefined,
  deeper: OnText,
  encode: (text: string) => string,
): string {
  if (decoded === undefined) return encoded;
  const changed = deeper(decoded);
  return changed === decoded ? encoded : encode(changed);
}

function jsonIn(text: string): unknown {
  const first = text.trimStart().charAt(0);
  if (first !== '{' && first !== '[') return undefined;
  try {
    if (scanJson(Buffer.from(text), MAX_JSON_DEPTH).depth > MAX_JSON_DEPTH) return undefined;
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function decodePercent(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return decoded === text ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** The text that base64 stands for; undefined for what is no base64, or no text. */
function decodeBase64(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  const bare = encoded.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  if (bytes.toString('base64').replace(/=+$/, '') !== bare) return undefined;
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') || /(?![\t\n\r])\p{Cc}/u.test(text) ? undefined : text;
}
