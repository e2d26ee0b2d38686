import { type RulePage, shown } from './page.ts';

/** Of the rules about connector.yaml. */
export const CONNECTOR_PAGES = {
  CON001: {
    why: 'Public action ids begin with the id of the connector. That of the folder lets a person find the file of an action.',
    remedy: 'Give the folder the name of the id, or the id the name of the folder.',
    ...shown('connector', 'id: «acne\n', 'id: acme\n'),
  },
  CON002: {
    why: 'Requests go only to hosts that the connector declares, so that a reader of one file knows where data goes.',
    remedy: 'Name one of the hosts of connector.yaml, or declare it there.',
    ...shown(
      'connector',
      `
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {host: «auth, path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
`,
      `
hosts: {api: "https://api.acme.example", auth: "https://auth.acme.example"}
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {host: auth, path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
`,
    ),
  },
  CON003: {
    why: 'Callers act on codes. A rule can only tell which refusal of the provider an answer is, not make up a code, nor use one that Corbel gives before anything is sent.',
    remedy:
      'Take a code of refusals by providers, such as provider_forbidden, provider_not_found or provider_rate_limited.',
    ...shown(
      'connector',
      `
errors:
  rules:
    - when: status = 403
      code: «provider_forbiden
`,
      `
errors:
  rules:
    - when: status = 403
      code: provider_forbidden
`,
    ),
  },
  CON004: {
    why: 'What a scope implies decides which calls the gate lets through. A scope that implies itself would imply everything on the way.',
    remedy: 'Name scopes of the catalogue, and remove one inclusion of the circle.',
    ...shown(
      'connector',
      `
scopes:
  «things:read: {description: Read things, includes: ["things:write"]}
  things:write: {description: Change things, includes: ["things:read"]}
`,
      `
scopes:
  things:read: {description: Read things}
  things:write: {description: Change things, includes: ["things:read"]}
`,
    ),
  },
  CON005: {
    why: 'Connector profiles name the authentication that they were made for.',
    remedy: 'Give each authentication an id of its own.',
    ...shown(
      'connector',
      `
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
  - id: «app
    label: Another app
    grant: client_credentials
    token_endpoint: {path: /other/token}
    client_authentication: client_secret_basic
    tokens: [app]
`,
      `
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
  - id: other_app
    label: Another app
    grant: client_credentials
    token_endpoint: {path: /other/token}
    client_authentication: client_secret_basic
    tokens: [app]
`,
    ),
  },
  CON006: {
    why: 'An API gives its requests headers, a content type and rate limits. Without them a call would be refused, or too fast.',
    remedy: 'Name one of the apis of connector.yaml, or declare it there.',
    ...shown(
      'connector',
      `
apis:
  things: {label: Things}
diagnosis:
  - id: reachable
    label: Things can be read.
    remedy: Ask for access.
    api: «thing
    scopes: ["things:read"]
    request: {method: GET, path: /things}
`,
      `
apis:
  things: {label: Things}
diagnosis:
  - id: reachable
    label: Things can be read.
    remedy: Ask for access.
    api: things
    scopes: ["things:read"]
    request: {method: GET, path: /things}
`,
    ),
  },
  CON007: {
    why: 'Each request counts against one limit. Of two that could be meant, the wrong one would let too many requests through.',
    remedy: 'Name an endpoint in one limit only, and leave out `endpoints` in one limit at most.',
    ...shown(
      'connector',
      `
apis:
  things:
    label: Things
    rate_limits:
      - {id: reads, requests: 300, per_s: 60, endpoints: ["GET /things/{}"]}
      - {id: slow, requests: 10, per_s: 60, endpoints: [«"GET /things/{id}"]}
`,
      `
apis:
  things:
    label: Things
    rate_limits:
      - {id: reads, requests: 300, per_s: 60, endpoints: ["GET /things/{}"]}
      - {id: slow, requests: 10, per_s: 60, endpoints: ["POST /things"]}
`,
    ),
  },
  CON008: {
    why: 'Checks are done in their order: one that needs a later one could never be done.',
    remedy: 'Move the check behind those that it needs, and give each an id of its own.',
    ...shown(
      'connector',
      `
diagnosis:
  - {id: reachable, label: Things can be read., remedy: Ask for access., needs: [«token], not_checked: Look yourself.}
  - {id: token, label: A token can be had., remedy: Look at the secret., token: app}
`,
      `
diagnosis:
  - {id: token, label: A token can be had., remedy: Look at the secret., token: app}
  - {id: reachable, label: Things can be read., remedy: Ask for access., needs: [token], not_checked: Look yourself.}
`,
    ),
  },
  CON009: {
    why: 'A check is left out for accounts that lack a setting which it needs. One that does not say so would fail for them, and give a remedy that does not help.',
    remedy: 'Name the setting in needs_settings, or declare it in account_settings.',
    ...shown(
      'connector',
      `
account_settings:
  thing_id: {type: string}
diagnosis:
  - id: thing
    label: The thing is there.
    remedy: Make it.
    scopes: ["things:read"]
    request: {method: GET, path: "/things/«{thing_id}"}
`,
      `
account_settings:
  thing_id: {type: string}
diagnosis:
  - id: thing
    label: The thing is there.
    remedy: Make it.
    scopes: ["things:read"]
    needs_settings: [thing_id]
    request: {method: GET, path: "/things/{thing_id}"}
`,
    ),
  },
  CON010: {
    why: 'A header that is set twice is sent once. Which of the two it would be, the key or the other value, nobody should have to guess.',
    remedy: 'Give the key a header of its own, or remove the declared one; for Authorization see `placement`.',
    ...shown(
      'connector',
      `
authentication:
  - {id: app, label: Key, grant: api_key, placement: {in: header, name: «X-Api-Key}}
  - id: client
    label: Client
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
defaults:
  headers: {x-api-key: none}
`,
      `
authentication:
  - {id: app, label: Key, grant: api_key, placement: {in: header, name: X-Api-Key}}
  - id: client
    label: Client
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
`,
    ),
  },
  CON011: {
    why: 'Nobody gives scopes with a key. Where the provider tells them at all, it is in the answer about whose key it is.',
    remedy: 'Declare identity, the request about whose key it is, or remove granted_scopes.',
    ...shown(
      'connector',
      `
authentication:
  - id: key
    label: Key
    grant: api_key
    placement: {in: header, name: X-Api-Key}
    «granted_scopes: body.scopes
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
`,
      `
authentication:
  - id: key
    label: Key
    grant: api_key
    placement: {in: header, name: X-Api-Key}
    identity: {path: /me, subject: body.id}
    granted_scopes: body.scopes
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
`,
    ),
  },
  CON012: {
    why: 'A key is stored: to have it says nothing about whether the provider still takes it. The check asks whose key it is, and without an identity there is nothing to ask, so that it would pass for a key that was withdrawn long ago.',
    remedy: 'Declare identity, the request about whose key it is, or make the check a request that needs the key.',
    ...shown(
      'connector',
      `
authentication:
  - {id: app, label: Key, grant: api_key, placement: {in: header, name: X-Api-Key}}
  - id: client
    label: Client
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
diagnosis:
  - {id: key, label: The key is accepted., remedy: Make a new one., token: «user}
`,
      `
authentication:
  - id: app
    label: Key
    grant: api_key
    placement: {in: header, name: X-Api-Key}
    identity: {path: /me, subject: body.id}
  - id: client
    label: Client
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
diagnosis:
  - {id: key, label: The key is accepted., remedy: Make a new one., token: user}
`,
    ),
  },
} as const satisfies Record<string, RulePage>;
