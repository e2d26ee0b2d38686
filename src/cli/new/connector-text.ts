import { labelOf } from '../../openapi/names.ts';
import { schemaHeader } from './schema-header.ts';
import { flowText, memberText } from './yaml-text.ts';

export const AUTHENTICATION_KINDS = {
  client_credentials: 'OAuth 2.0: the app acts as itself, with client id and secret',
  authorization_code: 'OAuth 2.0: a person consents in the browser, the app acts on their behalf',
  api_key: 'every account brings an API key or a personal access token',
  jwt_bearer: 'OAuth 2.0: a signed assertion of a service account',
  provided_token: 'a token that was obtained elsewhere, checked by introspection',
} as const;
export type AuthenticationKind = keyof typeof AUTHENTICATION_KINDS;

export interface ConnectorWords {
  id: string;
  label: string;
  description: string;
  docs: string | undefined;
  /** By name; the first is that of requests which name none. */
  hosts: ReadonlyMap<string, string>;
  scopes: ReadonlyMap<string, string>;
  authentication: AuthenticationKind;
  tokenPath: string;
  authorizePath: string;
  introspectPath: string;
  /** Where the API key stands. */
  key: { in: 'basic' } | { in: 'header'; name: string; prefix: string | undefined };
}

/** A connector.yaml that can be loaded as it is and says what may be added. `file` is where it will stand. */
export function connectorText(words: ConnectorWords, file: string): string {
  const { id, label, description, docs, hosts, scopes } = words;
  return `${schemaHeader(file, 'connector')}# Every key is explained in docs/connector-format.md, and by an editor with a YAML language server.
# After every change: corbel validate, then corbel test ${id}.
${memberText('id', id)}version: 0.1.0
${memberText('label', label)}${memberText('description', description)}${docs === undefined ? '' : memberText('docs', docs)}
# Every host that may be called. Requests that name none go to the first.
hosts:
${[...hosts].map(([name, origin]) => memberText(name, origin, 2)).join('')}
# Every scope that an action may ask for, as the provider spells it.
${scopesText(scopes)}
authentication:
${methodText(words)}
# What a refusal says, as expressions over status, headers and body. The status alone decides about the rest;
# rules tell the cases apart where the provider uses one status for several:
#   rules:
#     - when: status = 403 and body.code = "not_enabled"
#       code: app_api_not_enabled
#       hint: Enable the API for the app, and wait a minute.
errors:
  code: body.code
  message: body.message
`;
}

function scopesText(scopes: ReadonlyMap<string, string>): string {
  if (scopes.size === 0) return 'scopes: {}\n';
  const lines = [...scopes].map(([scope, description]) => `  ${flowText(scope)}: ${flowText({ description })}\n`);
  return `scopes:\n${lines.join('')}`;
}

function methodText(words: ConnectorWords): string {
  const { authentication, tokenPath, authorizePath, introspectPath, hosts, key } = words;
  const [first = ''] = hosts.values();
  const endpoint = (name: string, path: string) => `    ${name}: ${flowText({ path })}\n`;
  const client = `${endpoint('token_endpoint', tokenPath)}    client_authentication: client_secret_basic\n`;
  switch (authentication) {
    case 'client_credentials':
      return `  - id: client_credentials
    label: OAuth 2.0 (client credentials)
    grant: client_credentials
${client}    # The tokens are the app's own. Actions that want a person's have "token: user".
    tokens: [app]
`;
    case 'authorization_code':
      return `  - id: oauth
    label: OAuth 2.0
    grant: authorization_code
${endpoint('authorization_endpoint', authorizePath)}${client}    # Who consented, where the provider can be asked:
    # identity: { path: /v1/me, subject: body.id, name: body.name, email: body.email }
    tokens: [user]
`;
    case 'api_key':
      return `  - id: api_key
    label: API key
    description: Every account brings a key of its own.
    grant: api_key
    placement: ${flowText(key.in === 'basic' ? { in: 'basic' } : { in: 'header', name: key.name, prefix: key.prefix })}
    # Whose key it is; a key for which this is refused is not taken:
    # identity: { path: /v1/me, subject: body.id, name: body.name, email: body.email }
`;
    case 'jwt_bearer':
      return `  - id: service_account
    label: Service account
    grant: jwt_bearer
${client}    assertion: ${flowText({ audience: `${first}${tokenPath}`, algorithm: 'RS256', life_s: 300 })}
    tokens: [user]
`;
    case 'provided_token':
      return `  - id: token
    label: Access token
    description: A token that was obtained elsewhere.
    grant: provided_token
${client}${endpoint('introspection_endpoint', introspectPath)}    tokens: [user]
`;
  }
}

/** A first file of actions, with one action that teaches. `file` is where it will stand. */
export function firstActionText(
  { id, path, scopes }: { id: string; path: string; scopes: readonly string[] },
  file: string,
): string {
  const things = id.split('_').slice(1).join(' ') || id;
  return `${schemaHeader(file, 'actions')}# One file for each resource. Its examples stand in ../examples under the same name: tests and documentation in one.
- id: ${id}
  label: ${labelOf(id)}
  description: ${things.charAt(0).toUpperCase()}${things.slice(1)} that the account can see.
  # What it does at the provider (read, create, update, delete, execute): decides whether a call may be repeated.
  effect: read
  # What the gate requires before anything is sent.
  scopes: ${flowText([...scopes])}
  token: any
  inputs:
    # Callers use these names; those of the provider stand in the request.
    name: { type: string, description: "Only those with this name" }
  request:
    method: GET
    path: ${path}
    query:
      # \${…} is an expression (JSONata). What evaluates to nothing is not sent.
      name: \${inputs.name}
  # How the list goes on; other styles are offset, page_number and link_header.
  pagination: { style: cursor, cursor: cursor, size: limit, max_size: 100, next: body.next_cursor }
  output:
    # Where the list is in the answer, and what each item becomes.
    list: body.data
    item: '{ "id": id, "name": name, "created_at": createdAt }'
    fields:
      id: { type: string }
      name: { type: string }
      created_at: { type: string, description: "ISO 8601" }
`;
}
