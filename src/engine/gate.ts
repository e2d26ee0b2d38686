import type { Action, Authentication, Connector } from '../connector/connector.ts';
import type { Account } from '../domain/account.ts';
import type { ApiKey } from '../domain/api-key.ts';
import type { ConnectorProfile } from '../domain/connector-profile.ts';
import { Problem } from '../problems.ts';

/** Everything that decides whether a call may go on. */
export interface GateQuestion {
  key: Pick<ApiKey, 'actions' | 'accounts'>;
  connector: Connector;
  action: Action;
  account: Account;
  profile: ConnectorProfile;
}

/** What the call may use. */
export interface Admission {
  authentication: Authentication;
  tokenKind: 'app';
  /** Scopes that the token is asked for: the action's own, and of the provider's further ones those that are granted. */
  scopes: string[];
}

/**
 * Lets a call through or refuses it, before any token is touched: `key_not_allowed`, `action_disabled`, `profile_disabled`,
 * `account_inactive`, `account_reauth_required`, `scopes_missing`, `token_kind_unavailable`. Pure.
 */
export function admit({ key, connector, action, account, profile }: GateQuestion): Admission {
  if (key.actions !== null && !key.actions.includes(action.id))
    throw new Problem('key_not_allowed', `This key may not call ${action.id}.`);
  if (key.accounts !== null && !key.accounts.includes(account.id))
    throw new Problem('key_not_allowed', `This key may not use ${account.id}.`);
  if (profile.actions !== null && !profile.actions.includes(action.id)) {
    throw new Problem('action_disabled', `${action.id} is not enabled on connector profile ${profile.id}.`, {
      hint: `An operator can add "${action.id}" to "actions" with PATCH /connector_profiles/${profile.id}.`,
      extra: { action: action.id, connector_profile: profile.id },
    });
  }
  if (!profile.enabled) {
    throw new Problem('profile_disabled', `Connector profile ${profile.id} is disabled.`, {
      hint: `An operator can set "enabled" with PATCH /connector_profiles/${profile.id}.`,
      extra: { connector_profile: profile.id },
    });
  }
  admitAccount(account);
  const scopes = admitScopes(connector, action, profile);
  const authentication = connector.authentication.get(profile.authentication);
  // Only the app grant exists so far; a user token needs a person's grant.
  if (!authentication?.tokens.has('app') || action.token === 'user') {
    throw new Problem(
      'token_kind_unavailable',
      `${action.id} needs a ${action.token} token, which connector profile ${profile.id} cannot give.`,
      {
        extra: { action: action.id, token: action.token, connector_profile: profile.id },
      },
    );
  }
  return { authentication, tokenKind: 'app', scopes };
}

function admitAccount(account: Account): void {
  // Not "status": that is the document's own member for the HTTP status (RFC 9457 §3.1.2).
  const extra = { account: account.id, account_status: account.status, status_reasons: account.status_reasons };
  if (account.status === 'reauth_required')
    throw new Problem('account_reauth_required', `Account ${account.id} must be linked again.`, { extra });
  if (account.status !== 'active') {
    throw new Problem('account_inactive', `Account ${account.id} is ${account.status}.`, {
      hint: `An operator can resume it with POST /accounts/${account.id}/resume.`,
      extra,
    });
  }
}

function admitScopes(connector: Connector, action: Action, profile: ConnectorProfile): string[] {
  const granted = new Set(profile.scopes.flatMap((scope) => [...(connector.scopes.get(scope)?.covers ?? [scope])]));
  const missing = action.scopes.filter((scope) => !granted.has(scope));
  const furtherMissing = action.providerScopes.filter((scope) => !granted.has(scope));
  if (missing.length > 0) {
    throw new Problem(
      'scopes_missing',
      `${action.id} needs ${action.scopes.join(' ')}; connector profile ${profile.id} lacks ${missing.join(' ')}.`,
      {
        hint: `An operator can add ${missing.join(' ')} to "scopes" with PATCH /connector_profiles/${profile.id}, if the app has them at the provider.`,
        extra: {
          action: action.id,
          missing_scopes: missing,
          ...(furtherMissing.length > 0 && { missing_provider_scopes: furtherMissing }),
          granted_by: 'operator',
          connector_profile: profile.id,
        },
      },
    );
  }
  const wanted = new Set([...action.scopes, ...action.providerScopes.filter((scope) => granted.has(scope))]);
  // A token endpoint wants some scope; an action that needs none can use whatever the profile has.
  return wanted.size > 0 ? [...wanted] : [...profile.scopes];
}
