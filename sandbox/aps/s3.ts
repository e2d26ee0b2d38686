import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { type Downloadable, downloadable } from './downloadable.ts';
import type { Refusal } from './errors.ts';
import { parseObjectUrn } from './object-store.ts';
import { s3Answer, s3Error, s3Headers } from './s3-answers.ts';
import type { Upload } from './uploads.ts';

/** S3's largest PUT. */
const MAX_PART_BYTES = 5 * 1024 ** 3;

/** Takes one part, or the whole of a single upload, without holding more of it than `ContentStore` keeps. */
export async function putPart(context: ApiContext): Promise<Answer> {
  const fields = requireSignature(context);
  const upload = context.oss.uploads.byStorageId(context.params.storage_id ?? '');
  if (upload === undefined) throw s3Error(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
  const length = Number(context.headers['content-length']);
  if (!Number.isInteger(length)) {
    throw s3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (length > MAX_PART_BYTES) {
    throw s3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  }
  const number = upload.kind === 'single' ? 1 : Number(fields.get('partNumber'));
  const md5 = await receive(context, upload, number);
  return s3Answer(200, { ETag: `"${md5}"` });
}

/** Whole, one range of it, or one part of it. */
export function getStoredObject(context: ApiContext): Answer {
  const fields = requireSignature(context);
  const object = requireStored(context);
  const chunk = object.chunks[Number(fields.get('partNumber')) - 1];
  const range = chunk ?? requestedRange(context.headers.range, object.size);
  const { first, last } = range ?? { first: 0, last: object.size - 1 };
  const content = object.read(first, last + 1);
  if (content === undefined) throw noSuchKey();
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...s3Headers(),
      ETag: object.eTag,
      'Last-Modified': new Date(object.modifiedAt).toUTCString(),
      'Accept-Ranges': 'bytes',
      'Content-Type': fields.get('response-content-type') ?? object.contentType,
      'Content-Disposition': fields.get('response-content-disposition') ?? object.contentDisposition,
      ...(fields.has('response-cache-control') ? { 'Cache-Control': fields.get('response-cache-control') ?? '' } : {}),
      ...(range === undefined ? {} : { 'Content-Range': `bytes ${first}-${last}/${object.size}` }),
    },
    body: Buffer.alloc(0),
    stream: { bytes: last - first + 1, content },
    bare: true,
  };
}

/** Counts a part only when all of it arrived: a request that breaks off leaves what was there before. */
async function receive(context: ApiContext, upload: Upload, number: number): Promise<string> {
  const { contents } = context.oss;
  const hash = createHash('md5');
  const sha1 = upload.kind === 'single' ? createHash('sha1') : undefined;
  const writer = contents.writer(upload.storageId);
  let size = 0;
  try {
    for await (const chunk of context.incoming.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      hash.update(chunk as Buffer);
      sha1?.update(chunk as Buffer);
      writer.append(chunk as Buffer);
    }
  } catch (error) {
    writer.discard();
    throw error;
  }
  const md5 = hash.digest('hex');
  // It may have been completed or forgotten meanwhile.
  if (context.oss.uploads.byStorageId(upload.storageId) === undefined) {
    writer.discard();
    throw s3Error(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
  }
  writer.commit(number);
  upload.parts.set(number, { number, size, md5, ...(sha1 && { sha1: sha1.digest('hex') }) });
  return md5;
}

function requireSignature(context: ApiContext): URLSearchParams {
  const url = context.self.slice(context.links.origin.length);
  const check = context.oss.signedUrls.verify(context.method, url);
  if (check.valid) return check.fields;
  switch (check.why) {
    case 'missing':
      throw s3Error(403, 'AccessDenied', 'Access Denied');
    case 'mismatch':
      throw s3Error(
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      );
    case 'expired':
      throw s3Error(403, 'AccessDenied', 'Request has expired', {
        'X-Amz-Expires': check.lifeS,
        Expires: new Date(check.expiresAt).toISOString(),
        ServerTime: new Date(context.now()).toISOString(),
      });
  }
}

function requireStored(context: ApiContext): Downloadable {
  const urn = parseObjectUrn(Buffer.from(context.params.object_id ?? '', 'base64url').toString('utf8'));
  const bucket = urn === undefined ? undefined : context.oss.objects.bucket(urn.bucketKey);
  const found = urn === undefined || bucket === undefined ? undefined : downloadable(context, bucket, urn.key);
  if (found === undefined) throw noSuchKey();
  return found;
}

/** Also for an object whose content was given up to stay small: there is nothing true to send. */
const noSuchKey = (): Refusal => s3Error(404, 'NoSuchKey', 'The specified key does not exist.');

/** One range; S3 ignores a list of them, and anything it does not understand. */
function requestedRange(header: string | undefined, size: number): { first: number; last: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  if (first >= size) throw s3Error(416, 'InvalidRange', 'The requested range is not satisfiable');
  return { first, last };
}
