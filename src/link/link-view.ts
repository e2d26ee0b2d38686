import type { Authentication, Connector, JsonSchema } from '../connector/connector.ts';
import type { ConnectSession } from '../domain/connect-session.ts';

/** What the page tells a person before anything is linked. Names only: nobody is signed in yet. */
export interface LinkView {
  workspace: string;
  owner: string;
  connector: { id: string; label: string; description: string };
  /** Whether a person consents at the provider; else the page only asks for the settings, and for a key where one is needed. */
  consent: boolean;
  /** The key that the page asks for: what it is called at the provider, and how one gets it. */
  api_key: { label: string; description: string | null } | null;
  /** Where the person goes to consent. */
  provider_host: string | null;
  scopes: { id: string; description: string }[];
  /** The form: JSON Schemas of single values, with the values it begins with. */
  settings: { name: string; schema: JsonSchema; required: boolean; value: unknown }[];
  relink: boolean;
  allow_identity_change: boolean;
  popup_origin: string | null;
  expires_at: string;
}

const ASKED_TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'number', 'boolean']);

/** Whether the page asks for a setting. Lists and objects are for backends to give: a form for them is one for developers. */
export function isAsked(connector: Connector, name: string): boolean {
  const { properties = {} } = connector.accountSettings.schema as { properties?: Record<string, JsonSchema> };
  return ASKED_TYPES.has(properties[name]?.type);
}

export function linkView(
  session: ConnectSession,
  workspace: string,
  connector: Connector,
  authentication: Authentication,
  scopes: readonly string[],
): LinkView {
  const { properties = {}, required = [] } = connector.accountSettings.schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  const { id, label, description } = connector;
  const consent = authentication.grant === 'authorization_code';
  return {
    workspace,
    owner: session.owner_name ?? session.owner_id,
    connector: { id, label, description },
    consent,
    api_key:
      authentication.grant === 'api_key'
        ? { label: authentication.label, description: authentication.description ?? null }
        : null,
    provider_host: consent ? (authentication.authorizationEndpoint?.host ?? null) : null,
    scopes: scopes.map((scope) => ({ id: scope, description: connector.scopes.get(scope)?.description ?? scope })),
    settings: Object.entries(properties)
      .filter(([name]) => isAsked(connector, name))
      .map(([name, schema]) => ({
        name,
        schema,
        required: required.includes(name),
        value: session.settings[name] ?? schema.default ?? null,
      })),
    relink: session.relink,
    allow_identity_change: session.allow_identity_change,
    popup_origin: session.popup_origin,
    expires_at: session.expires_at,
  };
}
