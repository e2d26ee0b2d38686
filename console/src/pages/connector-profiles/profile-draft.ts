import type { Credential } from '../../../../src/guide/next-sections.ts';
import type { NewProfileRequest, Profile, ProfileChangeRequest } from '../../api/connector-profiles.ts';
import { isSame } from '../../drafts/rebase.ts';

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

/** Only what differs from what the draft began with; undefined when nothing does. */
export function profileChange(base: ProfileDraft, draft: ProfileDraft): ProfileChangeRequest | undefined {
  const { name, scopes, actions } = draft;
  const credentials = Object.entries(draft.credentials)
    .map(([member, value]) => [member, value.trim()] as const)
    // An empty secret is one that is about to be typed; an empty id is for the server to refuse.
    .filter(([member, value]) => value !== (base.credentials[member as Credential['name']] ?? ''));
  const change: ProfileChangeRequest = {
    ...(name.trim() !== base.name && { name: name.trim() }),
    ...Object.fromEntries(credentials),
    ...(!isSame(scopes, base.scopes) && { scopes: [...scopes] }),
    ...(!isSame(actions, base.actions) && { actions: actions && [...actions] }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** Without the secrets of `sent`, which the server has now. What was typed since stays. */
export function withoutSecrets(sent: ProfileDraft, draft: ProfileDraft): ProfileDraft {
  const credentials = Object.entries(draft.credentials).filter(
    ([name, value]) => !isSecret(name) || value !== sent.credentials[name as Credential['name']],
  );
  return { ...draft, credentials: Object.fromEntries(credentials) };
}

function isSecret(name: string): boolean {
  return name === 'client_secret' || name === 'private_key';
}

/** What is blank was not given. Pasted ids and secrets bring spaces along. */
function given({ credentials }: ProfileDraft): ProfileDraft['credentials'] {
  const entries = Object.entries(credentials).map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}
