import { KNOWN_SCOPES, type SandboxApp } from './defaults.ts';
import { invalidScope } from './oauth-errors.ts';

/** Limits of the `scope` parameter, from the reference pages (2000 characters at the authorization endpoint). */
const MAX_SCOPES = 50;
const MAX_SCOPE_CHARACTERS = 3000;

/** Each scope once; none for an empty or absent text. */
export function splitScopes(text: string | null | undefined): string[] {
  return [...new Set((text ?? '').split(' ').filter((one) => one !== ''))];
}

/** The scopes of a `scope` parameter. Throws invalid_scope for unknown ones, too many, and what the app may not have. */
export function readScopes(text: string | null, app: SandboxApp, maxCharacters = MAX_SCOPE_CHARACTERS): string[] {
  const scopes = splitScopes(text);
  if (scopes.length > MAX_SCOPES || (text ?? '').length > maxCharacters) throw invalidScope();
  const allowed = app.allowedScopes;
  const known = scopes.every((one) => KNOWN_SCOPES.has(one) || one.startsWith('data:read:urn:'));
  if (!known || (allowed !== undefined && !isSubset(scopes, allowed))) throw invalidScope();
  return scopes;
}

/** The optional `scope` of a request that can only narrow what was granted. Throws invalid_scope. */
export function narrowScopes(text: string | null, granted: readonly string[]): readonly string[] {
  const wanted = splitScopes(text);
  if (!isSubset(wanted, granted)) throw invalidScope();
  return wanted.length === 0 ? granted : wanted;
}

export function isSubset(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one));
}
