import { Readable } from 'node:stream';
import type { UploadFileStep } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import type { UpstreamResponse } from '../upstream/types.ts';
import type { IncomingFile } from './call.ts';
import { tooLong, tooShort } from './part-cutter.ts';
import { type Bytes, sendBytes, sendOnce } from './part-sender.ts';
import type { StepTools } from './step-tools.ts';
import { isSuccess, uploadRefused } from './upload-answer.ts';
import { chunksOf, watchUpload } from './upload-ending.ts';
import { createReclaim } from './upload-reclaim.ts';

/**
 * Files up to this are held in memory: then they can be sent again, and need no declared length. As much as what an upload
 * in parts holds, roughly.
 */
const MAX_HELD_FILE_BYTES = 16 * 1024 ** 2;

/** Pieces in which a longer file goes through. */
const PIECE_BYTES = 64 * 1024;

/** How often somebody who watches is told how far a longer file has come. */
const TOLD_EVERY_BYTES = 1024 ** 2;

/** Never sent to a URL that a caller gave, whatever a connector declares. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

const USED_URL_HINT = 'The URL has expired or was used already: ask for a new one, and send the file there.';

type Target = Omit<Bytes, 'bytes'>;

/**
 * Sends a file in one request to the URL that the step's expression gives. Up to 16 MiB it is held and, with PUT, tried again;
 * a longer one goes straight through, once. Gives `status`, `headers` and `size`.
 *
 * Any failure breaks off the request, destroys the stream and is thrown: `url_refused` for a URL that the connector does not
 * allow, `file_length_required` for a longer file without a declared length, `upload_refused`, `file_interrupted`,
 * `request_invalid`, `header_value_rejected`, what the stream or the door fails with, the reason of the call's signal.
 */
export async function uploadFile(
  step: UploadFileStep,
  file: IncomingFile,
  context: ExpressionContext,
  tools: StepTools,
): Promise<Record<string, unknown>> {
  const ending = watchUpload(file.stream, tools.signal);
  try {
    const url = await targetOf(step, context);
    const target: Target = { step: step.id, method: step.method, url, headers: await headersOf(step, context) };
    const sent = (bytes: number, parts: 0 | 1) =>
      tools.observe({ type: 'progress', step: step.id, bytes, parts, totalBytes: file.size });
    sent(0, 0);
    const { response, size } = await transfer(target, file, tools, ending.signal, (bytes) => sent(bytes, 0));
    ending.signal.throwIfAborted();
    sent(size, 1);
    return { status: response.status, headers: response.headers, size };
  } catch (error) {
    ending.fail(error);
    throw withHint(ending.signal.reason);
  } finally {
    ending.release();
  }
}

async function transfer(
  target: Target,
  file: IncomingFile,
  tools: StepTools,
  signal: AbortSignal,
  passed: (bytes: number) => void,
): Promise<{ response: UpstreamResponse; size: number }> {
  if (file.size === undefined || file.size <= MAX_HELD_FILE_BYTES) {
    const bytes = await readWhole(file);
    signal.throwIfAborted();
    return { response: await sendBytes({ ...target, bytes }, tools, signal), size: bytes.length };
  }
  const stream = Readable.from(counted(file.stream, file.size, passed), {
    objectMode: false,
    highWaterMark: PIECE_BYTES,
  });
  const response = await sendOnce(
    tools,
    target,
    { stream, bytes: file.size },
    // How long it takes is the caller's affair; what stalls is ended all the same.
    { number: 1, signal, deadlineAt: Number.POSITIVE_INFINITY },
  );
  if (!isSuccess(response)) throw uploadRefused(response, target.url);
  return { response, size: file.size };
}

async function readWhole({ stream, size }: IncomingFile): Promise<Buffer> {
  const held = Buffer.allocUnsafeSlow(size ?? MAX_HELD_FILE_BYTES);
  let filled = 0;
  for await (const chunk of chunksOf(stream)) {
    if (filled + chunk.length > held.length) {
      throw size === undefined
        ? new Problem('file_length_required', `A file of more than ${held.length} bytes needs a declared length.`)
        : tooLong(size);
    }
    filled += chunk.copy(held, filled);
  }
  if (size !== undefined && filled < size) throw tooShort(size, filled);
  return held.subarray(0, filled);
}

/** The stream's bytes, which must be as many as declared: one byte more would be read as the next request. */
async function* counted(stream: Readable, size: number, passed: (bytes: number) => void): AsyncGenerator<Buffer> {
  const reclaim = createReclaim();
  let came = 0;
  let told = 0;
  for await (const chunk of chunksOf(stream)) {
    came += chunk.length;
    if (came > size) throw tooLong(size);
    yield chunk;
    reclaim(chunk.length);
    if (came - told >= TOLD_EVERY_BYTES) {
      passed(came);
      told = came;
    }
  }
  if (came < size) throw tooShort(size, came);
}

async function targetOf(step: UploadFileStep, context: ExpressionContext): Promise<URL> {
  const text = await step.url.evaluate(context).catch((error: unknown) => {
    throw new Problem('request_rendering_failed', 'The URL for the file could not be built.', { cause: error });
  });
  const url = typeof text === 'string' ? step.origins.admit(text) : undefined;
  if (url) return url;
  const host = typeof text === 'string' ? URL.parse(text)?.hostname : undefined;
  // The host only: the rest may be a credential.
  throw new Problem(
    'url_refused',
    host
      ? `Files may not be sent to ${host.slice(0, 253)} by this URL.`
      : 'That is no URL to which a file may be sent.',
  );
}

async function headersOf(step: UploadFileStep, context: ExpressionContext): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, template] of step.headers) {
    if (CREDENTIAL_HEADERS.has(name.toLowerCase())) continue;
    const value = await template.evaluate(context).catch((error: unknown) => {
      throw new Problem('request_rendering_failed', `The header "${name}" could not be built.`, { cause: error });
    });
    if (value === undefined || value === null) continue;
    // RFC 9110 §5.5: visible ASCII, space and tab.
    if (typeof value === 'object' || !/^[\t\x20-\x7e]*$/.test(String(value))) {
      throw new Problem('header_value_rejected', `The value for header "${name}" cannot stand in a header.`);
    }
    headers[name.toLowerCase()] = String(value);
  }
  return headers;
}

/** Storages refuse with 403 what is signed wrongly, too late or for something else: a new URL helps with all of it. */
function withHint(reason: unknown): unknown {
  if (!(reason instanceof Problem) || reason.code !== 'upload_refused' || reason.options.provider?.status !== 403) {
    return reason;
  }
  return new Problem(reason.code, reason.message, { ...reason.options, hint: USED_URL_HINT, retryable: false });
}
