import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Authentication } from '../connector/connector.ts';
import type { FieldError } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { ConnectorProfile } from './connector-profile.ts';

export type ProfileCredentials = Pick<
  ConnectorProfile,
  'client_secret' | 'service_account_id' | 'key_id' | 'private_key'
>;

/** A profile's credentials as far as it is known which there are; secrets may stand as sealed or be merely present. */
export type PresentCredentials = Readonly<Record<'client_id' | keyof ProfileCredentials, boolean>>;

const OF_ASSERTIONS = ['service_account_id', 'key_id', 'private_key'] as const;

// RFC 7518 §3.3: "a key of size 2048 bits or larger MUST be used".
const MIN_RSA_BITS = 2_048;

/**
 * What is wrong with the set of a profile's credentials for its method: one that the method has no use for, or one that it
 * cannot do without. A client is needed unless the accounts bring keys, its secret unless the method has public clients; what
 * signs assertions, exactly when the method sends such.
 */
export function checkCredentials(authentication: Authentication, present: PresentCredentials): FieldError[] {
  const { id, grant, publicClients } = authentication;
  const errors: FieldError[] = [];
  const required = (name: keyof PresentCredentials) => {
    if (!present[name]) errors.push({ path: `/${name}`, message: `is required by the authentication "${id}"` });
  };
  const unknown = (name: keyof PresentCredentials) => {
    if (present[name]) errors.push({ path: `/${name}`, message: `is not a member of the authentication "${id}"` });
  };
  if (grant === 'api_key') {
    unknown('client_id');
    unknown('client_secret');
  } else {
    required('client_id');
    if (!publicClients) required('client_secret');
  }
  for (const name of OF_ASSERTIONS) {
    if (grant === 'jwt_bearer') required(name);
    else unknown(name);
  }
  return errors;
}

/**
 * A private key in PEM as PKCS #8, in which form profiles keep it, or what is wrong with it (never a part of it). Keys that
 * a provider hands out in the older forms (PKCS #1, SEC 1) are taken, too; encrypted ones are not.
 */
export function readPrivateKey(
  authentication: Authentication,
  pem: string,
): { key: Secret } | { error: FieldError['message'] } {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // Its message may tell about the key.
    return { error: 'must be a private key in PEM (PKCS #8), without a passphrase' };
  }
  const algorithm = authentication.assertion?.algorithm;
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (algorithm === 'RS256' && !(key.asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS))
    return { error: `must be an RSA key of at least ${MIN_RSA_BITS} bits, for ${algorithm}` };
  if (algorithm === 'ES256' && !(key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1'))
    return { error: `must be a key of the curve P-256, for ${algorithm}` };
  return { key: new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString()) };
}
