import type { ApiContext, ApiServices } from './api-context.ts';
import { type GeneratedObject, generatedObject } from './generated-storage.ts';
import { type Bucket, DATA_MANAGEMENT, type StoredObject } from './object-store.ts';
import { objectNotFound, requireObjectAccess } from './oss-access.ts';

/** What a download needs to know, of uploaded and generated objects alike. */
export interface Downloadable {
  bucketKey: string;
  key: string;
  size: number;
  eTag: string;
  sha1?: string;
  contentType: string;
  contentDisposition: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  /** First and last byte of each part it was uploaded in. */
  chunks: readonly { first: number; last: number }[];
  /** The bytes from `start` to before `end`; `undefined` when they are not kept. */
  read(start: number, end: number): Iterable<Buffer> | undefined;
}

/** As in the reference page's example of a chunked download. */
const GENERATED_CHUNK_BYTES = 10_747_472;

export function requireDownloadable(context: ApiContext): Downloadable {
  const { bucket, key } = requireObjectAccess(context, 'read');
  const found = downloadable(context, bucket, key);
  if (found === undefined) throw objectNotFound();
  return found;
}

export function downloadable(services: ApiServices, bucket: Bucket, key: string): Downloadable | undefined {
  const stored = bucket.objects.get(key);
  if (stored !== undefined) return fromStored(services, stored);
  const generated = bucket.owner === DATA_MANAGEMENT ? generatedObject(services.world.seed, key) : undefined;
  return generated === undefined ? undefined : fromGenerated(bucket, generated);
}

function fromStored({ oss }: ApiServices, object: StoredObject): Downloadable {
  const numbers = object.parts.map((part) => part.number);
  return {
    bucketKey: object.bucketKey,
    key: object.key,
    size: object.size,
    eTag: object.eTag,
    ...(object.sha1 === undefined ? {} : { sha1: object.sha1 }),
    contentType: object.contentType,
    contentDisposition: object.contentDisposition ?? attachment(object.key),
    modifiedAt: object.createdAt,
    chunks: chunksOf(object.parts.map((part) => part.size)),
    read(start, end) {
      const content = oss.contents.read(object.contentGroup, numbers);
      return content === undefined ? undefined : [content.subarray(start, end)];
    },
  };
}

function fromGenerated(bucket: Bucket, object: GeneratedObject): Downloadable {
  const { key, size, eTag, read } = object;
  const count = Math.max(1, Math.ceil(size / GENERATED_CHUNK_BYTES));
  const sizes = Array.from({ length: count }, (_, index) =>
    Math.min(GENERATED_CHUNK_BYTES, size - index * GENERATED_CHUNK_BYTES),
  );
  return {
    bucketKey: bucket.key,
    key,
    size,
    eTag,
    contentType: 'application/octet-stream',
    contentDisposition: attachment(key),
    modifiedAt: 0,
    chunks: chunksOf(sizes),
    read,
  };
}

function chunksOf(sizes: readonly number[]): { first: number; last: number }[] {
  let at = 0;
  return sizes.map((size) => {
    const first = at;
    at += size;
    return { first, last: at - 1 };
  });
}

/** The part of the key behind its last slash. A header holds no letters beyond ASCII: those go as RFC 5987 wants. */
function attachment(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const plain = /^[\x20-\x7e]*$/.test(name) && !/["\\]/.test(name);
  return plain ? `attachment; filename="${name}"` : `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
}
