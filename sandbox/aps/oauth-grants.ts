import { randomBytes } from 'node:crypto';
import { AUTHORIZATION_CODE_LIFE_S, type SandboxApp } from './defaults.ts';
import { invalidGrant } from './oauth-errors.ts';
import { isSubset } from './oauth-scopes.ts';

/** What a person allowed an app, at the authorization endpoint. */
export interface Consent {
  clientId: string;
  redirectUri: string;
  userId: string;
  scopes: readonly string[];
  /** S256 of the verifier that the token request must bring. */
  codeChallenge: string | undefined;
  nonce: string | undefined;
}

/** Why a family is over. */
export type FamilyEnd = 'refresh_token_reused' | 'code_reused' | 'revoked' | 'withdrawn';

/** Everything that came of one consent: its refresh tokens, one after the other, and their access tokens. */
export interface Family {
  readonly id: string;
  readonly clientId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  /** Of the current refresh token, 1 being that of the code. */
  generation: number;
  refreshes: number;
  /** How often a refresh token was used that had been replaced before, also after the end. */
  reuseCount: number;
  /** How often the code was used again. */
  codeReuseCount: number;
  /** Of the current refresh token; milliseconds since the epoch. */
  refreshExpiresAt: number;
  endedBy: FamilyEnd | undefined;
}

export interface GrantStore {
  /** A code for the consent; single use, 5 minutes. */
  addCode(consent: Consent): string;
  /**
   * The consent of the code, while it may still be redeemed. A code that was redeemed before ends what came of it. Throws
   * invalid_grant.
   */
  openCode(code: string, clientId: string): Consent;
  /** Uses the code up. Gives the first refresh token of a new family. */
  redeemCode(code: string, consent: Consent, lifeS: number): { family: Family; refreshToken: string };
  /**
   * The family of a refresh token that may be used. One that was replaced before ends the family. Throws invalid_grant.
   */
  openRefreshToken(token: string, app: SandboxApp): Family;
  /** The family's next refresh token, the current one being used up; or the current one again, its time begun anew. */
  rotate(family: Family, current: string, options: { lifeS: number; keep: boolean }): string;
  /** What is known of a refresh token, without judging it. `current` is false for a replaced, expired or ended one. */
  peek(token: string): { family: Family; current: boolean } | undefined;
  end(family: Family, why: FamilyEnd): void;
  families(): readonly Family[];
}

interface KnownCode {
  consent: Consent;
  expiresAt: number;
  family: Family | undefined;
}

/** The length of the real ones is not documented ("opaque"); these are 42 characters as the guide's examples. */
const TOKEN_CHARACTERS = 42;
const CODE_BYTES = 30;
/** Far above what the longest test needs; the oldest go first, and then count as unknown. */
const MAX_REMEMBERED = 200_000;

/** `onEnd` is told of a family that ends, so that its access tokens end with it. */
export function createGrantStore(now: () => number, onEnd: (family: Family) => void): GrantStore {
  const codes = new Map<string, KnownCode>();
  const refreshTokens = new Map<string, { family: Family; generation: number }>();
  const families = new Map<string, Family>();

  const end = (family: Family, why: FamilyEnd): void => {
    if (family.endedBy !== undefined) return;
    family.endedBy = why;
    onEnd(family);
  };
  const issue = (family: Family, lifeS: number): string => {
    const token = randomBytes(TOKEN_CHARACTERS).toString('base64url').slice(0, TOKEN_CHARACTERS);
    remember(refreshTokens, token, { family, generation: family.generation });
    family.refreshExpiresAt = now() + lifeS * 1000;
    return token;
  };

  return {
    addCode(consent) {
      const code = randomBytes(CODE_BYTES).toString('base64url');
      remember(codes, code, { consent, expiresAt: now() + AUTHORIZATION_CODE_LIFE_S * 1000, family: undefined });
      return code;
    },
    openCode(code, clientId) {
      const known = codes.get(code);
      if (known === undefined) throw invalidGrant('The authorization code is invalid or has expired.');
      if (known.consent.clientId !== clientId) throw invalidGrant('The grant was issued to another client.');
      if (known.family !== undefined) {
        known.family.codeReuseCount += 1;
        end(known.family, 'code_reused');
      }
      if (known.family !== undefined || known.expiresAt <= now()) {
        throw invalidGrant('The authorization code is invalid or has expired.');
      }
      return known.consent;
    },
    redeemCode(code, { clientId, userId, scopes }, lifeS) {
      const family: Family = {
        id: randomBytes(9).toString('base64url'),
        clientId,
        userId,
        scopes,
        createdAt: now(),
        generation: 1,
        refreshes: 0,
        reuseCount: 0,
        codeReuseCount: 0,
        refreshExpiresAt: 0,
        endedBy: undefined,
      };
      remember(families, family.id, family);
      const known = codes.get(code);
      if (known !== undefined) known.family = family;
      return { family, refreshToken: issue(family, lifeS) };
    },
    openRefreshToken(token, app) {
      const known = refreshTokens.get(token);
      const refused = () => invalidGrant('The refresh token is invalid or expired.');
      if (known === undefined) throw refused();
      const { family, generation } = known;
      if (family.clientId !== app.clientId) throw invalidGrant('The grant was issued to another client.');
      if (generation !== family.generation) {
        family.reuseCount += 1;
        end(family, 'refresh_token_reused');
      }
      if (family.endedBy !== undefined || family.refreshExpiresAt <= now()) throw refused();
      const allowed = app.allowedScopes;
      if (allowed !== undefined && !isSubset(family.scopes, allowed)) throw invalidGrant('The scope is invalid.');
      return family;
    },
    rotate(family, current, { lifeS, keep }) {
      family.refreshes += 1;
      if (keep) {
        family.refreshExpiresAt = now() + lifeS * 1000;
        return current;
      }
      family.generation += 1;
      return issue(family, lifeS);
    },
    peek(token) {
      const known = refreshTokens.get(token);
      if (known === undefined) return undefined;
      const { family, generation } = known;
      const alive = family.endedBy === undefined && family.refreshExpiresAt > now();
      return { family, current: alive && generation === family.generation };
    },
    end,
    families: () => [...families.values()],
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
