import type { Action, Authentication, Connector } from '../../connector/connector.ts';
import { nearest } from '../../connector/suggest.ts';
import { givesTokenFor } from '../../connector/token-kind.ts';
import type { Account } from '../../domain/account.ts';
import { type ConnectorProfile, checkProfile } from '../../domain/connector-profile.ts';
import { Secret } from '../../secret.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

/** What a call is assumed to come with. */
export interface Assumption {
  /** One of the connector's methods; the best one for the action if not given. */
  readonly auth: string | undefined;
  /** Of the profile; all of the catalogue if not given. */
  readonly scopes: readonly string[] | undefined;
  /** Enabled actions, by public id; all if not given. */
  readonly actions: readonly string[] | undefined;
}

// Refusals name them; nobody has such ids.
const PROFILE_ID = 'PROFILE';
const ACCOUNT_ID = 'ACCOUNT';

/** A profile as assumed. Throws {@link CommandFailure} (usage) for what the connector does not know. */
export function assumedProfile(connector: Connector, action: Action, assumption: Assumption): ConnectorProfile {
  const authentication = methodOf(connector, action, assumption.auth);
  const scopes = [...(assumption.scopes ?? connector.scopes.keys())];
  const actions = assumption.actions?.map((name) => publicId(connector, name)) ?? null;
  const [fault] = checkProfile(connector, { authentication: authentication.id, scopes, actions });
  if (fault) {
    const [, kind, index] = fault.path.split('/');
    const given = kind === 'scopes' ? scopes[Number(index)] : actions?.[Number(index)];
    throw new CommandFailure(EXIT.usage, `"${given}" ${fault.message}`);
  }
  const never = new Date(0).toISOString();
  return {
    id: PROFILE_ID,
    name: PROFILE_ID,
    connector: connector.id,
    authentication: authentication.id,
    client_id: 'CLIENT_ID',
    client_secret: new Secret('assumed'),
    service_account_id: 'SERVICE_ACCOUNT',
    key_id: 'KEY',
    private_key: new Secret('assumed'),
    scopes,
    actions,
    enabled: true,
    created_at: never,
    updated_at: never,
    generation: 1,
  };
}

/** An account that is linked and active. */
export function assumedAccount(connector: Connector, settings: Record<string, unknown>): Account {
  const never = new Date(0).toISOString();
  return {
    id: ACCOUNT_ID,
    profile_id: PROFILE_ID,
    connector: connector.id,
    owner_id: 'OWNER',
    owner_name: null,
    settings,
    status: 'active',
    status_reasons: [],
    status_history: [],
    identity: null,
    granted_scopes: null,
    linked_at: never,
    created_at: never,
    updated_at: never,
  };
}

/** The method that is named, else the first that gives the kind of token that the action wants. */
function methodOf({ id, authentication }: Connector, action: Action, named: string | undefined): Authentication {
  const methods = [...authentication.values()];
  if (named === undefined) {
    const best = methods.find((method) => givesTokenFor(method, action)) ?? methods[0];
    if (best) return best;
    throw new CommandFailure(EXIT.found, `${id} has no authentication.`);
  }
  const method = authentication.get(named);
  if (method) return method;
  const near = nearest(named, authentication.keys());
  throw new CommandFailure(
    EXIT.usage,
    `${id} has no authentication "${named}"${near === undefined ? '' : ` — did you mean "${near}"?`}`,
    `It has ${[...authentication.keys()].join(', ')}.`,
  );
}

function publicId({ id, actions }: Connector, name: string): string {
  const tried = [name, name.replace('.', '_'), `${id}_${name}`];
  return tried.find((one) => actions.has(one)) ?? name;
}
