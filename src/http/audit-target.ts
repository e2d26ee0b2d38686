import { getAccount } from '../domain/account.ts';
import { getApiKey } from '../domain/api-key.ts';
import { getSession } from '../domain/connect-session.ts';
import { getProfile } from '../domain/connector-profile.ts';
import { getEndpoint } from '../domain/webhook-endpoint.ts';
import type { Store } from '../store/store.ts';

type NameOf = (store: Store, project: string, id: string) => Promise<string | null>;

const NAMES: Readonly<Record<string, NameOf>> = {
  account: async (store, project, id) => ownerOf(await getAccount(store, project, id)),
  api_key: async (store, project, id) => (await getApiKey(store, project, id)).name,
  connect_session: async (store, project, id) => ownerOf(await getSession(store, project, id)),
  connector_profile: async (store, project, id) => (await getProfile(store, project, id)).name,
  webhook_endpoint: async (store, project, id) => endpointName((await getEndpoint(store, project, id)).url),
};

/**
 * By which name people know a resource of a project; null for kinds that have none. Rejects with the problem that the
 * resource is not there.
 */
export async function targetName(store: Store, project: string, type: string, id: string): Promise<string | null> {
  return (await NAMES[type]?.(store, project, id)) ?? null;
}

function ownerOf({ owner_name, owner_id }: { owner_name: string | null; owner_id: string }): string {
  return owner_name ?? owner_id;
}

/** Of a URL only what names it: secrets stand in paths. */
export function endpointName(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
