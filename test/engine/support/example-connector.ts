/** A connector for tests: one host, a limited API, one app method. `more` goes below it at the top level. */
export function exampleConnector(more = ''): string {
  return `
id: example
label: Example
description: For tests.
hosts: { api: https://api.example }
scopes:
  a:read: { description: Read }
  a:write: { description: Write }
  b:read: { description: Read b }
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: { path: /token }
    client_authentication: client_secret_basic
    tokens: [app]
apis:
  limited:
    label: Limited
    rate_limits: [{ id: all, requests: 5, per_s: 60 }]
account_settings:
  region: { type: string, default: US }
  tenant: { type: string }
${more}`;
}
