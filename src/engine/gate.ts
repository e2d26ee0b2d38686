import type { Action, Authentication, Connector } from '../connector/connector.ts';
import { givesTokenFor } from '../connector/token-kind.ts';
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
  const method = connector.authentication.get(profile.authentication);
  admitAccount(account, method);
  const ofProfile = scopesOf(connector, action, profile, null);
  if (ofProfile.missing.length > 0 && method && givesTokenFor(method, action))
    throw scopesMissing('operator', { connector, action, profile, account }, ofProfile);
  const token = admitTokenKind(connector, action, profile, account);
  const granted = token.tokenKind === 'user' ? account.granted_scopes : null;
  const ofGrant = granted ? scopesOf(connector, action, profile, granted) : ofProfile;
  if (ofGrant.missing.length > 0) throw scopesMissing('end_user', { connector, action, profile, account }, ofGrant);
  return { ...token, ...scopesToAsk(action, profile, ofGrant) };
}

/** The kinds of token that can be had for an account, and why the others of its method cannot. */
export interface TokenKinds {
  authentication: Authentication | undefined;
  available: ('app' | 'user')[];
  /** Of a kind that the method gives, what it lacks here. */
  lacking: { app?: 'client_secret'; user?: 'grant' };
}

/** App tokens need a client secret (RFC 6749 §4.4), a person's a grant; signed assertions are enough without either's. */
export function tokenKinds(
  connector: Connector,
  profile: TokenProfile,
  account: Pick<Account, 'linked_at'>,
): TokenKinds {
  const authentication = connector.authentication.get(profile.authentication);
  const lacking: TokenKinds['lacking'] = {};
  if (authentication?.tokens.has('app') && profile.client_secret === null) lacking.app = 'client_secret';
  if (authentication?.tokens.has('user') && authentication.grant !== 'jwt_bearer' && account.linked_at === null)
    lacking.user = 'grant';
  const available = [...(authentication?.tokens ?? [])].filter((kind) => lacking[kind] === undefined);
  return { authentication, available, lacking };
}

type TokenProfile = Pick<ConnectorProfile, 'authentication'> & { client_secret: unknown };

/** Which of the available kinds an action uses; undefined when none of them will do. */
export function tokenKindOf({ token }: Pick<Action, 'token'>, available: readonly ('app' | 'user')[]) {
  // On behalf of a person is what the provider shows most to; the app by itself is the way without one.
  const wanted = token === 'any' ? (['user', 'app'] as const) : [token];
  return wanted.find((kind) => available.includes(kind));
}

function admitTokenKind(
  connector: Connector,
  action: Action,
  profile: ConnectorProfile,
  account: Account,
): Pick<Admission, 'authentication' | 'tokenKind'> {
  const { authentication, available, lacking } = tokenKinds(connector, profile, account);
  const tokenKind = tokenKindOf(action, available);
  if (authentication && tokenKind) return { authentication, tokenKind };
  const kinds = action.token === 'any' ? (['user', 'app'] as const) : [action.token];
  const giving = [...connector.authentication.values()].filter((method) => givesTokenFor(method, action));
  const kind = kinds.join(' or ');
  const [lack] = kinds.flatMap((one) => lacking[one] ?? []);
  throw new Problem(
    'token_kind_unavailable',
    `${action.id} needs a token of the kind ${kind}, which connector profile ${profile.id} cannot give for account ${account.id}.`,
    {
      hint:
        lack === 'client_secret'
          ? `Connector profile ${profile.id} is a public client. An operator can set "client_secret" with PATCH /connector_profiles/${profile.id}.`
          : lack === 'grant'
            ? `Nobody has consented yet; ${howToMend(authentication, account)}`
            : giving.length > 0
              ? `Link the account under a connector profile with the authentication ${giving.map(({ id, label }) => `"${id}" (${label})`).join(' or ')}.`
              : `No authentication of ${connector.label} gives tokens of the kind ${kind} here.`,
      extra: {
        action: action.id,
        token: action.token,
        connector_profile: profile.id,
        authentication: profile.authentication,
        available,
        ...(lack !== undefined && { lacking: lack }),
      },
    },
  );
}

function admitAccount(account: Account, authentication: Authentication | undefined): void {
  // Not "status": that is the document's own member for the HTTP status (RFC 9457 §3.1.2).
  const extra = { account: account.id, account_status: account.status, status_reasons: account.status_reasons };
  if (account.status === 'reauth_required')
    throw new Problem('account_reauth_required', `Account ${account.id} must be linked again.`, {
      hint: `The grant is lost (see the status reasons); ${howToMend(authentication, account)}`,
      extra,
    });
  if (account.status !== 'active') {
    throw new Problem('account_inactive', `Account ${account.id} is ${account.status}.`, {
      hint: `An operator can resume it with POST /accounts/${account.id}/resume.`,
      extra,
    });
  }
}

/** The scopes of a profile with everything that they imply. */
export function grantedScopes(connector: Connector, profile: Pick<ConnectorProfile, 'scopes'>): ReadonlySet<string> {
  return withImplied(connector, profile.scopes);
}

function withImplied(connector: Connector, scopes: readonly string[]): ReadonlySet<string> {
  return new Set(scopes.flatMap((scope) => [...(connector.scopes.get(scope)?.covers ?? [scope])]));
}

/**
 * What of an action's needs a token of a kind does not have. App tokens have the profile's scopes. A person's have what the
 * person granted, where that is known, and of it what the profile has: an operator may narrow an account, never widen it.
 */
export function scopesOf(
  connector: Connector,
  { scopes }: Pick<Action, 'scopes'>,
  profile: Pick<ConnectorProfile, 'scopes'>,
  granted: readonly string[] | null,
): HeldScopes {
  const ofProfile = grantedScopes(connector, profile);
  const held = granted ? ofProfile.intersection(withImplied(connector, granted)) : ofProfile;
  return { held, missing: scopes.filter((scope) => !held.has(scope)) };
}

interface HeldScopes {
  held: ReadonlySet<string>;
  missing: string[];
}

function scopesToAsk(
  { scopes, providerScopes }: Action,
  profile: ConnectorProfile,
  { held }: HeldScopes,
): Pick<Admission, 'scopes' | 'missingProviderScopes'> {
  const wanted = new Set([...scopes, ...providerScopes.filter((scope) => held.has(scope))]);
  return {
    // A token endpoint wants some scope; an action that needs none can use whatever the profile has.
    scopes: wanted.size > 0 ? [...wanted] : [...profile.scopes],
    missingProviderScopes: providerScopes.filter((scope) => !held.has(scope)),
  };
}

function scopesMissing(
  grantedBy: 'operator' | 'end_user',
  { connector, action, profile, account }: Omit<GateQuestion, 'key'>,
  { held, missing }: HeldScopes,
): Problem {
  const names = missing.join(' ');
  const further = action.providerScopes.filter((scope) => !held.has(scope));
  const authentication = connector.authentication.get(profile.authentication);
  // A person is asked for the profile's scopes: first they have to stand there.
  const personal = authentication?.tokens.has('user') && authentication.grant !== 'jwt_bearer';
  const thenAgain = personal && action.token !== 'app' ? ` Then ${howToMend(authentication, account)}` : '';
  return new Problem(
    'scopes_missing',
    grantedBy === 'operator'
      ? `${action.id} needs ${action.scopes.join(' ')}; connector profile ${profile.id} lacks ${names}.`
      : `${action.id} needs ${action.scopes.join(' ')}; the grant of account ${account.id} lacks ${names}.`,
    {
      hint:
        grantedBy === 'operator'
          ? `An operator can add ${names} to "scopes" with PATCH /connector_profiles/${profile.id}, if the app has them at the provider.${thenAgain}`
          : `To have ${names} granted, ${howToMend(authentication, account)}`,
      extra: {
        action: action.id,
        missing_scopes: missing,
        ...(further.length > 0 && { missing_provider_scopes: further }),
        granted_by: grantedBy,
        connector_profile: profile.id,
        ...(grantedBy === 'end_user' && { account: account.id }),
      },
    },
  );
}

/** How the grant of an account is replaced. */
function howToMend(authentication: Authentication | undefined, { id }: Pick<Account, 'id'>): string {
  const again = `link the account again: POST /connect_sessions with "account_id": "${id}".`;
  switch (authentication?.grant) {
    case 'provided_token':
      return `replace the token with PUT /accounts/${id}/credential.`;
    case 'api_key':
      return `replace the key with PUT /accounts/${id}/credential, or ${again}`;
    default:
      return again;
  }
}
