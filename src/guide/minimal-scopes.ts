import type { Action, Connector } from '../connector/connector.ts';

export interface MinimalScopes {
  /** The least that the gate lets all the actions through with, sorted. */
  scopes: string[];
  /** What the provider's reference asks for besides, sorted. */
  provider_scopes: string[];
  actions: string[];
}

/** The least scopes for a set of actions: a scope that another needed one implies need not be asked for. */
export function minimalScopes(connector: Pick<Connector, 'scopes'>, actions: readonly Action[]): MinimalScopes {
  return leastScopes(
    actions.map(({ id, scopes, providerScopes }) => ({ id, scopes, provider_scopes: providerScopes })),
    (scope, other) => connector.scopes.get(scope)?.covers.has(other) ?? false,
  );
}

interface ScopedAction {
  id: string;
  scopes: readonly string[];
  provider_scopes: readonly string[];
}

/** The same of what the API tells. `implies`: whether whoever has one scope has another one too. */
export function leastScopes(
  actions: readonly ScopedAction[],
  implies: (scope: string, other: string) => boolean,
): MinimalScopes {
  const needed = new Set(actions.flatMap(({ scopes }) => scopes));
  const minimal = [...needed].filter((scope) => ![...needed].some((other) => other !== scope && implies(other, scope)));
  const further = new Set(actions.flatMap((action) => action.provider_scopes).filter((scope) => !needed.has(scope)));
  return { scopes: minimal.sort(), provider_scopes: [...further].sort(), actions: actions.map(({ id }) => id) };
}

/** What may stand between scopes, by the name that people choose it by. */
export const SCOPE_SEPARATORS = {
  space: ' ',
  comma: ',',
  semicolon: ';',
  pipe: '|',
  newline: '\n',
} as const;
export type ScopeSeparator = keyof typeof SCOPE_SEPARATORS;
