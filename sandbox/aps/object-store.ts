import type { UploadedPart } from './uploads.ts';

/** `DATA_MANAGEMENT` owns the buckets of project files: apps reach single objects there, never the bucket. */
export const DATA_MANAGEMENT = Symbol('data management');

export interface Bucket {
  key: string;
  /** Client id of the app that created it. */
  owner: string | typeof DATA_MANAGEMENT;
  region: string;
  policyKey: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  permissions: readonly { authId: string; access: string }[];
  objects: Map<string, StoredObject>;
}

export interface StoredObject {
  bucketKey: string;
  key: string;
  size: number;
  /** Quoted, as S3 gives it; of several parts it ends in `-<number of parts>`. */
  eTag: string;
  /** Hexadecimal. Known when the content is, or came in one piece. */
  sha1?: string;
  contentType: string;
  contentDisposition?: string;
  createdAt: number;
  parts: readonly UploadedPart[];
  /** Where `ContentStore` has the bytes. */
  contentGroup: string;
}

/** Where a project's file is to be uploaded, made by `POST storage`. */
export interface StorageLocation {
  bucketKey: string;
  key: string;
  name: string;
  projectId: string;
}

/** Buckets, their objects, and the storage locations of projects. Plain state: the rules are with the routes. */
export interface ObjectStore {
  bucket(key: string): Bucket | undefined;
  addBucket(bucket: Omit<Bucket, 'objects'>): Bucket;
  removeBucket(key: string): void;
  /** In the order of their keys, which is how the provider pages. */
  buckets(): Bucket[];
  storage(bucketKey: string, key: string): StorageLocation | undefined;
  addStorage(location: StorageLocation): void;
}

const OBJECT_URN = /^urn:adsk\.objects:os\.object:([^/]+)\/(.+)$/s;

export function createObjectStore(fileBuckets: readonly { key: string; region: string }[]): ObjectStore {
  const buckets = new Map<string, Bucket>();
  const locations = new Map<string, StorageLocation>();
  const add = (about: Omit<Bucket, 'objects'>): Bucket => {
    const bucket = { ...about, objects: new Map() };
    buckets.set(bucket.key, bucket);
    return bucket;
  };
  for (const { key, region } of fileBuckets) {
    add({ key, region, owner: DATA_MANAGEMENT, policyKey: 'persistent', createdAt: 0, permissions: [] });
  }
  return {
    bucket: (key) => buckets.get(key),
    addBucket: add,
    removeBucket: (key) => void buckets.delete(key),
    buckets: () => [...buckets.values()].sort((a, b) => compareKeys(a.key, b.key)),
    storage: (bucketKey, key) => locations.get(objectUrn(bucketKey, key)),
    addStorage: (location) => void locations.set(objectUrn(location.bucketKey, location.key), location),
  };
}

export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : +(a > b);
}

/** Raw: neither half is percent-encoded. */
export function objectUrn(bucketKey: string, objectKey: string): string {
  return `urn:adsk.objects:os.object:${bucketKey}/${objectKey}`;
}

/** The object key is all that follows the first slash, which may contain slashes itself. */
export function parseObjectUrn(urn: string): { bucketKey: string; key: string } | undefined {
  const [, bucketKey, key] = OBJECT_URN.exec(urn) ?? [];
  return bucketKey === undefined || key === undefined ? undefined : { bucketKey, key };
}
