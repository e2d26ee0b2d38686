import { isIP } from 'node:net';
import type { ScrubKind } from './kinds.ts';

/** What looks like something that must not be shown, wherever it stands in a text. */
export interface Found {
  readonly kind: ScrubKind;
  readonly text: string;
}

const EMAIL = /[\p{L}\p{N}._+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,24}/gu;
// "logo@2x.png" is a file.
const IMAGE_NAME = /\.(?:png|jpe?g|gif|svg|webp)$/i;

/** Secrets that say themselves what they are. The group, where there is one, is the secret. */
const SECRETS: readonly RegExp[] = [
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,3}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]{1,10000}?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/g,
  /\b(?:bearer|basic|token|digest)\s+([A-Za-z0-9._~+/=-]{12,})/gi,
  /\b(?:gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(?:pat|ptt|dt|rt|cbt|soat|agent|oas|ft|imt)-[\w.-]{16,})/g,
  /\b(?:[srp]k|whsec|rak|sess|req)_(?:live_|test_)?[A-Za-z0-9]{16,}/g,
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  /\bhooks\.slack\.com\/(?:services|workflows)\/([A-Za-z0-9/_-]{10,})/g,
  /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=([^;\s"'<>]{6,})/gi,
  /\bxox[a-z]-[A-Za-z0-9-]{10,}/g,
  /\b(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\bya29\.[\w-]{16,}/g,
  /\b1\/\/[\w-]{20,}/g,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/g,
  /\b(?:npm|pypi|shp(?:at|ca|pa|ss)|dop_v1|hf|pat|lin_api|secret|ntn|figd|sq0[a-z]{3}|EAA[A-Z])[_-][A-Za-z0-9_-]{20,}/g,
  /\b[ch][kt]_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}\b/g,
  // The password of a URL.
  /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/@:"]{0,200}:([^\s/@"]{1,500})@/gi,
];

/** Query parameters that are, or belong to, the signature of a URL. */
const SIGNED_PARAMETER =
  /^(?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|awsaccesskeyid|googleaccessid|signature|sig|skoid|sktid|key-pair-id|policy|hmac|jwt|.*(?:token|secret|password|apikey|api_key|access_key))$/i;
/** They are that only with something in them that nobody would write. */
const DOUBTFUL_PARAMETER = /^(?:st|auth|code|state|ticket|key|hash|session)$/i;
const UNGUESSABLE = /^(?=.*\d)\S{16,}$/;
const LEAST_PARAMETER_CHARS = 4;
const PARAMETER = /[?&;#]([^=&?#\s"'<>]{1,80})=([^&#\s"'<>]+)/g;

const PHONES: readonly RegExp[] = [
  /(?<![\p{L}\p{N}+.-])\+\d{1,3}[ ./-]?\(?\d{1,5}\)?(?:[ ./-]?\d{2,6}){1,5}(?![\p{L}\p{N}])/gu,
  /(?<![\p{L}\p{N}+./-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\p{L}\p{N}-])/gu,
];
const LEAST_PHONE_DIGITS = 8;

const IP_V4 = /(?<![\p{L}\p{N}.-])\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\p{N}-]|\.\d)/gu;
const IP_V6 = /(?<![\p{L}\p{N}:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\p{L}\p{N}:])/giu;
const NOBODYS_IP = /^(?:127\.|0\.0\.0\.0$|255\.255\.255\.|::1?$)/;

// ISO/IEC 7812: 13 to 19 digits, in groups where people write them.
const CARD = /(?<![\p{L}\p{N}.-])[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\p{L}\p{N}.-])/gu;
// ISO 13616.
const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\p{L}\p{N}])/gu;
const SOCIAL_SECURITY = /(?<![\p{L}\p{N}-])\d{3}-\d{2}-\d{4}(?![\p{L}\p{N}-])/gu;

/** Everything in a text that has the form of a secret or of something personal. */
export function foundInText(text: string): Found[] {
  return [
    ...matches(text, CARD, 'secret', hasCheckDigit),
    ...matches(text, IBAN, 'secret', isIban),
    ...matches(text, SOCIAL_SECURITY, 'secret', () => true),
    ...SECRETS.flatMap((pattern) =>
      [...text.matchAll(pattern)].map((match): Found => ({ kind: 'secret', text: match[1] ?? match[0] })),
    ),
    ...[...text.matchAll(PARAMETER)].flatMap(([, name = '', value = '']): Found[] =>
      value.length >= LEAST_PARAMETER_CHARS &&
      (SIGNED_PARAMETER.test(name) || (DOUBTFUL_PARAMETER.test(name) && UNGUESSABLE.test(value)))
        ? [{ kind: 'signed_url', text: value }]
        : [],
    ),
    ...matches(text, EMAIL, 'email', (found) => !IMAGE_NAME.test(found)),
    ...PHONES.flatMap((pattern) =>
      matches(text, pattern, 'phone', (found) => found.replace(/\D/g, '').length >= LEAST_PHONE_DIGITS),
    ),
    ...[IP_V4, IP_V6].flatMap((pattern) =>
      matches(text, pattern, 'ip_address', (found) => isIP(found) !== 0 && !NOBODYS_IP.test(found)),
    ),
  ];
}

function matches(text: string, pattern: RegExp, kind: ScrubKind, fits: (found: string) => boolean): Found[] {
  return (text.match(pattern) ?? []).filter(fits).map((found) => ({ kind, text: found }));
}

/** ISO/IEC 7812 annex B, of Luhn. */
function hasCheckDigit(card: string): boolean {
  const digits = [...card.replace(/\D/g, '')].reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 7064, MOD 97-10. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  const digits = [...plain.slice(4), ...plain.slice(0, 4)].map((character) => Number.parseInt(character, 36)).join('');
  return plain.length >= 15 && BigInt(digits) % 97n === 1n;
}

const RANDOM = /^[A-Za-z0-9+/_=-]{32,512}$/;
const HARMLESS = /^(?:[0-9a-f]{8}-[0-9a-f-]{27}|[a-z]+(?:[-_/][a-z]+)*|[A-Z]+(?:_[A-Z]+)*|\d+)$/;

/** Whether a text looks like a key, though nothing says that it is one. */
export function looksRandom(text: string): boolean {
  if (!RANDOM.test(text) || HARMLESS.test(text)) return false;
  return [/[a-z]/, /[A-Z]/, /\d/].every((pattern) => pattern.test(text));
}
