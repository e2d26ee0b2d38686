import type { Connector } from '../connector/connector.ts';
import { givesTokenFor } from '../connector/token-kind.ts';
import type { Account } from '../domain/account.ts';
import type { PublicProfile } from '../domain/connector-profile.ts';
import { scopesOf, type TokenKinds, tokenKindOf, tokenKinds } from './gate.ts';

/** What an enabled action lacks. */
export interface RequiredScopes {
  action: string;
  missing_scopes: string[];
  /** Who can mend it: the scopes of the profile, or those of the person's consent. */
  granted_by: 'operator' | 'end_user';
}

export interface Requirements {
  kinds: TokenKinds;
  /** Only the actions that lack scopes. */
  required: RequiredScopes[];
  counts: {
    enabled: number;
    /** The gate lets them through. */
    allowed: number;
    scopes_missing: number;
    /** Their kind of token cannot be had. */
    token_kind_unavailable: number;
  };
}

/** The gate's answers for all enabled actions of an account, as far as scopes and kinds of token go. */
export function requirementsOf(
  connector: Connector,
  { has_client_secret, ...profile }: PublicProfile,
  account: Account,
): Requirements {
  const kinds = tokenKinds(connector, { ...profile, client_secret: has_client_secret ? true : null }, account);
  const required: RequiredScopes[] = [];
  const counts = { enabled: 0, allowed: 0, scopes_missing: 0, token_kind_unavailable: 0 };
  for (const action of connector.actions.values()) {
    if (profile.actions !== null && !profile.actions.includes(action.id)) continue;
    counts.enabled += 1;
    const kind = tokenKindOf(action, kinds.available);
    const ofProfile = scopesOf(connector, action, profile, null).missing;
    const ofGrant = kind === 'user' ? scopesOf(connector, action, profile, account.granted_scopes).missing : [];
    const [missing, grantedBy] =
      ofProfile.length > 0 ? ([ofProfile, 'operator'] as const) : ([ofGrant, 'end_user'] as const);
    if (missing.length > 0 && kinds.authentication && givesTokenFor(kinds.authentication, action)) {
      required.push({ action: action.id, missing_scopes: missing, granted_by: grantedBy });
      counts.scopes_missing += 1;
    } else if (kind === undefined) counts.token_kind_unavailable += 1;
    else counts.allowed += 1;
  }
  return { kinds, required, counts };
}
