import { createHash, randomBytes, randomUUID } from 'node:crypto';

export interface UploadedPart {
  number: number;
  size: number;
  /** Hexadecimal, without quotes: what S3 gives as the ETag of a part. */
  md5: string;
  /** Only of what came in one piece: a part's own SHA-1 helps nobody. */
  sha1?: string;
}

/** An upload between its first signed URL and its completion. */
export interface Upload {
  uploadKey: string;
  /** Names it in the addresses of S3, where the upload key does not appear. */
  storageId: string;
  bucketKey: string;
  objectKey: string;
  /** One signed PUT (asked with one part first), or a multipart upload of S3. */
  kind: 'single' | 'multipart';
  /** Milliseconds since the epoch: until then it can be completed. */
  expiresAt: number;
  parts: Map<number, UploadedPart>;
}

export interface Uploads {
  begin(about: Pick<Upload, 'bucketKey' | 'objectKey' | 'kind'>): Upload;
  /** Undefined when unknown, completed or over. */
  byKey(uploadKey: string): Upload | undefined;
  byStorageId(storageId: string): Upload | undefined;
  end(upload: Upload): void;
  list(): Upload[];
}

/** From the reference page: parts of an upload that is not completed within a day are thrown away. */
const UPLOAD_LIFE_MS = 24 * 3600 * 1000;
/** S3's own limit; the last part may be smaller. */
const MIN_PART_BYTES = 5 * 1024 ** 2;
/** Unfinished ones of clients that went away; the oldest is forgotten. */
const MAX_UPLOADS = 10_000;

export function createUploads(now: () => number, forget: (upload: Upload) => void): Uploads {
  const byKey = new Map<string, Upload>();
  const byStorageId = new Map<string, Upload>();
  const end = (upload: Upload): void => {
    byKey.delete(upload.uploadKey);
    byStorageId.delete(upload.storageId);
  };
  const alive = (upload: Upload | undefined): Upload | undefined => {
    if (upload === undefined || upload.expiresAt > now()) return upload;
    end(upload);
    forget(upload);
    return undefined;
  };
  return {
    begin(about) {
      const [oldest] = byKey.values();
      if (byKey.size >= MAX_UPLOADS && oldest !== undefined) {
        end(oldest);
        forget(oldest);
      }
      const upload: Upload = {
        ...about,
        uploadKey: randomBytes(48).toString('base64url'),
        storageId: randomUUID(),
        expiresAt: now() + UPLOAD_LIFE_MS,
        parts: new Map(),
      };
      byKey.set(upload.uploadKey, upload);
      byStorageId.set(upload.storageId, upload);
      return upload;
    },
    byKey: (uploadKey) => alive(byKey.get(uploadKey)),
    byStorageId: (storageId) => alive(byStorageId.get(storageId)),
    end,
    list: () => [...byKey.values()],
  };
}

export type PartStatus = 'Ok' | 'Pending' | 'Unexpected' | 'TooSmall' | 'Unexpected+TooSmall';

export interface UploadCheck {
  ok: boolean;
  /** Bytes that arrived. */
  size: number;
  parts: { part: number; size: number; eTag: string; status: PartStatus }[];
}

/**
 * What completing an upload finds (reference page of `signeds3upload` POST): parts must follow each other from 1, all but
 * the last of at least 5 MiB, and agree with the sizes and ETags that the caller says it sent, if it says so.
 */
export function checkUpload(upload: Upload, said: { size?: number; eTags?: readonly string[] }): UploadCheck {
  const last = Math.max(0, ...upload.parts.keys(), said.eTags?.length ?? 0);
  const parts = Array.from({ length: last }, (_, index) => {
    const number = index + 1;
    const part = upload.parts.get(number);
    if (part === undefined) return { part: number, size: 0, eTag: '', status: 'Pending' as const };
    const unexpected = said.eTags !== undefined && unquote(said.eTags[index] ?? '') !== part.md5;
    const tooSmall = number < last && part.size < MIN_PART_BYTES;
    return { part: number, size: part.size, eTag: part.md5, status: partStatus(unexpected, tooSmall) };
  });
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const sizeFits = said.size === undefined || said.size === size;
  return { ok: last > 0 && sizeFits && parts.every((part) => part.status === 'Ok'), size, parts };
}

/** As S3 makes it: the MD5 of the one part, or of all parts' MD5s with their number behind it. Quoted. */
export function objectETag(upload: Upload): string {
  const parts = orderedParts(upload);
  if (upload.kind === 'single') return `"${parts[0]?.md5 ?? ''}"`;
  const digest = createHash('md5').update(Buffer.concat(parts.map((part) => Buffer.from(part.md5, 'hex'))));
  return `"${digest.digest('hex')}-${parts.length}"`;
}

export function orderedParts(upload: Upload): UploadedPart[] {
  return [...upload.parts.values()].sort((a, b) => a.number - b.number);
}

function partStatus(unexpected: boolean, tooSmall: boolean): PartStatus {
  if (unexpected) return tooSmall ? 'Unexpected+TooSmall' : 'Unexpected';
  return tooSmall ? 'TooSmall' : 'Ok';
}

function unquote(eTag: string): string {
  return eTag.replace(/^"(.*)"$/s, '$1');
}
