import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import type { Identity } from '../domain/account.ts';
import { acceptKey, faultOfKey } from '../link/accept-key.ts';
import { acceptToken } from '../link/accept-token.ts';
import type { OAuthClient, ObtainedGrant } from '../oauth/grant.ts';
import { type FieldError, Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';

// What can stand in an Authorization header (RFC 6749 appendices A.12 and A.17 without the space).
const Token = Type.String({ minLength: 1, maxLength: 16_384, pattern: '^[\\x21-\\x7E]+$' });

export const CREDENTIAL_MEMBERS = {
  access_token: Type.Optional(Token),
  refresh_token: Type.Optional(Token),
  expires_in_s: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 * 365 * 24 * 60 * 60 })),
  api_key: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
};

/** A token that was obtained elsewhere, or a key; which of them, the method of the profile decides. */
export const Credential = Type.Object(CREDENTIAL_MEMBERS, { additionalProperties: false });
export type Credential = Static<typeof Credential>;

const MEMBERS = {
  provided_token: ['access_token', 'refresh_token', 'expires_in_s'],
  api_key: ['api_key'],
} as const;

/**
 * Asks the provider about what somebody sent for an account. `at` is the JSON Pointer of the credential in the body. Rejects
 * with `request_invalid` for members that are not those of the method and for a key of the wrong form, else as `acceptToken` and
 * `acceptKey` do.
 */
export async function acceptCredential(
  deps: { door: Door; clock: Clock },
  client: OAuthClient,
  given: Credential,
  at: string,
): Promise<{ grant: ObtainedGrant; identity: Identity | null }> {
  const { authentication } = client;
  const kind = authentication.grant === 'api_key' ? 'api_key' : 'provided_token';
  const own: readonly string[] = MEMBERS[kind];
  const errors: FieldError[] = Object.keys(given)
    .filter((name) => !own.includes(name))
    .map((name) => ({
      path: `${at}/${name}`,
      message: `is not a member with the authentication "${authentication.id}"`,
    }));
  const [needed] = MEMBERS[kind];
  const credential = given[needed];
  if (credential === undefined) errors.push({ path: `${at}/${needed}`, message: 'is required' });
  const fault = kind === 'api_key' && credential !== undefined ? faultOfKey(authentication, credential) : undefined;
  if (fault !== undefined) errors.push({ path: `${at}/${needed}`, message: fault });
  if (errors.length > 0 || credential === undefined)
    throw new Problem('request_invalid', 'The credential is not valid.', { errors });
  if (kind === 'api_key') return acceptKey(deps, client, new Secret(credential));
  return acceptToken(deps, client, {
    accessToken: new Secret(credential),
    refreshToken: given.refresh_token === undefined ? null : new Secret(given.refresh_token),
    expiresInS: given.expires_in_s,
  });
}
