import { tokenInvalid, tokenMissing } from './errors.ts';
import type { IssuedToken, TokenIssuer } from './token-issuer.ts';

/** One space after `Bearer`: a second one makes the live service refuse the token (developer blog, 2020). Throws `Refusal`. */
export function requireToken(authorization: string | undefined, issuer: TokenIssuer): IssuedToken {
  const value = /^Bearer (.*)$/i.exec(authorization ?? '')?.[1];
  if (value === undefined || value === '') throw tokenMissing();
  const token = issuer.verify(value);
  if (token === undefined) throw tokenInvalid();
  return token;
}
