import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { type Downloadable, requireDownloadable } from './downloadable.ts';
import { DATA_MANAGEMENT, objectUrn } from './object-store.ts';
import {
  OSS_JSON,
  objectLocation,
  objectNotFound,
  ossError,
  ossFlag,
  ossInteger,
  requireObjectAccess,
} from './oss-access.ts';
import { queryValue } from './query.ts';
import { CLOUDFRONT_ORIGIN, S3_ACCELERATED_ORIGIN, S3_ORIGIN } from './signed-urls.ts';
import { checkUpload, type Upload } from './uploads.ts';

export const S3_UPLOADS = '/s3/uploads/';
export const S3_OBJECTS = '/s3/objects/';
export const SIGNED_RESOURCES = '/oss/v2/signedresources/';

const MINUTES = { min: 1, max: 60, absent: 2 } as const;
const PARTS_PER_REQUEST = { min: 1, max: 25, absent: 1 } as const;
/** S3's own limit of parts. */
const FIRST_PART = { min: 1, max: 10_000, absent: 1 } as const;
const SHOWN_IN_DOWNLOAD = ['response-content-type', 'response-content-disposition', 'response-cache-control'] as const;

/**
 * One URL (`complete`), or while the parts of an object are still put together (a switch) one for each of them
 * (`chunked`), or then, with `public-resource-fallback`, a signed address of the service itself (`fallback`).
 */
export function getSignedDownload(context: ApiContext): Answer {
  const object = requireDownloadable(context);
  const lifeS = lifeSeconds(context);
  const useCdn = ossFlag(context, 'useCdn', false);
  const fallback = ossFlag(context, 'public-resource-fallback', false);
  const validators = { ETag: object.eTag, 'Last-Modified': new Date(object.modifiedAt).toUTCString() };
  if (isUnmodified(context, object)) return emptyAnswer(304, validators);

  const fields = Object.fromEntries(
    SHOWN_IN_DOWNLOAD.flatMap((name) => {
      const value = queryValue(context.query, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const id = Buffer.from(objectUrn(object.bucketKey, object.key)).toString('base64url');
  const origin = useCdn ? CLOUDFRONT_ORIGIN : S3_ORIGIN;
  const sign = (at: string, path: string, more: Record<string, string> = {}) =>
    context.oss.signedUrls.sign({ method: 'GET', origin: at, path: path + id, fields: { ...fields, ...more }, lifeS })
      .url;

  const assembling = context.switches.assembling && object.chunks.length > 1;
  const where = () => {
    if (!assembling) return { status: 'complete', url: sign(origin, S3_OBJECTS) };
    if (fallback) return { status: 'fallback', url: sign(context.links.origin, SIGNED_RESOURCES) };
    const urls = object.chunks.map(({ first, last }, index) => [
      `${first}-${last}`,
      sign(origin, S3_OBJECTS, { partNumber: String(index + 1) }),
    ]);
    return { status: 'chunked', urls: Object.fromEntries(urls) };
  };
  const body = {
    ...where(),
    params: {
      'content-type': fields['response-content-type'] ?? object.contentType,
      'content-disposition': fields['response-content-disposition'] ?? object.contentDisposition,
      ...(fields['response-cache-control'] === undefined ? {} : { 'cache-control': fields['response-cache-control'] }),
    },
    size: object.size,
    ...(object.sha1 === undefined ? {} : { sha1: object.sha1 }),
  };
  return jsonAnswer(200, body, OSS_JSON, validators);
}

/** Begins an upload, or gives more (or fresh) URLs of the one that `uploadKey` names. */
export function getSignedUpload(context: ApiContext): Answer {
  const { key, bucketKey } = requireUploadTarget(context);
  const lifeS = lifeSeconds(context);
  const count = ossInteger(context, 'parts', PARTS_PER_REQUEST);
  const first = ossInteger(context, 'firstPart', FIRST_PART);
  if (first + count - 1 > FIRST_PART.max) throw ossError(400, 'Invalid firstPart');
  const origin = ossFlag(context, 'useAcceleration', true) ? S3_ACCELERATED_ORIGIN : S3_ORIGIN;
  const uploadKey = queryValue(context.query, 'uploadKey');
  const isSingle = count === 1 && first === 1;
  const upload =
    uploadKey === undefined
      ? context.oss.uploads.begin({ bucketKey, objectKey: key, kind: isSingle ? 'single' : 'multipart' })
      : requireUpload(context, uploadKey);
  if (upload.kind === 'single' && !isSingle) throw ossError(400, 'The upload was begun as a single part');

  const signed = Array.from({ length: count }, (_, index) =>
    context.oss.signedUrls.sign({
      method: 'PUT',
      origin,
      path: S3_UPLOADS + upload.storageId,
      fields: upload.kind === 'single' ? {} : { uploadId: upload.storageId, partNumber: String(first + index) },
      lifeS,
    }),
  );
  const body = {
    uploadKey: upload.uploadKey,
    uploadExpiration: isoSeconds(upload.expiresAt),
    urlExpiration: isoSeconds(signed[0]?.expiresAt ?? 0),
    urls: signed.map(({ url }) => url),
  };
  return jsonAnswer(200, body, OSS_JSON);
}

/** Whatever is wrong with the parts is told in the body, under a status that the reference leaves open (a switch). */
export function completeSignedUpload(context: ApiContext): Answer {
  requireUploadTarget(context);
  const { uploadKey, size, eTags } = readCompletion(context.body);
  const upload = requireUpload(context, uploadKey);
  const check = checkUpload(upload, { ...(size !== undefined && { size }), ...(eTags !== undefined && { eTags }) });
  if (!check.ok) {
    const sizes = size === undefined ? { detected: check.size } : { expected: size, detected: check.size };
    const body = { uploadKey, status: 'error', reason: 'MissingOrInvalidParts', size: sizes, parts: check.parts };
    return jsonAnswer(context.switches.complete_error_status, body, OSS_JSON);
  }
  const disposition = context.headers['x-ads-meta-content-disposition'];
  const contentType = context.headers['x-ads-meta-content-type'];
  const object = context.oss.complete(upload, {
    contentType: typeof contentType === 'string' ? contentType : 'application/octet-stream',
    ...(typeof disposition === 'string' && { contentDisposition: disposition }),
  });
  return jsonAnswer(
    200,
    {
      bucketKey: object.bucketKey,
      objectId: objectUrn(object.bucketKey, object.key),
      objectKey: object.key,
      size: object.size,
      contentType: object.contentType,
      location: objectLocation(context, object.bucketKey, object.key),
    },
    OSS_JSON,
  );
}

/** In the buckets of project files only where `POST storage` made a location. */
function requireUploadTarget(context: ApiContext): { bucketKey: string; key: string } {
  const { bucket, key } = requireObjectAccess(context, 'write');
  const known = bucket.owner !== DATA_MANAGEMENT || context.oss.objects.storage(bucket.key, key) !== undefined;
  if (!known) throw objectNotFound();
  return { bucketKey: bucket.key, key };
}

/** 400 for a key that is unknown, completed, over, or of another object. */
function requireUpload(context: ApiContext, uploadKey: string): Upload {
  const upload = context.oss.uploads.byKey(uploadKey);
  const { bucket_key, object_key } = context.params;
  if (upload?.bucketKey !== bucket_key || upload?.objectKey !== object_key) throw ossError(400, 'Invalid uploadKey');
  return upload as Upload;
}

function lifeSeconds(context: ApiContext): number {
  const asked = ossInteger(context, 'minutesExpiration', MINUTES) * 60;
  return context.switches.signed_url_life_s ?? asked;
}

function isUnmodified(context: ApiContext, object: Downloadable): boolean {
  const none = context.headers['if-none-match'];
  if (none !== undefined) {
    const plain = object.eTag.replaceAll('"', '');
    return none.split(',').some(
      (one) =>
        one.trim() === '*' ||
        one
          .trim()
          .replace(/^W\/|"/g, '')
          .replaceAll('"', '') === plain,
    );
  }
  // HTTP dates have whole seconds.
  return Date.parse(context.headers['if-modified-since'] ?? '') >= Math.floor(object.modifiedAt / 1000) * 1000;
}

function readCompletion(body: unknown): { uploadKey: string; size?: number; eTags?: string[] } {
  const { uploadKey, size, eTags } = (body ?? {}) as Record<string, unknown>;
  if (typeof uploadKey !== 'string') throw ossError(400, "Missing field 'uploadKey'");
  const isSize = size === undefined || (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0);
  if (!isSize) throw ossError(400, "Invalid field 'size'");
  const isList = Array.isArray(eTags) && eTags.every((one) => typeof one === 'string');
  if (eTags !== undefined && !isList) throw ossError(400, "Invalid field 'eTags'");
  return { uploadKey, ...(typeof size === 'number' && { size }), ...(isList && { eTags }) };
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}
