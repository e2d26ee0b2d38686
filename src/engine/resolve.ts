import type { Action, Connector, Registry } from '../connector/connector.ts';
import { nearest } from '../connector/suggest.ts';
import { type Account, loadAccount } from '../domain/account.ts';
import { type ConnectorProfile, loadProfile } from '../domain/connector-profile.ts';
import { Problem } from '../problems.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Vault } from '../vault/vault.ts';

/** The action of a public id, or the problem `action_unknown` with the id that was probably meant. */
export function resolveAction(registry: Registry, id: string): { action: Action; connector: Connector } {
  const action = registry.actions.get(id);
  const connector = action && registry.connectors.get(action.connector);
  if (action && connector) return { action, connector };
  const near = nearest(id, registry.actions.keys());
  throw new Problem('action_unknown', `There is no action "${id.slice(0, 100)}".`, {
    ...(near !== undefined && { hint: `Did you mean "${near}"?`, extra: { did_you_mean: near } }),
  });
}

/** The account that a call names and its profile; from memory when warm. */
export async function resolveAccount(
  cache: RecordCache,
  vault: Vault,
  project: string,
  accountId: string,
  connector: Connector,
): Promise<{ account: Account; profile: ConnectorProfile }> {
  const account = await loadAccount(cache, project, accountId);
  if (!account) throw new Problem('account_not_found', 'There is no such account in this project.');
  if (account.connector !== connector.id) {
    throw new Problem('account_not_found', `The account is one of ${account.connector}, not of ${connector.id}.`);
  }
  const profile = await loadProfile(cache, vault, project, account.profile_id);
  if (!profile)
    throw new Problem('profile_disabled', `The connector profile of account ${account.id} does not exist any more.`);
  return { account, profile };
}
