import type { FieldError, ProblemCode, ProviderDetail } from '../../../src/problems.ts';

/** Refusals that no server answered: it could not be reached, or what came is not its answer. */
export type ClientCode = 'server_unreachable' | 'answer_unreadable';

/** A problem document (RFC 9457) as this server sends it. */
export interface ProblemDocument {
  title: string;
  detail: string;
  status: number;
  code: ProblemCode | ClientCode;
  retryable: boolean;
  hint?: string;
  fault?: string;
  request_id?: string;
  errors?: FieldError[];
  provider?: ProviderDetail;
  [member: string]: unknown;
}

/** What every request to the API fails with, except for an abort. */
export class ApiProblem extends Error {
  readonly document: ProblemDocument;
  /** Of Retry-After. */
  readonly retryAfterS: number | undefined;

  constructor(document: ProblemDocument, options: { retryAfterS?: number; cause?: unknown } = {}) {
    super(document.detail, { cause: options.cause });
    this.name = 'ApiProblem';
    this.document = document;
    this.retryAfterS = options.retryAfterS;
  }

  get code(): ProblemDocument['code'] {
    return this.document.code;
  }

  get status(): number {
    return this.document.status;
  }

  get hint(): string | undefined {
    return this.document.hint;
  }

  get errors(): readonly FieldError[] {
    return this.document.errors ?? [];
  }

  /** Whether the session lacks the right, rather than something being wrong. */
  get refused(): boolean {
    return this.code === 'role_forbidden' || this.code === 'key_not_allowed';
  }
}

/** Anything thrown, as a problem that can be shown. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(
    {
      title: 'The console failed',
      detail: error instanceof Error ? error.message : String(error),
      status: 0,
      code: 'answer_unreadable',
      retryable: false,
      hint: 'Load the page again. If it stays, report what you did.',
    },
    { cause: error },
  );
}

/** What is wrong with one field (`/name`, a JSON pointer), for the `error` of an input; undefined where nothing is. */
export function errorAt(error: unknown, path: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const messages = error.errors.filter((fault) => fault.path === path).map(({ message }) => message);
  return messages.length > 0 ? messages.join('; ') : undefined;
}

/** The problem of an answer that is no success. */
export async function problemIn(response: Response): Promise<ApiProblem> {
  const retryAfter = Number(response.headers.get('retry-after'));
  const options = retryAfter > 0 ? { retryAfterS: retryAfter } : {};
  const document = (await response.json().catch(() => undefined)) as Partial<ProblemDocument> | undefined;
  if (typeof document?.code === 'string' && typeof document.title === 'string')
    return new ApiProblem(document as ProblemDocument, options);
  return new ApiProblem(
    {
      title: 'Unexpected answer',
      detail: `Something between this browser and the server answered with ${response.status}.`,
      status: response.status,
      code: 'answer_unreadable',
      retryable: response.status >= 500,
      hint: 'Check the proxy in front of the server.',
    },
    options,
  );
}

export function unreachable(cause: unknown): ApiProblem {
  return new ApiProblem(
    {
      title: 'Server not reachable',
      detail: 'The server did not answer.',
      status: 0,
      code: 'server_unreachable',
      retryable: true,
      hint: 'Check the connection, and whether the server runs.',
    },
    { cause },
  );
}
