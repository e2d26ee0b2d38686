import { OSS_STYLE } from './oss-access.ts';
import { createBucket, deleteBucket, deleteObject, getBucketDetails, listBuckets, listObjects } from './oss-buckets.ts';
import {
  completeSignedUpload,
  getSignedDownload,
  getSignedUpload,
  S3_OBJECTS,
  S3_UPLOADS,
  SIGNED_RESOURCES,
} from './oss-transfers.ts';
import { type Method, type Route, type RouteSpec, route } from './router.ts';
import { getStoredObject, putPart } from './s3.ts';

const BUCKETS = '/oss/v2/buckets';
const BUCKET = `${BUCKETS}/:bucket_key`;
const OBJECT = `${BUCKET}/objects/:object_key`;
const UPLOAD_SCOPES = ['data:write', 'data:create'] as const;

/** Buckets belong to apps and know no people; single objects are reached for people, too ("user context optional"). */
export const OSS_ROUTES: readonly Route[] = [
  oss('GET', BUCKETS, { scopes: ['bucket:read'], token: 'app', handle: listBuckets }),
  oss('POST', BUCKETS, { scopes: ['bucket:create'], token: 'app', handle: createBucket }),
  oss('GET', `${BUCKET}/details`, { scopes: ['bucket:read'], token: 'app', handle: getBucketDetails }),
  oss('DELETE', BUCKET, { scopes: ['bucket:delete'], token: 'app', handle: deleteBucket }),
  oss('GET', `${BUCKET}/objects`, { scopes: ['data:read'], token: 'app', handle: listObjects }),
  oss('DELETE', OBJECT, { scopes: ['data:write'], token: 'app', handle: deleteObject }),
  oss('GET', `${OBJECT}/signeds3download`, { scopes: ['data:read'], handle: getSignedDownload }),
  oss('GET', `${OBJECT}/signeds3upload`, { scopes: UPLOAD_SCOPES, handle: getSignedUpload }),
  oss('POST', `${OBJECT}/signeds3upload`, { scopes: UPLOAD_SCOPES, handle: completeSignedUpload }),
  signed('PUT', `${S3_UPLOADS}:storage_id`, putPart),
  signed('GET', `${S3_OBJECTS}:object_id`, getStoredObject),
  signed('GET', `${SIGNED_RESOURCES}:object_id`, getStoredObject),
];

/** 1000 requests per minute and app over all routes (rate limits page); needs no provisioning in any account. */
function oss(method: Method, path: string, spec: Pick<RouteSpec, 'scopes' | 'token' | 'handle'>): Route {
  return route(method, path, { ...spec, style: OSS_STYLE, perMinute: 1000, budget: 'oss', needsProvisioning: false });
}

function signed(method: Method, path: string, handle: Route['handle']): Route {
  const body = method === 'PUT' ? 'stream' : 'none';
  return route(method, path, { scopes: [], token: 'none', body, style: OSS_STYLE, needsProvisioning: false, handle });
}
