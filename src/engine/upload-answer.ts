import { Problem, type ProviderDetail } from '../problems.ts';
import type { UpstreamResponse } from '../upstream/types.ts';

/** Storages answer refusals in XML; their codes are words, so that nothing of a signed URL can be among them. */
const CODE_ELEMENT = /<Code>\s*([A-Za-z]{1,64})\s*<\/Code>/;

/** Refusals are short; what is longer is not searched. */
const MAX_READ_BYTES = 16 * 1024;

const REQUEST_ID_HEADERS = ['x-request-id', 'x-amz-request-id', 'x-ms-request-id'] as const;
const REQUEST_ID = /^[\w.:=+/-]{1,128}$/;

/** Query values shorter than this occur in ids by chance. */
const MIN_SECRET_CHARS = 8;

/** Longest ETag that is kept: ten thousand of them wait in memory for the end of an upload. */
const MAX_ETAG_CHARS = 256;

/** Codes of 4xx answers that are about one attempt: the storage did not get the bytes in time. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set(['RequestTimeout', 'SlowDown']);

export function isSuccess({ status }: UpstreamResponse): boolean {
  return status >= 200 && status < 300;
}

/** Whether the same bytes may be taken at another attempt. */
export function mayPass(response: UpstreamResponse): boolean {
  const { status } = response;
  return status === 408 || status === 429 || status >= 500 || TRANSIENT_CODES.has(storageCode(response) ?? '');
}

/** The ETag without quotes (RFC 9110 §8.8.3), '' where there is none. `provider_response_invalid` beyond 256 characters. */
export function readETag({ headers }: UpstreamResponse): string {
  const etag = (headers.etag ?? '').trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
  if (etag.length > MAX_ETAG_CHARS) {
    throw new Problem(
      'provider_response_invalid',
      `The storage gave an ETag of more than ${MAX_ETAG_CHARS} characters.`,
    );
  }
  return etag;
}

/**
 * `upload_refused`, with the status, the storage's own code and its request id. Nothing else of the answer is shown: refusals
 * of signed requests quote the signature.
 */
export function uploadRefused(response: UpstreamResponse, url: URL, hint?: string): Problem {
  const { status } = response;
  const code = storageCode(response);
  const requestId = storageRequestId(response, url);
  const provider: ProviderDetail = {
    status,
    ...(code !== undefined && { code }),
    ...(requestId !== undefined && { request_id: requestId }),
  };
  const said = code === undefined ? '' : ` (${code})`;
  return new Problem('upload_refused', `${url.hostname} refused bytes of the file with ${status}${said}.`, {
    provider,
    ...(hint !== undefined && { hint }),
  });
}

/** The storage's own id of a request, unless it looks like none or quotes the URL. */
export function storageRequestId({ headers }: UpstreamResponse, url: URL): string | undefined {
  const id = REQUEST_ID_HEADERS.map((name) => headers[name]).find((value) => value !== undefined);
  if (id === undefined || !REQUEST_ID.test(id)) return undefined;
  const secrets = [...url.searchParams.values()].filter((value) => value.length >= MIN_SECRET_CHARS);
  return secrets.some((secret) => id.includes(secret) || secret.includes(id)) ? undefined : id;
}

function storageCode({ body }: UpstreamResponse): string | undefined {
  return CODE_ELEMENT.exec(body.subarray(0, MAX_READ_BYTES).toString('utf8'))?.[1];
}
