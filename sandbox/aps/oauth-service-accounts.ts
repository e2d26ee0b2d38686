import { generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { jwtVerify } from 'jose';
import type { SandboxApp } from './defaults.ts';
import { invalidGrant, missingParameter } from './oauth-errors.ts';
import { TOKEN_PATH } from './oauth-paths.ts';
import { splitScopes } from './oauth-scopes.ts';
import { ISSUER } from './token-issuer.ts';

/** A robot user that belongs to an app. */
export interface ServiceAccount {
  /** Also the person's id in what it does. */
  id: string;
  email: string;
  clientId: string;
  keyId: string;
  publicKey: KeyObject;
  enabled: boolean;
}

export interface ServiceAccounts {
  /** With a key pair, of which the private half is given here and kept nowhere. */
  create(app: SandboxApp): Promise<{ account: ServiceAccount; privateKeyPem: string }>;
  find(id: string): ServiceAccount | undefined;
  list(): readonly ServiceAccount[];
}

const KEY_BITS = 2048;
/** Where the real service is, wherever the sandbox listens: what `aud` has to say. */
const AUDIENCE = `${ISSUER}${TOKEN_PATH}`;

export function createServiceAccounts(): ServiceAccounts {
  const accounts = new Map<string, ServiceAccount>();
  return {
    async create(app) {
      const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
      const number = accounts.size + 1;
      const id = `SANDBOXROBOT${number}`;
      const email = `sandbox-robot-${number}@${app.clientId}.adskserviceaccount.autodesk.com`;
      const account = { id, email, clientId: app.clientId, keyId: randomUUID(), publicKey, enabled: true };
      accounts.set(id, account);
      return { account, privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
    find: (id) => accounts.get(id),
    list: () => [...accounts.values()],
  };
}

/**
 * Checks an assertion of RFC 7523 and gives the service account and the scopes it names: RS256 by the key that `kid` names,
 * `iss` the app, `sub` the key's service account, `aud` the address of the real token endpoint, `exp` not over. Throws
 * invalid_grant; which error the real service gives for which mistake is not documented.
 */
export async function checkAssertion(
  assertion: string,
  app: SandboxApp,
  accounts: ServiceAccounts,
  now: () => number,
): Promise<{ account: ServiceAccount; scopes: string[] }> {
  const refused = invalidGrant('The assertion is invalid.');
  let signer: ServiceAccount | undefined;
  const verified = await jwtVerify(
    assertion,
    ({ kid }) => {
      signer = accounts.list().find((one) => one.keyId === kid && one.clientId === app.clientId);
      if (signer === undefined) throw refused;
      return signer.publicKey;
    },
    {
      algorithms: ['RS256'],
      issuer: app.clientId,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now()),
    },
  ).catch(() => undefined);
  if (verified === undefined || signer === undefined || verified.payload.sub !== signer.id) throw refused;
  if (!signer.enabled) throw invalidGrant('The service account is not enabled.');
  const { scope } = verified.payload;
  const scopes = Array.isArray(scope) ? scope.filter((one) => typeof one === 'string') : splitScopes(textOf(scope));
  if (scopes.length === 0) throw missingParameter('scope');
  return { account: signer, scopes };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
