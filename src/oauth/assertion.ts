import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';

/** RFC 7523 §2.1. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** What an assertion is made of: the profile's service account and key, and what its authentication method declares. */
export interface AssertionSource {
  /** `sub`: the account at the provider on whose behalf the client acts. */
  subject: string;
  keyId: string;
  /** PEM, PKCS #8 or PKCS #1. */
  privateKey: Secret;
  audience: string;
  algorithm: 'RS256' | 'ES256';
  lifeMs: number;
}

const SECOND_MS = 1_000;

/**
 * A signed assertion (RFC 7523 §3): iss, sub, aud, iat, exp, jti, and `scope` as a list where scopes are asked for. Throws
 * `token_client_rejected` when the key cannot be read or does not fit the algorithm.
 */
export async function signAssertion(
  source: AssertionSource,
  { clientId, scopes, now }: { clientId: string; scopes: readonly string[]; now: number },
): Promise<Secret> {
  const key = privateKeyOf(source);
  const issuedAt = Math.floor(now / SECOND_MS);
  const jwt = await new SignJWT(scopes.length > 0 ? { scope: [...scopes] } : {})
    .setProtectedHeader({ alg: source.algorithm, kid: source.keyId, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(source.subject)
    .setAudience(source.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(source.lifeMs / SECOND_MS))
    .setJti(randomUUID())
    .sign(key);
  return new Secret(jwt);
}

/** The private key of a PEM text, or `token_client_rejected`; its text never shows. */
export function privateKeyOf({ privateKey, algorithm }: Pick<AssertionSource, 'privateKey' | 'algorithm'>): KeyObject {
  const key = readKey(privateKey);
  const fits =
    algorithm === 'RS256'
      ? key?.asymmetricKeyType === 'rsa'
      : key?.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (key && fits) return key;
  throw new Problem(
    'token_client_rejected',
    key ? `The private key does not fit the algorithm ${algorithm}.` : 'The private key cannot be read.',
    { hint: 'Set the private key of the connector profile anew, as PEM text.' },
  );
}

function readKey(privateKey: Secret): KeyObject | undefined {
  try {
    return createPrivateKey(privateKey.reveal());
  } catch {
    return undefined;
  }
}
