import { Readable } from 'node:stream';
import { Problem, type ProblemCode } from '../problems.ts';
import { parseRetryAfter } from '../upstream/retry-after.ts';
import type { SendOptions, StreamedBody, UpstreamResponse } from '../upstream/types.ts';
import type { RequestName } from './call.ts';
import type { StepTools } from './step-tools.ts';
import { isSuccess, mayPass, storageRequestId, uploadRefused } from './upload-answer.ts';

/** What the official uploader of the first provider does, and with the backoff below outlives 15 s of trouble. */
const MAX_ATTEMPTS = 5;

/** As many as the official uploader asks for: a URL that is refused twice when fresh is not refused for its age. */
const MAX_RENEWALS = 2;

const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 10_000;

/** Signed URLs live for minutes: a storage that asks for a longer wait is tried again after this one. */
const RETRY_AFTER_CAP_MS = 30_000;

/**
 * Bytes are handed to the connection in pieces of this size: each that is taken counts as a sign of life, and TLS holds no
 * more than one of them a second time.
 */
const PIECE_BYTES = 256 * 1024;

/** A part gets its time at this pace, half a megabit a second, on top of the time of a request. */
const SLOWEST_BYTES_PER_MS = 64;

/** A storage answers with nothing, or with some lines of XML. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Failures of a request that say nothing about its next attempt. */
const TRANSIENT_PROBLEMS: ReadonlySet<ProblemCode> = new Set(['provider_unreachable', 'provider_timeout']);

/** Bytes on their way to a URL that is known at run time only. */
export interface Bytes {
  readonly step: string;
  readonly method: string;
  readonly url: URL;
  /** Lower-case names; never a credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** What is done about a refusal for the age of the URL. */
export interface Renewal {
  needed(response: UpstreamResponse): Promise<boolean>;
  url(): Promise<URL>;
}

/**
 * Sends bytes held in memory, and again after network failures, 429 and 5xx: at most 5 attempts, with full jitter between
 * them, for a PUT, which may be repeated; one attempt for any other method. A URL that is too old is renewed at most twice.
 * Resolves with the 2xx answer; nothing reads from the bytes any more when it settles. Rejects with `upload_refused`, the
 * door's problems or the signal's reason.
 */
export async function sendBytes(
  { step, method, url: firstUrl, headers, bytes }: Bytes,
  tools: StepTools,
  signal: AbortSignal,
  renewal?: Renewal,
): Promise<UpstreamResponse> {
  const repeatable = method === 'PUT';
  let url = firstUrl;
  let renewals = 0;
  for (let attempt = 1, failures = 0; ; attempt += 1) {
    const outcome = await sendOnce(tools, { step, method, url, headers }, streamOf(bytes), {
      number: attempt,
      signal,
      deadlineAt: tools.clock.now() + tools.requestTimeoutMs + bytes.length / SLOWEST_BYTES_PER_MS,
    }).then(
      (response) => ({ response }),
      (error: unknown) => ({ error }),
    );
    if ('response' in outcome) {
      const { response } = outcome;
      if (isSuccess(response)) return response;
      if (renewal && (await renewal.needed(response))) {
        if (renewals === MAX_RENEWALS) throw uploadRefused(response, url);
        renewals += 1;
        url = await renewal.url();
        continue;
      }
      failures += 1;
      if (!repeatable || failures === MAX_ATTEMPTS || !mayPass(response)) throw uploadRefused(response, url);
    } else {
      const { error } = outcome;
      failures += 1;
      const transient = error instanceof Problem && TRANSIENT_PROBLEMS.has(error.code) && !signal.aborted;
      if (!repeatable || failures === MAX_ATTEMPTS || !transient) throw error;
    }
    const asked = 'response' in outcome ? outcome.response.headers['retry-after'] : undefined;
    await tools.clock.sleep(waitMs(tools, failures, parseRetryAfter(asked, tools.clock.now())), signal);
  }
}

/**
 * One request to a URL that is known at run time only, with its events. Adds no header of its own. A 2xx answer that comes
 * before all bytes have left is `provider_response_invalid`.
 */
export async function sendOnce(
  tools: StepTools,
  { step, method, url, headers }: Omit<Bytes, 'bytes'>,
  body: StreamedBody,
  { number, signal, deadlineAt }: { number: number; signal: AbortSignal; deadlineAt: number },
): Promise<UpstreamResponse> {
  const request: RequestName = { step, method, host: url.hostname, path: '(signed url)' };
  const sending: SendOptions = {
    allowedOrigins: new Set([url.origin]),
    deadlineAt,
    stallMs: tools.requestTimeoutMs,
    maxResponseBytes: MAX_ANSWER_BYTES,
    retry: method === 'PUT' ? 'safe' : 'unsent',
    signal,
    onAttempt: (attempt) => tools.observe({ type: 'attempt', request, attempt: { ...attempt, number } }),
  };
  const response = await tools.door.send({ method, url, headers, body }, sending);
  tools.observe({ type: 'answered', request, status: response.status, requestId: storageRequestId(response, url) });
  if (isSuccess(response) && body.bytes > 0 && !body.stream.readableEnded) {
    throw new Problem('provider_response_invalid', `${url.hostname} called it a success before it had all bytes.`);
  }
  return response;
}

/** Full jitter, which spreads parts that failed together; but no earlier than the storage asks for. */
function waitMs({ random }: StepTools, failures: number, askedMs = 0): number {
  const backoff = random.fraction() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (failures - 1));
  return Math.max(backoff, Math.min(askedMs, RETRY_AFTER_CAP_MS));
}

function streamOf(bytes: Buffer): StreamedBody {
  let at = 0;
  const stream = new Readable({
    highWaterMark: PIECE_BYTES,
    read() {
      if (at >= bytes.length) {
        this.push(null);
        return;
      }
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      at += piece.length;
      this.push(piece);
    },
  });
  return { stream, bytes: bytes.length };
}
