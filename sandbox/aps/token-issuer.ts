import { generateKeyPair, type JsonWebKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';

export const ISSUER = 'https://developer.api.autodesk.com';

/** What a live token allows. */
export interface IssuedToken {
  clientId: string;
  scopes: ReadonlySet<string>;
  /** The person's id (12 upper-case characters) when the token is a person's. */
  userId: string | undefined;
  /** What came of one consent ends together. */
  familyId: string | undefined;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Whose token it is: an app's own without a person. */
export interface TokenOwner {
  clientId: string;
  userId?: string | undefined;
  familyId?: string | undefined;
}

export interface TokenIssuer {
  issue(owner: TokenOwner, scopes: readonly string[], lifetimeSeconds: number): Promise<string>;
  /** A JWT about something else, signed with the same key. `exp` follows from the lifetime. */
  signClaims(claims: Record<string, unknown>, lifetimeSeconds: number): Promise<string>;
  /** The token when it was issued here, is not revoked and not over. */
  verify(token: string): IssuedToken | undefined;
  /** Makes one token invalid. */
  revoke(token: string): void;
  /** Makes the tokens of a consent invalid. */
  revokeFamily(familyId: string): void;
  /** Makes every token issued so far invalid; says how many were alive. */
  revokeAll(): number;
  /** Public key, as `GET /authentication/v2/keys` gives it. */
  jwks(): Promise<{ keys: JsonWebKey[] }>;
}

/** Above this many remembered tokens the expired ones are dropped before another is issued. */
const SWEEP_ABOVE = 10_000;
const KEY_BITS = 2048;

/** Key generation starts at once in the thread pool, so that the server listens without waiting for it. */
export function createTokenIssuer(now: () => number): TokenIssuer {
  const issued = new Map<string, IssuedToken>();
  const kid = randomBytes(12).toString('base64url');
  const keys: Promise<{ privateKey: KeyObject; publicKey: KeyObject }> = promisify(generateKeyPair)('rsa', {
    modulusLength: KEY_BITS,
  });

  const sweep = (at: number): void => {
    for (const [token, about] of issued) if (about.expiresAt <= at) issued.delete(token);
  };

  const signJwt = async (claims: Record<string, unknown>): Promise<string> => {
    const { privateKey } = await keys;
    const signed = `${encode({ alg: 'RS256', kid, typ: 'JWT' })}.${encode(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };
  const seconds = (ms: number): number => Math.floor(ms / 1000);

  return {
    async issue({ clientId, userId, familyId }, scopes, lifetimeSeconds) {
      const at = now();
      if (issued.size >= SWEEP_ABOVE) sweep(at);
      const expiresAt = at + lifetimeSeconds * 1000;
      const token = await signJwt({
        scope: scopes,
        client_id: clientId,
        iss: ISSUER,
        aud: 'https://autodesk.com',
        jti: randomBytes(48).toString('base64url'),
        exp: seconds(expiresAt),
        ...(userId === undefined ? {} : { userid: userId }),
      });
      issued.set(token, { clientId, scopes: new Set(scopes), userId, familyId, expiresAt });
      return token;
    },
    signClaims(claims, lifetimeSeconds) {
      const at = seconds(now());
      return signJwt({ iss: ISSUER, ...claims, iat: at, exp: at + lifetimeSeconds });
    },
    revoke: (token) => void issued.delete(token),
    revokeFamily(familyId) {
      for (const [token, about] of issued) if (about.familyId === familyId) issued.delete(token);
    },
    verify(token) {
      const about = issued.get(token);
      return about !== undefined && about.expiresAt > now() ? about : undefined;
    },
    revokeAll() {
      sweep(now());
      const alive = issued.size;
      issued.clear();
      return alive;
    },
    async jwks() {
      const { publicKey } = await keys;
      return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] };
    },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
