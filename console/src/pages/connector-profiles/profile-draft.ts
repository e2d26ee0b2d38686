import type { Credential } from '../../../../src/guide/next-sections.ts';
import type { NewProfileRequest, Profile, ProfileChangeRequest } from '../../api/connector-profiles.ts';

/** What the form of a profile holds. Secrets are here while they are typed, and nowhere else. */
export interface ProfileDraft {
  name: string;
  /** Undefined: what is there stays. */
  credentials: Partial<Record<Credential['name'], string>>;
  scopes: readonly string[];
  /** Null: all of the connector. */
  actions: readonly string[] | null;
}

export function draftOf(profile: Profile): ProfileDraft {
  const { name, client_id, service_account_id, key_id, scopes, actions } = profile;
  const shown = Object.entries({ client_id, service_account_id, key_id }).filter(([, value]) => value !== null);
  return { name, credentials: Object.fromEntries(shown), scopes, actions };
}

export function newProfileBody(connector: string, authentication: string, draft: ProfileDraft): NewProfileRequest {
  const { name, scopes, actions } = draft;
  return {
    name: name.trim(),
    connector,
    authentication,
    ...given(draft),
    scopes: [...scopes],
    actions: actions && [...actions],
  };
}

/** Only what differs; undefined when nothing does. */
export function profileChange(profile: Profile, draft: ProfileDraft): ProfileChangeRequest | undefined {
  const { name, scopes, actions } = draft;
  const credentials = Object.entries(given(draft)).filter(
    ([member, value]) => !(member in profile) || profile[member as keyof Profile] !== value,
  );
  const change: ProfileChangeRequest = {
    ...(name.trim() !== profile.name && { name: name.trim() }),
    ...Object.fromEntries(credentials),
    ...(!same(scopes, profile.scopes) && { scopes: [...scopes] }),
    ...(!same(actions, profile.actions) && { actions: actions && [...actions] }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** What is blank was not given. Pasted ids and secrets bring spaces along. */
function given({ credentials }: ProfileDraft): ProfileDraft['credentials'] {
  const entries = Object.entries(credentials).map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

function same(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  return new Set(one).symmetricDifference(new Set(other)).size === 0;
}
