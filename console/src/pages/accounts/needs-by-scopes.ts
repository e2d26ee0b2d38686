import type { CredentialView } from '../../api/accounts.ts';

type Required = CredentialView['required'][number];

/** Actions that lack the same scopes, which the same one can grant. */
export interface Need {
  key: string;
  scopes: readonly string[];
  grantedBy: Required['granted_by'];
  actions: string[];
}

/** What is missing by what would mend it, that for the most actions first. */
export function needsByScopes(required: readonly Required[]): Need[] {
  const needs = new Map<string, Need>();
  for (const { action, missing_scopes, granted_by } of required) {
    const key = `${granted_by} ${[...missing_scopes].sort().join(' ')}`;
    const need = needs.get(key) ?? { key, scopes: missing_scopes, grantedBy: granted_by, actions: [] };
    need.actions.push(action);
    needs.set(key, need);
  }
  return [...needs.values()].sort((one, other) => other.actions.length - one.actions.length);
}
