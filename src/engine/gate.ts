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
  tokenKind: 'app' | 'user';
  /** Scopes that the token is asked for: the action's own, and of the provider's further ones those that are granted. */
  scopes: string[];
  /** The provider's further ones that are not. */
  missingProviderScopes: string[];
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
  return { ...admitTokenKind(connector, action, profile), ...scopes };
}

function admitTokenKind(
  connector: Connector,
  action: Action,
  profile: ConnectorProfile,
): Pick<Admission, 'authentication' | 'tokenKind'> {
  const authentication = connector.authentication.get(profile.authentication);
  const available = [...(authentication?.tokens ?? [])];
  // On behalf of a person is what the provider shows most to; the app by itself is the way without one.
  const wanted = action.token === 'any' ? (['user', 'app'] as const) : [action.token];
  const tokenKind = wanted.find((kind) => available.includes(kind));
  if (authentication && tokenKind) return { authentication, tokenKind };
  const giving = [...connector.authentication.values()].filter(({ tokens }) => wanted.some((kind) => tokens.has(kind)));
  const kind = wanted.join(' or ');
  throw new Problem(
    'token_kind_unavailable',
    `${action.id} needs a token of the kind ${kind}, which connector profile ${profile.id} cannot give.`,
    {
      hint:
        giving.length > 0
          ? `Link the account under a connector profile with the authentication ${giving.map(({ id, label }) => `"${id}" (${label})`).join(' or ')}.`
          : `No authentication of ${connector.label} gives tokens of the kind ${kind} here.`,
      extra: {
        action: action.id,
        token: action.token,
        connector_profile: profile.id,
        authentication: profile.authentication,
        available,
      },
    },
  );
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

/** The scopes of a profile with everything that they imply. */
export function grantedScopes(connector: Connector, profile: Pick<ConnectorProfile, 'scopes'>): ReadonlySet<string> {
  return new Set(profile.scopes.flatMap((scope) => [...(connector.scopes.get(scope)?.covers ?? [scope])]));
}

function admitScopes(
  connector: Connector,
  action: Action,
  profile: ConnectorProfile,
): Pick<Admission, 'scopes' | 'missingProviderScopes'> {
  const granted = grantedScopes(connector, profile);
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
  return { scopes: wanted.size > 0 ? [...wanted] : [...profile.scopes], missingProviderScopes: furtherMissing };
}
