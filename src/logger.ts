import { type Logger, pino } from 'pino';
import type { LogLevel } from './settings.ts';

// Not `code`: it is also the name of problem codes, which the log needs; authorization codes are never logged.
const SECRET_MEMBERS = [
  'authorization',
  'cookie',
  'client_secret',
  'api_key',
  'access_token',
  'refresh_token',
  'code_verifier',
  'token',
  'password',
].join('|');

// What a secret looks like wherever it stands; the last line of defence, behind never logging one.
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`("(?:${SECRET_MEMBERS})":)(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\])`, 'gi'), '$1"[secret]"'],
  [/\b(bearer|basic) +[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [secret]'],
  [/\bck_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}\b/g, '[secret]'],
  [/\bht_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}\b/g, '[secret]'],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[secret]'],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"]+@/gi, '$1[secret]@'],
  [/([?&](?:access_token|client_secret|code|token|x-amz-signature)=)[^&\s"]+/gi, '$1[secret]'],
];
// Most lines have nothing of the kind: one cheap look spares them the others.
const SUSPECT = new RegExp(`"(?:${SECRET_MEMBERS})"|bearer|basic |ck_|ht_|eyJ|:\\/\\/|[?&][a-z_-]+=`, 'i');
const MAX_CAUSES = 4;

/** The process's logger: JSON lines, with everything masked that has the name or the form of a secret. */
export function createLogger(level: LogLevel, destination: NodeJS.WritableStream = process.stdout): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeError(error) },
      hooks: { streamWrite: maskSecrets },
    },
    destination,
  );
}

/** A text with everything that has the form of a secret masked. */
export function maskSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return SECRET_FORMS.reduce((masked, [form, replacement]) => masked.replace(form, replacement), text);
}

/** An error without its enumerable members, which in HTTP libraries hold requests and responses. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? String(error.code) : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    stack: error.stack,
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: describeError(error.cause, depth + 1) }),
  };
}
