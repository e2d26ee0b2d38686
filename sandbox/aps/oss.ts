import { createHash } from 'node:crypto';
import { type ContentStore, createContentStore } from './content-store.ts';
import { createObjectStore, type ObjectStore, type StoredObject } from './object-store.ts';
import { createSignedUrls, type SignedUrls } from './signed-urls.ts';
import { createUploads, objectETag, orderedParts, type Upload, type Uploads } from './uploads.ts';
import type { World } from './world.ts';

/** All state of the Object Storage Service and of the S3 behind it. */
export interface Oss {
  objects: ObjectStore;
  uploads: Uploads;
  contents: ContentStore;
  signedUrls: SignedUrls;
  /** Ends a checked upload: its object replaces an earlier one of the same key. */
  complete(upload: Upload, about: Pick<StoredObject, 'contentType'> & { contentDisposition?: string }): StoredObject;
  removeObject(object: StoredObject): void;
  removeBucket(key: string): void;
  /** For tests: what arrived, part by part. */
  report(): StorageReport;
}

export interface StorageReport {
  /** Bytes of content in memory. */
  kept_bytes: number;
  uploads: { bucket: string; object: string; kind: string; parts: ReportedPart[] }[];
  objects: {
    bucket: string;
    object: string;
    size: number;
    etag: string;
    content_kept: boolean;
    parts: ReportedPart[];
  }[];
}

interface ReportedPart {
  number: number;
  size: number;
  md5: string;
}

export function createOss(world: World, now: () => number): Oss {
  const fileBuckets = new Map(world.hubs.map((hub) => [hub.bucket, { key: hub.bucket, region: hub.region }]));
  const objects = createObjectStore([...fileBuckets.values()]);
  const contents = createContentStore();
  const uploads = createUploads(now, (upload) => contents.drop(upload.storageId));

  const removeObject = (object: StoredObject): void => {
    contents.drop(object.contentGroup);
    objects.bucket(object.bucketKey)?.objects.delete(object.key);
  };
  const contentOf = (object: StoredObject): Buffer | undefined =>
    contents.read(
      object.contentGroup,
      object.parts.map((part) => part.number),
    );

  return {
    objects,
    uploads,
    contents,
    signedUrls: createSignedUrls(now),
    complete(upload, about) {
      const bucket = objects.bucket(upload.bucketKey);
      const former = bucket?.objects.get(upload.objectKey);
      if (former !== undefined) removeObject(former);
      uploads.end(upload);
      const parts = orderedParts(upload);
      const object: StoredObject = {
        ...about,
        bucketKey: upload.bucketKey,
        key: upload.objectKey,
        size: parts.reduce((sum, part) => sum + part.size, 0),
        eTag: objectETag(upload),
        createdAt: now(),
        parts,
        contentGroup: upload.storageId,
      };
      const content = upload.kind === 'single' ? undefined : contentOf(object);
      const sha1 = content === undefined ? parts[0]?.sha1 : createHash('sha1').update(content).digest('hex');
      if (sha1 !== undefined) object.sha1 = sha1;
      bucket?.objects.set(object.key, object);
      return object;
    },
    removeObject,
    removeBucket(key) {
      const bucket = objects.bucket(key);
      for (const object of [...(bucket?.objects.values() ?? [])]) removeObject(object);
      objects.removeBucket(key);
    },
    report: () => ({
      kept_bytes: contents.keptBytes(),
      uploads: uploads.list().map((upload) => ({
        bucket: upload.bucketKey,
        object: upload.objectKey,
        kind: upload.kind,
        parts: orderedParts(upload).map(reported),
      })),
      objects: objects.buckets().flatMap((bucket) =>
        [...bucket.objects.values()].map((object) => ({
          bucket: object.bucketKey,
          object: object.key,
          size: object.size,
          etag: object.eTag,
          content_kept: contentOf(object) !== undefined,
          parts: object.parts.map(reported),
        })),
      ),
    }),
  };
}

function reported({ number, size, md5 }: ReportedPart): ReportedPart {
  return { number, size, md5 };
}
