import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Where signed URLs point. Nothing listens there: a client under test maps these origins to the sandbox's own, which
 * serves their paths.
 */
export const SANDBOX_S3_ORIGINS = [
  'https://corbel-sandbox.s3-accelerate.amazonaws.com',
  'https://corbel-sandbox.s3.amazonaws.com',
  'https://corbel-sandbox.cloudfront.net',
] as const;

export const [S3_ACCELERATED_ORIGIN, S3_ORIGIN, CLOUDFRONT_ORIGIN] = SANDBOX_S3_ORIGINS;

export interface SignedUrls {
  /** `path` begins with a slash; `fields` are signed with it. */
  sign(request: { method: string; origin: string; path: string; fields?: Record<string, string>; lifeS: number }): {
    url: string;
    /** Milliseconds since the epoch. */
    expiresAt: number;
  };
  verify(method: string, url: string): SignatureCheck;
}

export type SignatureCheck =
  | { valid: true; path: string; fields: URLSearchParams }
  | { valid: false; why: 'missing' | 'mismatch' }
  | { valid: false; why: 'expired'; lifeS: string; expiresAt: number };

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SIGNATURE = 'X-Amz-Signature';
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * URLs of the form that S3 signs (query authentication, only the host as a signed header). The host is not part of the
 * signature here, because it changes on the way to the sandbox. They end with the process.
 */
export function createSignedUrls(now: () => number): SignedUrls {
  const secret = randomBytes(32);
  const keyId = `ASIA${randomBytes(10).toString('hex').toUpperCase().slice(0, 16)}`;

  const signatureOf = (method: string, path: string, fields: URLSearchParams): string => {
    const signed = [...fields].filter(([name]) => name !== SIGNATURE).map((pair) => pair.join('='));
    return createHmac('sha256', secret)
      .update(JSON.stringify([method, path, signed.sort()]))
      .digest('hex');
  };

  return {
    sign({ method, origin, path, fields = {}, lifeS }) {
      const at = Math.floor(now() / 1000) * 1000;
      const date = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
      const query = new URLSearchParams({
        ...fields,
        'X-Amz-Security-Token': randomBytes(24).toString('base64'),
        'X-Amz-Algorithm': ALGORITHM,
        'X-Amz-Date': date,
        'X-Amz-SignedHeaders': 'host',
        'X-Amz-Expires': String(lifeS),
        'X-Amz-Credential': `${keyId}/${date.slice(0, 8)}/us-east-1/s3/aws4_request`,
      });
      query.set(SIGNATURE, signatureOf(method, path, query));
      // S3 encodes a space as %20, never as a plus sign.
      return { url: `${origin}${path}?${query.toString().replaceAll('+', '%20')}`, expiresAt: at + lifeS * 1000 };
    },
    verify(method, url) {
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      const given = searchParams.get(SIGNATURE);
      const date = AMZ_DATE.exec(searchParams.get('X-Amz-Date') ?? '');
      if (given === null || date === null) return { valid: false, why: 'missing' };
      const expected = Buffer.from(signatureOf(method, pathname, searchParams));
      const actual = Buffer.from(given);
      if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
        return { valid: false, why: 'mismatch' };
      }
      const [year = 0, month = 1, ...rest] = date.slice(1).map(Number);
      const lifeS = searchParams.get('X-Amz-Expires') ?? '0';
      const expiresAt = Date.UTC(year, month - 1, rest[0], rest[1], rest[2], rest[3]) + Number(lifeS) * 1000;
      if (now() >= expiresAt) return { valid: false, why: 'expired', lifeS, expiresAt };
      return { valid: true, path: pathname, fields: searchParams };
    },
  };
}
