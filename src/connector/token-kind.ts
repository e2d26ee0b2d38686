import type { Action } from './connector.ts';

/** Whether a way of authentication gives tokens of a kind that an action can use. Where it does not, no scope helps. */
export function givesTokenFor(
  { tokens }: { readonly tokens: Iterable<'app' | 'user'> },
  { token }: Pick<Action, 'token'>,
): boolean {
  return token === 'any' || [...tokens].includes(token);
}
