import { emptyAnswer, jsonAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { Refusal } from './errors.ts';
import { type Bucket, DATA_MANAGEMENT, type StoredObject } from './object-store.ts';
import { queryValue } from './query.ts';
import type { RefusalStyle } from './refusal-styles.ts';

export const OSS_JSON = 'application/json; charset=utf-8';
export const BUCKET_KEY = /^[-_.a-z0-9]{3,128}$/;
/** Two spaces before the pattern, as the provider writes it. */
export const BUCKET_KEY_REASON = "Valid field 'bucketKey' must be of the form  [-_.a-z0-9]{3,128}";
const MAX_KEY_BYTES = 1024;

/** `{"reason"}`, as the Object Storage Service refuses. */
export function ossError(status: number, reason: string): Refusal {
  return new Refusal(jsonAnswer(status, { reason }, OSS_JSON));
}

/** 403 with an empty body: the bucket is another application's (reference page). */
export const notOwner = () => new Refusal(emptyAnswer(403));

export const OSS_STYLE: RefusalStyle = {
  notProvisioned: notOwner,
  userTokenRefused: notOwner,
  malformedBody: (detail) => ossError(400, `Malformed request body: ${detail}`),
};

/** 400 for a malformed key, 404 for an unknown bucket, 403 for one that another app owns. */
export function requireOwnBucket(context: ApiContext): Bucket {
  const bucket = requireBucket(context);
  if (bucket.owner !== context.clientId) throw notOwner();
  return bucket;
}

/**
 * The bucket for reading or changing single objects: the owner's, those of apps that it allows in, and the buckets of
 * project files, in which Data Management gives storage locations to every app.
 */
export function requireObjectAccess(context: ApiContext, wanted: 'read' | 'write'): { bucket: Bucket; key: string } {
  const bucket = requireBucket(context);
  const key = context.params.object_key ?? '';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw ossError(400, 'Invalid objectKey');
  if (bucket.owner === DATA_MANAGEMENT || bucket.owner === context.clientId) return { bucket, key };
  const allowed = bucket.permissions.some(
    ({ authId, access }) => authId === context.clientId && (access === 'full' || wanted === 'read'),
  );
  if (!allowed) throw notOwner();
  return { bucket, key };
}

export function requireObject(context: ApiContext, wanted: 'read' | 'write'): StoredObject {
  const { bucket, key } = requireObjectAccess(context, wanted);
  const object = bucket.objects.get(key);
  if (object === undefined) throw objectNotFound();
  return object;
}

export const objectNotFound = () => ossError(404, 'Object not found');

/** Refuses what is not a plain integer within the bounds: `{"reason":"Invalid limit"}`. */
export function ossInteger(
  context: ApiContext,
  name: string,
  bounds: { min: number; max: number; absent: number },
): number {
  const value = queryValue(context.query, name);
  if (value === undefined) return bounds.absent;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= bounds.min && number <= bounds.max)) throw ossError(400, `Invalid ${name}`);
  return number;
}

export function ossFlag(context: ApiContext, name: string, absent: boolean): boolean {
  const value = queryValue(context.query, name);
  if (value === undefined) return absent;
  if (value !== 'true' && value !== 'false') throw ossError(400, `Invalid ${name}`);
  return value === 'true';
}

/** Where the provider says that an object is: the slashes of its key are encoded. */
export function objectLocation(context: ApiContext, bucketKey: string, key: string): string {
  return `${context.links.origin}/oss/v2/buckets/${bucketKey}/objects/${encodeURIComponent(key)}`;
}

function requireBucket(context: ApiContext): Bucket {
  const key = context.params.bucket_key ?? '';
  if (!BUCKET_KEY.test(key)) throw ossError(400, BUCKET_KEY_REASON);
  const bucket = context.oss.objects.bucket(key);
  if (bucket === undefined) throw ossError(404, 'Bucket not found');
  return bucket;
}
