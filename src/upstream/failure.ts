import { Problem } from '../problems.ts';

/**
 * Failures of the network or of one connection, which another attempt may well not meet. Certificate faults and broken HTTP
 * are not among them: they stay. Node's codes are those of errno(3) and getaddrinfo(3), undici's those of its `errors`.
 */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  // A chunked body that ends in the middle.
  'HPE_INVALID_EOF_STATE',
]);

const TIMEOUT_CODES: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const CLOSED_CODES: ReadonlySet<string> = new Set(['UND_ERR_CLOSED', 'UND_ERR_DESTROYED']);
const MISUSE_CODES: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

const MAYBE_DONE_HINT = 'The write may have been carried out: look at the provider before repeating it.';

/** The code of an error (ECONNREFUSED, a problem's code), else its name. Never its message, which may quote what was sent. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code, data } = error as { code?: unknown; data?: unknown };
  if (typeof code === 'string') return code;
  // undici 8.12 loses the code of its parser errors; what was left unread tells an early end from nonsense.
  if (error.name === 'HTTPParserError') return data === '' ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  return error.name;
}

/** Whether another attempt may fare better. */
export function isTransient(error: unknown): boolean {
  return !(error instanceof Problem) && TRANSIENT_CODES.has(errorCode(error));
}

/** `provider_timeout`: the deadline passed while the provider was being waited for. */
export function timeoutProblem(origin: string, maybeDone: boolean): Problem {
  return new Problem('provider_timeout', `${origin} did not answer completely before the deadline.`, doubt(maybeDone));
}

/**
 * The problem that a failed attempt is reported as. `maybeDone` says that it was a write of which bytes may have reached the
 * provider: the problem is then never `retryable`, whatever its code.
 */
export function failureProblem(error: unknown, origin: string, maybeDone: boolean): Problem {
  const options = doubt(maybeDone);
  if (error instanceof Problem) {
    return maybeDone ? new Problem(error.code, error.message, { ...error.options, ...options }) : error;
  }
  const code = errorCode(error);
  if (TIMEOUT_CODES.has(code)) return new Problem('provider_timeout', `${origin} stopped answering.`, options);
  if (CLOSED_CODES.has(code)) return new Problem('shutting_down', 'The connection pool is closed.', options);
  if (MISUSE_CODES.has(code)) {
    return new Problem('internal', `The request for ${origin} could not be formed.`, { ...options, cause: error });
  }
  if (!TRANSIENT_CODES.has(code) && (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')) {
    // No cause: undici's parser error carries what the provider sent.
    return new Problem('provider_response_invalid', `${origin} answered with broken HTTP (${code}).`, options);
  }
  return new Problem('provider_unreachable', `${origin} could not be reached, or broke off (${code}).`, {
    ...options,
    ...(!code.startsWith('HPE_') && { cause: error }),
  });
}

function doubt(maybeDone: boolean): { retryable?: false; hint?: string } {
  return maybeDone ? { retryable: false, hint: MAYBE_DONE_HINT } : {};
}
