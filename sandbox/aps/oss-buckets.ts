import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import { type ApiContext, requestedRegion } from './api-context.ts';
import { ALL_REGIONS } from './defaults.ts';
import { type Bucket, compareKeys, objectUrn, type StoredObject } from './object-store.ts';
import {
  BUCKET_KEY,
  BUCKET_KEY_REASON,
  OSS_JSON,
  objectLocation,
  ossError,
  ossInteger,
  requireObject,
  requireOwnBucket,
} from './oss-access.ts';
import { queryValue } from './query.ts';

const POLICIES: readonly unknown[] = ['transient', 'temporary', 'persistent'];
const ACCESSES: readonly unknown[] = ['full', 'read'];
const PAGE = { min: 1, max: 100, absent: 10 } as const;

/** The app's own buckets of one region. `next` keeps region and place and loses the limit, as the reference page shows. */
export function listBuckets(context: ApiContext): Answer {
  const region = bucketRegion(requestedRegion(context, ['region', 'x-ads-region'], 'region'));
  const own = context.oss.objects
    .buckets()
    .filter((bucket) => bucket.owner === context.clientId && bucket.region === region);
  const page = pageOf(context, own);
  const items = page.entries.map(({ key, createdAt, policyKey }) => ({
    bucketKey: key,
    createdDate: createdAt,
    policyKey,
  }));
  return jsonAnswer(200, { items, ...nextOf(context, page.nextKey, { region }) }, OSS_JSON);
}

/** The header `region` is required by the reference and absent from its own examples: without it, US. */
export function createBucket(context: ApiContext): Answer {
  const region = bucketRegion(requestedRegion(context, ['region', 'x-ads-region']));
  const body = plainObject(context.body);
  const { bucketKey, policyKey, allow = [] } = body;
  if (typeof bucketKey !== 'string' || !BUCKET_KEY.test(bucketKey)) throw ossError(400, BUCKET_KEY_REASON);
  if (!POLICIES.includes(policyKey))
    throw ossError(400, "Valid field 'policyKey' must be transient, temporary or persistent");
  if (!Array.isArray(allow)) throw ossError(400, "Valid field 'allow' must be an array");
  const granted = allow.map((one) => {
    const { authId, access } = plainObject(one);
    if (typeof authId !== 'string' || !ACCESSES.includes(access)) throw ossError(400, "Invalid field 'allow'");
    return { authId, access: String(access) };
  });
  if (context.oss.objects.bucket(bucketKey) !== undefined) throw ossError(409, 'Bucket already exists');
  const bucket = context.oss.objects.addBucket({
    key: bucketKey,
    owner: context.clientId,
    region,
    policyKey: String(policyKey),
    createdAt: context.now(),
    permissions: [{ authId: context.clientId, access: 'full' }, ...granted],
  });
  return jsonAnswer(200, bucketBody(bucket), OSS_JSON);
}

export function getBucketDetails(context: ApiContext): Answer {
  return jsonAnswer(200, bucketBody(requireOwnBucket(context)), OSS_JSON);
}

/** At once and with all objects; the provider takes its time, and then keeps the key for a while. */
export function deleteBucket(context: ApiContext): Answer {
  context.oss.removeBucket(requireOwnBucket(context).key);
  return emptyAnswer(200);
}

export function listObjects(context: ApiContext): Answer {
  const bucket = requireOwnBucket(context);
  const beginsWith = queryValue(context.query, 'beginsWith');
  const objects = [...bucket.objects.values()]
    .filter((object) => object.key.startsWith(beginsWith ?? ''))
    .sort((a, b) => compareKeys(a.key, b.key));
  const page = pageOf(context, objects);
  const next = nextOf(context, page.nextKey, beginsWith === undefined ? {} : { beginsWith });
  return jsonAnswer(200, { items: page.entries.map((object) => objectBody(context, object)), ...next }, OSS_JSON);
}

export function deleteObject(context: ApiContext): Answer {
  context.oss.removeObject(requireObject(context, 'write'));
  return emptyAnswer(200);
}

function objectBody(context: ApiContext, object: StoredObject): object {
  return {
    bucketKey: object.bucketKey,
    objectKey: object.key,
    objectId: objectUrn(object.bucketKey, object.key),
    ...(object.sha1 === undefined ? {} : { sha1: object.sha1 }),
    size: object.size,
    location: objectLocation(context, object.bucketKey, object.key),
  };
}

function bucketBody({ key, owner, createdAt, permissions, policyKey }: Bucket): object {
  return { bucketKey: key, bucketOwner: owner, createdDate: createdAt, permissions, policyKey };
}

/** `APAC` is the former name of `AUS`. */
function bucketRegion(asked: string | undefined): string {
  const region = asked === 'APAC' ? 'AUS' : (asked ?? 'US');
  if (!ALL_REGIONS.includes(region)) throw ossError(400, 'Invalid region');
  return region;
}

/** `startAt` is the last key that the caller has. */
function pageOf<T extends { key: string }>(
  context: ApiContext,
  sorted: readonly T[],
): { entries: T[]; nextKey: string | undefined } {
  const limit = ossInteger(context, 'limit', PAGE);
  const startAt = queryValue(context.query, 'startAt');
  const rest = startAt === undefined ? sorted : sorted.filter((one) => one.key > startAt);
  const entries = rest.slice(0, limit);
  return { entries, nextKey: rest.length > limit ? entries.at(-1)?.key : undefined };
}

function nextOf(context: ApiContext, key: string | undefined, kept: Record<string, string>): { next?: string } {
  if (key === undefined) return {};
  return { next: `${context.path}?${new URLSearchParams({ ...kept, startAt: key })}` };
}

function plainObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw ossError(400, 'The request body is malformed');
  }
  return value as Record<string, unknown>;
}
